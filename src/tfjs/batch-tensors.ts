/** The columns of a minibatch as code of the user's sees them. */
import type { tf } from "./tf.ts";

/**
 * Columns of a minibatch, `[B, ...]` each: a tensor where there is one column, a list of tensors where there are several.
 * The type is both, so that a function may take whichever it expects.
 */
export type BatchTensors = tf.Tensor & readonly tf.Tensor[];

/** Columns as a function of the user's gets them. */
export function together(columns: readonly tf.Tensor[]): BatchTensors {
  return (columns.length === 1 ? columns[0] : columns) as BatchTensors;
}
