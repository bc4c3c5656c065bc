/** The arrays that an engine reads and writes, allocated once: private to its thread, which native runtimes ask for. */
import type { TensorType } from "../graph/graph.ts";
import type { GradientEngine, Program } from "./engine.ts";

export type EngineBuffers = Pick<
  GradientEngine,
  "features" | "labels" | "parameters" | "gradient" | "predictions"
>;

export function allocateBuffers(program: Program): EngineBuffers {
  const { features, labels, parameterCount, predictions, training } = program;
  return {
    features: arrayFor(features),
    labels: arrayFor(labels),
    parameters: new Float32Array(parameterCount),
    gradient: new Float32Array(training ? parameterCount : 0),
    predictions: new Float32Array(training ? 0 : sizeOf(predictions)),
  };
}

function arrayFor(type: TensorType): Float32Array | Int32Array {
  return type.dtype === "float32" ? new Float32Array(sizeOf(type)) : new Int32Array(sizeOf(type));
}

function sizeOf({ shape }: TensorType): number {
  return shape.reduce((product, size) => product * size, 1);
}
