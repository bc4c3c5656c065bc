/**
 * Counts right answers: predictions `[B, ...]` against labels, by the form that the labels have.
 */

import type { Column } from "../data/dataset.ts";

/** Which comparison fits a label column; `null` where accuracy has no meaning (regression). */
export type AccuracyKind = "class-index" | "one-hot" | "binary" | null;

/**
 * Chooses the comparison from the shapes of one example and the loss.
 *
 * @param labels Of what an output is compared with, undefined for nothing: int32 for class indices, [] or [T] one for
 *   each of T steps; [C] one-hot; [1] or [] with one logit binary.
 * @param predictions Shape of one prediction.
 * @param loss Name of the loss, or null for a function of the user's.
 */
export function accuracyKind(
  labels: Pick<Column, "dtype" | "shape"> | undefined,
  predictions: readonly number[],
  loss: string | null,
): AccuracyKind {
  if (labels === undefined) return null;
  const { dtype, shape } = labels;
  const width = predictions.reduce((a, b) => a * b, 1);
  const labelWidth = shape.reduce((a, b) => a * b, 1);
  if (loss === "meanSquaredError" || loss === "absoluteDifference") return null;
  const [classes = 1] = predictions.slice(shape.length);
  if (dtype === "int32" && classes > 1 && `${predictions}` === `${[...shape, classes]}`) return "class-index";
  if (width > 1 && labelWidth === width && loss === "softmaxCrossEntropy") return "one-hot";
  if (width === labelWidth && (loss === "sigmoidCrossEntropy" || loss === "hinge")) return "binary";
  return null;
}

/**
 * Number of right answers among the first `count` examples; of several outputs of an example each counts as its share.
 *
 * @param predictions Logits, `[B, width]`, or `[B, T, C]` for T class indices. @param labels `[B]`, `[B, T]` or `[B, width]`.
 */
export function countCorrect(
  kind: Exclude<AccuracyKind, null>,
  predictions: Float32Array,
  labels: Float32Array | Int32Array,
  count: number,
): number {
  if (kind === "class-index") return countIndices(predictions, labels, count);
  const width = predictions.length / count;
  let correct = 0;
  for (let example = 0; example < count; example++) {
    const from = example * width;
    if (kind === "binary") {
      // A logit above 0 says 1; labels are 0/1.
      for (let i = from; i < from + width; i++)
        if (predictions[i] > 0 === labels[i] > 0.5) correct += 1 / width;
    } else {
      if (argmax(predictions, from, width) === argmax(labels, from, width)) correct++;
    }
  }
  return correct;
}

function countIndices(predictions: Float32Array, labels: Float32Array | Int32Array, count: number): number {
  const classes = predictions.length / labels.length;
  let correct = 0;
  for (const [i, label] of labels.entries())
    if (argmax(predictions, i * classes, classes) === label) correct++;
  return (correct * count) / labels.length;
}

function argmax(values: ArrayLike<number>, from: number, width: number): number {
  let best = 0;
  for (let i = 1; i < width; i++) if (values[from + i] > values[from + best]) best = i;
  return best;
}
