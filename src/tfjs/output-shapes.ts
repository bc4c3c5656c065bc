/** What shape each output of a model has for one example. */
import type { ModelFunction } from "./model-function.ts";
import { type layers, tf } from "./tf.ts";
import { type TraceOptions, trace } from "./trace.ts";

/** Of a layer's output, null for a size that depends on the input. */
export type OutputShape = readonly (number | null)[];

/** The shapes as a LayersModel tells them. */
export function shapesOfLayers({ outputs }: layers.LayersModel): OutputShape[] {
  return outputs?.map(({ shape }) => shape.slice(1)) ?? [];
}

/**
 * The shapes of what a function gives for the features of a minibatch, found by tracing it.
 *
 * @throws {YfError} As `trace()`, if it cannot be traced.
 */
export function shapesOfFunction(
  model: ModelFunction,
  given: Pick<TraceOptions, "batchSize" | "features" | "variables">,
): OutputShape[] {
  const graph = trace({
    ...given,
    model,
    // A trace has a loss; here nothing reads it.
    loss: () => tf.scalar(0),
    labels: [],
    training: false,
  });
  return graph.outputs.predictions.map((value) => graph.values[value].shape.slice(1));
}
