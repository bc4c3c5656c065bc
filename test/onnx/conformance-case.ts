/** One row of the conformance suite: a model, its loss and a minibatch, and how they are to be compared. */
import type { Loss } from "../../src/tfjs/losses.ts";
import type { ModelFunction } from "../../src/tfjs/model-function.ts";
import { layers, type tf } from "../../src/tfjs/tf.ts";
import type { ExampleType } from "../../src/tfjs/trace.ts";

export interface ConformanceSubject {
  readonly model: layers.LayersModel | ModelFunction;
  /** What a function model trains; disposed after the test. */
  readonly variables?: readonly tf.Variable[];
  readonly loss: Loss;
  readonly features: readonly ExampleType[];
  readonly labels: readonly ExampleType[];
  readonly batchSize: number;
}

export interface ConformanceCase {
  /** Distinct within the suite. */
  readonly name: string;
  readonly make: () => ConformanceSubject;
  /** Labels, and features that are integers, are drawn from 0 … classes − 1; default 2. */
  readonly classes?: number;
  /** Features 0 and 1, weights −1, 0 and 1: exact arithmetic, and ties wherever there is a maximum. */
  readonly integers?: boolean;
  /** Why the `cpu` backend of TF.js cannot be compared with; the interpreter always is. */
  readonly notTensorflow?: string;
}

export const float = (...shape: number[]): ExampleType => ({ shape, dtype: "float32" });
export const int = (...shape: number[]): ExampleType => ({ shape, dtype: "int32" });

/** A model of the given layers; the first one needs an input shape. Mean squared error unless told otherwise. */
export function network(
  features: ExampleType,
  batchSize: number,
  parts: layers.layers.Layer[],
  loss: Loss = "meanSquaredError",
  labels?: readonly ExampleType[],
): ConformanceSubject {
  const model = layers.sequential({
    layers: [layers.layers.inputLayer({ inputShape: [...features.shape], dtype: features.dtype }), ...parts],
  });
  const shape = model.outputs[0].shape.slice(1) as number[];
  return { model, loss, features: [features], labels: labels ?? [{ shape, dtype: "float32" }], batchSize };
}
