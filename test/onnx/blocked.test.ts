import { afterAll, expect, test } from "vitest";
import { lower } from "../../src/onnx/lower.ts";
import { nodeNames } from "../../src/onnx/model-proto.ts";
import { layers } from "../../src/tfjs/tf.ts";
import { trace } from "../../src/tfjs/trace.ts";
import { float } from "./conformance-case.ts";

const { activation, batchNormalization, conv2d, dense, globalAveragePooling2d } = layers.layers;

const model = layers.sequential({
  layers: [
    conv2d({ inputShape: [8, 8, 3], filters: 32, kernelSize: 3, padding: "same", useBias: false }),
    batchNormalization(),
    activation({ activation: "relu" }),
    conv2d({ filters: 32, kernelSize: 3, padding: "same", useBias: false }),
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

test("images stay in blocks, but for filter gradients and where the gradient of the pool comes in", () => {
  const bytes = lower(graph, { block: () => 16 });
  // Either image with its batch for channels, and the gradient of the pool.
  expect(count(bytes, "ReorderInput")).toBe(3);
  // As a transposition within blocks both gradients, and the second image before its batch takes the channels' place.
  expect(count(bytes, "ReorderOutput")).toBe(3);
});

test("without a layout in blocks, and for other devices, programs are of standard operators", () => {
  for (const form of [{}, { block: () => null }, { block: () => 16, portable: true }]) {
    expect(count(lower(graph, form), "ReorderInput", "ReorderOutput", "GlobalAveragePool")).toBe(0);
  }
});
