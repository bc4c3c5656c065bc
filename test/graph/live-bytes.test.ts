import { expect, test } from "vitest";
import type { Graph } from "../../src/graph/graph.ts";
import { liveBytes } from "../../src/graph/live-bytes.ts";

const node = (op: string, inputs: number[], output: number) => ({
  op,
  inputs,
  outputs: [output],
  attributes: {},
  layer: null,
});

test("liveBytes() counts results from their node to their last reader, and no view, input or result that nobody reads", () => {
  const float = (...shape: number[]) => ({ dtype: "float32", shape }) as const;
  const graph: Graph = {
    batchSize: 1,
    // 0 is an input; 1 and 2 are results of 400 bytes, 3 is 2 in another shape, 4 a mask of 100 bytes, 5 of 40, 6 the loss.
    values: [
      float(1000),
      float(100),
      float(100),
      float(10, 10),
      { dtype: "bool", shape: [100] },
      float(10),
      float(),
    ],
    features: [{ name: "x", value: 0 }],
    labels: [],
    parameters: [],
    state: [],
    constants: new Map(),
    nodes: [
      node("Relu", [0], 1),
      node("Square", [1], 2),
      node("Greater", [1], 4),
      node("Reshape", [2], 3),
      node("Sum", [3], 5),
      node("Sum", [5], 6),
    ],
    outputs: { loss: 6, predictions: [], gradients: [], state: [] },
  };
  // Both results lie in memory when the second is made; nobody reads the mask.
  expect(liveBytes(graph)).toBe(800);
  // Read at the end, the mask stays: 1, 2 and 4 are alive once it is made.
  expect(liveBytes({ ...graph, outputs: { ...graph.outputs, predictions: [4] } })).toBe(900);
});
