/** Runs one kernel through the interpreter, as a graph of one node whose inputs are constants. */
import type { Attribute, DType, Graph } from "../../src/graph/graph.ts";
import { interpret } from "../../src/graph/interpreter.ts";

export interface Operand {
  readonly shape: readonly number[];
  readonly data: readonly number[];
  readonly dtype?: DType;
}

/** A vector. */
export const vector = (...data: number[]): Operand => ({ shape: [data.length], data });

/** A matrix, row by row. */
export const matrix = (...rows: readonly (readonly number[])[]): Operand => ({
  shape: [rows.length, rows[0].length],
  data: rows.flat(),
});

/** One image of one channel, row by row, `[1, H, W, 1]`. */
export const image = (...rows: readonly (readonly number[])[]): Operand => ({
  shape: [1, rows.length, rows[0].length, 1],
  data: rows.flat(),
});

/**
 * The elements of one output.
 *
 * @param shapes Shapes of all outputs. @param output Which of them to return.
 */
export function runKernel(
  op: string,
  inputs: readonly (Operand | null)[],
  attributes: Readonly<Record<string, Attribute>>,
  shapes: readonly (readonly number[])[],
  output = 0,
): number[] {
  const values: Graph["values"][number][] = [{ dtype: "float32", shape: [0] }];
  const constants = new Map<number, Float32Array>();
  const ids = inputs.map((operand) => {
    if (operand === null) return null;
    const id = values.push({ dtype: operand.dtype ?? "float32", shape: operand.shape }) - 1;
    constants.set(id, Float32Array.from(operand.data));
    return id;
  });
  const outputs = shapes.map((shape) => values.push({ dtype: "float32", shape }) - 1);
  const loss = values.push({ dtype: "float32", shape: [] }) - 1;
  constants.set(loss, Float32Array.of(0));
  const graph: Graph = {
    batchSize: 0,
    values,
    features: [],
    labels: [],
    parameters: [],
    state: [],
    constants,
    nodes: [{ op, inputs: ids, outputs, attributes, layer: null }],
    outputs: { loss, predictions: [outputs[output]], gradients: [], state: [] },
  };
  const empty = new Float32Array();
  return [...interpret(graph, { features: [], labels: [], parameters: empty }).predictions[0]];
}
