/** What shape each output of a model has for one example. */
import type { layers } from "./tf.ts";

/** Of a layer's output, null for a size that depends on the input. */
export type OutputShape = readonly (number | null)[];

/** The shapes as a LayersModel tells them. */
export function shapesOfLayers({ outputs }: layers.LayersModel): OutputShape[] {
  return outputs?.map(({ shape }) => shape.slice(1)) ?? [];
}
