/** What a program keeps in memory at a time, by the sizes of its values: a lower bound for any engine that runs it as it is. */
import type { Graph, TensorType, ValueId } from "./graph.ts";

/** Kernels whose output is their input in another shape. */
const views: ReadonlySet<string> = new Set(["Reshape", "Identity", "ExpandDims"]);

/**
 * The most bytes that results of nodes take at one moment, where each lives from its node to the last one that reads it.
 *
 * Inputs, parameters and constants are not counted, and outputs live to the end.
 */
export function liveBytes({ nodes, outputs, values }: Graph): number {
  const origins = new Map<ValueId, ValueId>();
  const originOf = (value: ValueId) => origins.get(value) ?? value;
  for (const { inputs, op, outputs: made } of nodes) {
    const [from] = inputs;
    if (views.has(op) && from != null) origins.set(made[0], originOf(from));
  }
  const lastReaders = new Map<ValueId, number>();
  for (const [i, { inputs }] of nodes.entries()) {
    for (const value of inputs) if (value !== null) lastReaders.set(originOf(value), i);
  }
  const { gradients, loss, predictions, state } = outputs;
  for (const value of [loss, ...predictions, ...gradients, ...state])
    lastReaders.set(originOf(value), nodes.length);

  const alive = new Set<ValueId>();
  let bytes = 0;
  let most = 0;
  for (const [i, { inputs, outputs: made }] of nodes.entries()) {
    for (const value of made) {
      if (origins.has(value) || !lastReaders.has(value)) continue;
      alive.add(value);
      bytes += sizeOf(values[value]);
    }
    most = Math.max(most, bytes);
    for (const value of inputs) {
      const origin = value === null ? null : originOf(value);
      if (origin === null || lastReaders.get(origin) !== i || !alive.delete(origin)) continue;
      bytes -= sizeOf(values[origin]);
    }
  }
  return most;
}

const sizeOf = ({ dtype, shape }: TensorType) =>
  (dtype === "bool" ? 1 : 4) * shape.reduce((product, size) => product * size, 1);
