/** The loss of a model for which no one gave one: what its last activations and the labels leave. */
import type { Column } from "../data/dataset.ts";
import { cannot, YfError } from "../errors.ts";
import type { Loss, LossName } from "../tfjs/losses.ts";
import type { TracedOutput } from "../tfjs/traced-outputs.ts";

/** A loss, and the sentence that tells people of it. */
export interface ChosenLoss {
  readonly loss: Loss;
  readonly note: string;
}

/**
 * Chooses the loss of each output: behind a softmax a categorical cross entropy, sparse for class indices; behind a sigmoid
 * the binary one for labels in [0, 1]; else, for class indices alone, the one that takes logits.
 *
 * @param labels In the order of the outputs. @throws {YfError} `BAD_LOSS` where none of these fits.
 */
export function chooseLoss(labels: readonly Column[], outputs: readonly TracedOutput[]): ChosenLoss {
  const chosen = labels.map((column, i) =>
    chosenFor(column, outputs.length === labels.length ? outputs[i] : null),
  );
  const names = chosen.map(({ name }) => name);
  const isOne = new Set(names).size === 1;
  return {
    loss: isOne ? names[0] : names,
    note: `No loss is given: ${chosen.map(({ name, reason }) => `${name} ${reason}`).join(", ")}`,
  };
}

interface ChosenName {
  readonly name: LossName;
  readonly reason: string;
}

function chosenFor(labels: Column, output: TracedOutput | null): ChosenName {
  const { activation, shape } = output ?? { activation: null, shape: [] };
  if (activation === null) {
    if (labels.dtype !== "int32") throw refused(labels, null);
    return { name: "sparseSoftmaxCrossEntropy", reason: "of class indices and logits" };
  }
  const where = `behind the ${activation.kind}${activation.layer === null ? "" : ` of layer ${activation.layer}`}`;
  const places = shape.slice(0, -1);
  const isIndex = labels.dtype === "int32" && [`${places}`, `${[...places, 1]}`].includes(`${labels.shape}`);
  const isLike = sizeOf(labels.shape) === sizeOf(shape);
  if (activation.kind === "softmax" && isIndex) {
    return { name: "sparseCategoricalCrossentropy", reason: `of class indices ${where}` };
  }
  if (activation.kind === "softmax" && isLike) {
    return { name: "categoricalCrossentropy", reason: `of one-hot rows ${where}` };
  }
  if (activation.kind === "sigmoid" && isLike && outsideOfShares(labels) < 0) {
    return { name: "binaryCrossentropy", reason: `of labels in [0, 1] ${where}` };
  }
  throw refused(labels, `${where}, of shape [${shape.join(", ")}]`);
}

const sizeOf = (shape: readonly (number | null)[]) =>
  shape.reduce<number>((product, size) => product * (size ?? 1), 1);

/** Index of the first label outside of [0, 1]; −1 for none. */
function outsideOfShares({ data, offset, scale }: Column): number {
  return data.findIndex((stored) => {
    const label = scale * stored + offset;
    return !(label >= 0 && label <= 1);
  });
}

/** @param where The activation that the labels do not fit; null for none. */
function refused(labels: Column, where: string | null): YfError {
  const { data, dtype, shape } = labels;
  const types = `${dtype} labels of shape [${shape.join(", ")}]`;
  const isScalar = shape.length === 0 || `${shape}` === "1";
  const other = isScalar ? data.findIndex((label) => !(Number.isInteger(label) && label >= 0)) : -1;
  const first = other < 0 ? types : `${data[other]} at index ${other}`;
  const rule =
    "must be given where labels are no class indices, integers ≥ 0 (meanSquaredError for numbers, softmaxCrossEntropy for one-hot vectors)";
  return new YfError(
    "BAD_LOSS",
    where === null
      ? cannot("choose a loss", rule, first)
      : cannot(
          "choose a loss",
          "must be given where labels do not fit the last activation (meanSquaredError for numbers)",
          `${types} ${where}`,
        ),
    { dtype, shape },
  );
}
