import { afterAll, expect, test } from "vitest";
import { lower } from "../../src/onnx/lower.ts";
import { nodeNames } from "../../src/onnx/model-proto.ts";
import { layers } from "../../src/tfjs/tf.ts";
import { trace } from "../../src/tfjs/trace.ts";
import { float } from "./conformance-case.ts";

const { activation, batchNormalization, conv2d, dense, globalAveragePooling2d } = layers.layers;

const model = layers.sequential({
  layers: [
    conv2d({ inputShape: [8, 8, 3], filters: 16, kernelSize: 3, padding: "same", useBias: false }),
    batchNormalization(),
    activation({ activation: "relu" }),
    conv2d({ filters: 16, kernelSize: 3, padding: "same", useBias: false }),
    batchNormalization(),
    activation({ activation: "relu" }),
    globalAveragePooling2d({}),
    dense({ units: 2 }),
  ],
});
afterAll(() => model.dispose());

const graph = trace({
  model,
  loss: "meanSquaredError",
  features: [float(8, 8, 3)],
  labels: [float(2)],
  batchSize: 16,
  training: true,
});

const count = (bytes: Uint8Array, ...operators: string[]) => nodeNames(bytes, new Set(operators)).length;

test("images stay in blocks: into them come the minibatch and the gradient of the pool, out of them nothing", () => {
  const bytes = lower(graph, { block: () => 16 });
  expect(count(bytes, "ReorderInput")).toBe(2);
  // As a transposition within blocks: of the first image for a filter gradient, and of both gradients.
  expect(count(bytes, "ReorderOutput")).toBe(3);
});

test("without a layout in blocks, and for other devices, programs are of standard operators", () => {
  for (const form of [{}, { block: () => null }, { block: () => 16, portable: true }]) {
    expect(count(lower(graph, form), "ReorderInput", "ReorderOutput", "GlobalAveragePool")).toBe(0);
  }
});
