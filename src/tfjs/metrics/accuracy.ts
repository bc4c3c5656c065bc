/** Which accuracy has a meaning for an output, by its shape, its labels and its loss. */
import type { Column } from "../../data/dataset.ts";
import { fullLossName, type LossName, takesClassIndices, takesOneHot, thresholdOfYes } from "../losses.ts";
import type { MetricName } from "./metric.ts";

/** How right answers of an output are told. */
export interface Accuracy {
  readonly metric: Extract<MetricName, `${string}Accuracy`>;
  /** Of a yes in binary answers: 0.5 where predictions are probabilities, 0 where they are logits or margins. */
  readonly threshold: number;
}

/**
 * Chooses the accuracy of one output.
 *
 * @param labels Of one example, undefined where the output is compared with nothing: class indices `[...]` or `[..., 1]`,
 *   one-hot rows `[..., C]`, or answers.
 * @param predictions Shape of one prediction: `[..., C]`, or that of the answers.
 * @param loss Name of the loss, or null for a function of the user's, which may compare int32 labels as class indices.
 * @returns Null where accuracy has no meaning (regression).
 */
export function accuracyOf(
  labels: Pick<Column, "dtype" | "shape"> | undefined,
  predictions: readonly number[],
  loss: LossName | null,
): Accuracy | null {
  if (labels === undefined) return null;
  const { dtype, shape } = labels;
  const places = predictions.slice(0, -1);
  const classes = predictions.at(-1) ?? 1;
  const name = loss === null ? null : fullLossName(loss);
  const isIndex = name === null ? dtype === "int32" : takesClassIndices(name);
  if (isIndex && classes > 1 && [`${places}`, `${[...places, 1]}`].includes(`${shape}`)) {
    return { metric: "sparseCategoricalAccuracy", threshold: 0 };
  }
  if (name === null || sizeOf(shape) !== sizeOf(predictions)) return null;
  if (takesOneHot(name) && classes > 1) return { metric: "categoricalAccuracy", threshold: 0 };
  const threshold = thresholdOfYes(name);
  return threshold === null ? null : { metric: "binaryAccuracy", threshold };
}

const sizeOf = (shape: readonly number[]) => shape.reduce((product, size) => product * size, 1);
