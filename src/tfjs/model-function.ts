/** A model that is a function over variables. */
import type { BatchTensors } from "./batch-tensors.ts";
import type { tf } from "./tf.ts";

/** A model as a function: features `[B, ...]` to predictions `[B, ...]`, a list of them where it has several outputs. */
export type ModelFunction = (features: BatchTensors, training: boolean) => tf.Tensor | readonly tf.Tensor[];
