/** What the labels of a task stand for, which its loss and the outputs of its model decide. */
import type { LabelKinds } from "../data/label-kind.ts";
import { outputNames } from "../tfjs/column-names.ts";
import { type Loss, type OutputLoss, takesClassIndices } from "../tfjs/losses.ts";
import { type OutputShape, shapesOfLayers } from "../tfjs/output-shapes.ts";
import type { layers } from "../tfjs/tf.ts";

/** The outputs of a model, as far as they are known. */
export interface Outputs {
  readonly names: readonly (string | undefined)[];
  readonly shapes: readonly OutputShape[];
  /** Whether an output `[B]` is one number for each example, as functions may give; layers have it of size 1. */
  readonly mayBeScalar: boolean;
}

export function outputsOfLayers(model: layers.LayersModel): Outputs {
  return { names: outputNames(model), shapes: shapesOfLayers(model), mayBeScalar: false };
}

/** Whether a loss, or that of one output, is a function of the user's. */
export function hasFunction(loss: Loss | null): boolean {
  const ofOne = (one: Loss | OutputLoss) =>
    typeof (typeof one === "object" && "loss" in one ? one.loss : one) === "function";
  return loss !== null && (ofOne(loss) || (typeof loss === "object" && Object.values(loss).some(ofOne)));
}

/**
 * What the loss of each column of labels takes. Every built-in one but those for class indices takes numbers; so does a
 * function where the output that it is for is one number, which tells no classes apart.
 */
export function labelKinds(loss: Loss | null, known: Outputs | null): LabelKinds {
  const { mayBeScalar, names, shapes } = known ?? { mayBeScalar: false, names: [], shapes: [] };
  return (index, name = names[index]) => {
    // Columns by name may be in another order than the outputs, which a list of losses is in.
    const place = name !== undefined && names.includes(name) ? names.indexOf(name) : index;
    const one = lossOf(loss ?? "sparseSoftmaxCrossEntropy", place, name);
    if (typeof one === "string") return takesClassIndices(one) ? "class" : "value";
    // A function of all outputs compares them with the labels as it likes.
    const isOfOne = typeof loss !== "function" || shapes.length === 1;
    const shape = shapes[place];
    const isNumber = `${shape}` === "1" || (mayBeScalar && shape?.length === 0);
    return isOfOne && isNumber ? "value" : "class";
  };
}

function lossOf(loss: Loss, index: number, name: string | undefined): OutputLoss | undefined {
  if (typeof loss !== "object") return loss;
  const byName = loss as Readonly<Record<string, OutputLoss | undefined>>;
  const one = Array.isArray(loss) ? (loss as readonly OutputLoss[])[index] : byName[name ?? ""];
  return typeof one === "object" ? one.loss : one;
}
