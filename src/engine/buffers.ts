/** The arrays that an engine reads and writes: the caller's, or allocated once where nothing moves them. */
import type { TensorType } from "../graph/graph.ts";
import type { ColumnBuffer, EngineBuffers, GivenBuffers, ProgramInterface } from "./engine.ts";

export function allocateBuffers(program: ProgramInterface, given: GivenBuffers = {}): EngineBuffers {
  const { features, labels, parameterCount, predictions, random, stateCount, training } = program;
  return {
    labels: labels.map(arrayFor),
    parameters: floats(parameterCount),
    state: floats(stateCount),
    gradient: floats(training ? parameterCount : 0),
    nextState: floats(training ? stateCount : 0),
    predictions: training ? [] : predictions.map((type) => floats(sizeOf(type))),
    draws: floats(random.reduce((sum, { length }) => sum + length, 0)),
    ...given,
    features: features.map((type, i) => given.features?.[i] ?? arrayFor(type)),
  };
}

function arrayFor(type: TensorType): ColumnBuffer {
  const size = sizeOf(type);
  return type.dtype === "float32" ? floats(size) : new Int32Array(new SharedArrayBuffer(4 * size));
}

function floats(size: number): Float32Array {
  return new Float32Array(new SharedArrayBuffer(4 * size));
}

function sizeOf({ shape }: TensorType): number {
  return shape.reduce((product, size) => product * size, 1);
}
