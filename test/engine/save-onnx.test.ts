/** The ONNX file of a model, run by onnxruntime at several sizes of a minibatch, against `model.predict()`. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { afterAll, describe, expect, test } from "vitest";
import type { Dataset } from "../../src/data/dataset.ts";
import { describeData } from "../../src/data/describe-data.ts";
import { saveOnnx } from "../../src/engine/save-onnx.ts";
import type { OnnxModel, OnnxTensor } from "../../src/onnx/model-proto.ts";
import { probeSizes, symbolicBatch } from "../../src/onnx/symbolic-batch.ts";
import { OrtSession } from "../../src/ort/session.ts";
import { SessionRun } from "../../src/ort/session-run.ts";
import { buildModel } from "../../src/tfjs/models/build-model.ts";
import { layers, tf } from "../../src/tfjs/tf.ts";

const folder = mkdtempSync(join(tmpdir(), "yf-async-onnx-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const sizeOf = (shape: readonly number[]) => shape.reduce((product, size) => product * size, 1);
const shared = (length: number) => new Float32Array(new SharedArrayBuffer(4 * length));

/** Predictions of a file for one minibatch. */
async function runFile(
  file: string,
  inputShape: readonly number[],
  features: Float32Array,
  outputShape: number[],
) {
  const session = await OrtSession.create(readFileSync(file), { device: "cpu", planMemory: false });
  const predictions = shared(sizeOf(outputShape));
  const run = new SessionRun(
    session.handle,
    [{ name: "features", data: features, shape: inputShape }],
    [{ name: "predictions", data: predictions, shape: outputShape }],
  );
  try {
    await run.run();
    return predictions;
  } finally {
    run.dispose();
    await session.dispose();
  }
}

const { averagePooling2d, batchNormalization, conv2d, dense, dropout, flatten, globalAveragePooling2d } =
  layers.layers;

function mixed(): layers.LayersModel {
  const input = layers.input({ shape: [9, 7, 2] });
  const apply = (layer: layers.layers.Layer, x: layers.SymbolicTensor) =>
    layer.apply(x) as layers.SymbolicTensor;
  const first = apply(conv2d({ filters: 4, kernelSize: 3, padding: "same", activation: "relu" }), input);
  const norm = apply(batchNormalization({ movingMeanInitializer: "randomNormal" }), first);
  const strided = apply(conv2d({ filters: 4, kernelSize: 3, strides: 2, padding: "same" }), norm);
  const pooled = apply(averagePooling2d({ poolSize: 2 }), strided);
  const left = apply(globalAveragePooling2d({}), norm);
  const right = apply(dense({ units: 4, activation: "tanh" }), apply(flatten(), pooled));
  const sum = layers.layers
    .add()
    .apply([left, apply(dropout({ rate: 0.5 }), right)]) as layers.SymbolicTensor;
  return layers.model({ inputs: input, outputs: apply(dense({ units: 3, activation: "softmax" }), sum) });
}

/** Name, model, and its i-th feature. */
const models: readonly [string, () => layers.LayersModel, (i: number) => number][] = [
  ["lenet", () => buildModel("lenet", { inputShape: [28, 28, 1], classes: 10, seed: 1 }), Math.sin],
  ["mlp", () => buildModel("mlp", { inputShape: [28, 28, 1], classes: 10, seed: 1 }), Math.sin],
  ["resnet20", () => buildModel("resnet20", { inputShape: [8, 8, 3], classes: 4, seed: 1 }), Math.sin],
  ["char-lstm", () => buildModel("char-lstm", { inputShape: [6], classes: 5, seed: 1 }), (i) => i % 5],
  ["a network of branches, strides and normalization", mixed, Math.sin],
];

describe("saveOnnx()", () => {
  test.each(models)(
    "%s predicts what model.predict() does, for any size of a minibatch",
    async (name, make, feature) => {
      const model = make();
      const file = join(folder, `${name}.onnx`);
      expect(saveOnnx(model, file)).toBe("any");
      const example = (model.inputs[0].shape as number[]).slice(1);
      for (const batch of [1, 3, 8]) {
        const shape = [batch, ...example];
        const features = shared(sizeOf(shape));
        features.set(Float32Array.from(features, (_, i) => feature(i)));
        const expected = tf.tidy(
          () => model.predict(tf.tensor(Float32Array.from(features), shape)) as tf.Tensor,
        );
        const received = await runFile(file, shape, features, expected.shape);
        for (const [i, value] of expected.dataSync().entries()) expect(received[i]).toBeCloseTo(value, 5);
      }
    },
  );

  test("takes a fixed batch of 1 where the model needs to know it", async () => {
    // It divides by the number of examples, a float that a graph for any number does not have.
    class Pairs extends layers.layers.Layer {
      static readonly className = "Pairs";
      override call(x: tf.Tensor | tf.Tensor[]): tf.Tensor {
        const tensor = Array.isArray(x) ? x[0] : x;
        return tf.mul(tensor, tf.scalar(1 / tensor.shape[0]));
      }
    }
    const model = layers.sequential({
      layers: [new Pairs({ inputShape: [2] }), dense({ units: 1, kernelInitializer: "ones" })],
    });
    const file = join(folder, "pairs.onnx");
    expect(saveOnnx(model, file)).toBe(1);
    const features = shared(2);
    features.set([2, 3]);
    expect([...(await runFile(file, [1, 2], features, [1, 1]))]).toEqual([5]);
  });

  test("refuses an input whose size is not known", () => {
    const model = layers.sequential({
      layers: [conv2d({ inputShape: [null, null, 1] as unknown as number[], filters: 1, kernelSize: 1 })],
    });
    expect(() => saveOnnx(model, join(folder, "free.onnx"))).toThrow(
      `Cannot save ${model.name} as ONNX: every dimension of its input but the batch must have a size (got [, , , 1])`,
    );
  });
});

describe("saveOnnx() of a model whose data are described", () => {
  const model = buildModel("resnet20", { inputShape: [8, 8, 3], classes: 2, seed: 1 });
  const example = [8, 8, 3];
  // Bytes of images, as MNIST is read: scale and offset are both at work.
  const pixels = Uint8Array.from({ length: 3 * 192 }, (_, i) => (i * 37) % 256);
  const dataset: Dataset = {
    features: [{ data: pixels, shape: example, dtype: "float32", scale: 1 / 78.6, offset: -0.42 }],
    labels: [
      {
        data: new Int32Array(3),
        shape: [],
        dtype: "int32",
        scale: 1,
        offset: 0,
        classes: 2,
        classNames: ["no", "yes"],
      },
    ],
    length: 3,
  };
  const description = describeData({ train: dataset, test: null });

  test("names its classes and says what is done to the data", () => {
    const file = join(folder, "described.onnx");
    saveOnnx(model, file, { description });
    const text = readFileSync(file, "utf8");
    expect(text).toMatch(/classNames..\["no","yes"\]/s);
    expect(text).toContain(JSON.stringify(description));
    expect(text).toContain("excluded");
  });

  test("gives the same logits for raw bytes where preprocessing is included", async () => {
    const [raw, scaled] = [join(folder, "raw.onnx"), join(folder, "scaled.onnx")];
    expect(saveOnnx(model, raw, { description, preprocessing: true })).toBe("any");
    saveOnnx(model, scaled, { description });
    // Each operation in float32, as a minibatch is made.
    const features = Float32Array.from(pixels, (x) => {
      const [scale, offset] = [Math.fround(1 / 78.6), Math.fround(-0.42)];
      return Math.fround(Math.fround(scale * x) + offset);
    });
    const run = async (file: string, tensor: Tensor) => {
      const session = await InferenceSession.create(file);
      try {
        return (await session.run({ features: tensor })).predictions;
      } finally {
        await session.release();
      }
    };
    const expected = await run(scaled, new Tensor("float32", features, [3, ...example]));
    const received = await run(raw, new Tensor("uint8", pixels, [3, ...example]));
    expect(received.dims).toEqual([3, 2]);
    expect([...(received.data as Float32Array)]).toEqual([...(expected.data as Float32Array)]);
    await expect(run(raw, new Tensor("float32", features, [3, ...example]))).rejects.toThrow(/uint8/);
  });

  test("refuses preprocessing that nothing describes", () => {
    expect(() => saveOnnx(model, join(folder, "none.onnx"), { preprocessing: true })).toThrow(
      expect.objectContaining({ code: "BAD_OPTION" }),
    );
  });
});

describe("symbolicBatch()", () => {
  const int64 = (name: string, ...values: number[]): OnnxTensor => ({
    name,
    type: "int64",
    shape: [values.length],
    bytes: new Uint8Array(BigInt64Array.from(values, BigInt).buffer),
  });
  const model = (batch: number, initializers: OnnxTensor[], op: string): OnnxModel => ({
    nodes: [{ op, domain: "", inputs: ["features", "c"], outputs: ["predictions"], attributes: {} }],
    initializers,
    inputs: [{ name: "features", type: "float32", shape: [batch, 6] }],
    outputs: [{ name: "predictions", type: "float32", shape: [batch, 2, 3] }],
    opsets: { "": 18 },
  });
  const probed = (op: string, constants: (batch: number) => OnnxTensor[]) => {
    const [p, q, r] = probeSizes.map((batch) => model(batch, constants(batch), op));
    return symbolicBatch([p, q, r]);
  };

  test("lets a reshape infer the one size that depends on the batch", () => {
    const free = probed("Reshape", (batch) => [int64("c", batch, 2, 3)]);
    expect(free?.initializers).toEqual([int64("c", -1, 2, 3)]);
    expect(free?.inputs[0].shape).toEqual(["batch", 6]);
    expect(free?.nodes).toHaveLength(1);
  });

  test("computes what is an affine function of the batch", () => {
    // [2·B + 1, 4] = [2, 0]·B + [1, 4]
    const free = probed("Expand", (batch) => [int64("c", 2 * batch + 1, 4)]);
    expect(free?.initializers).toEqual([int64("c_slope", 2, 0), int64("c_intercept", 1, 4)]);
    expect(free?.nodes.map(({ op }) => op)).toEqual(["Shape", "Mul", "Add", "Expand"]);
  });

  test.each([
    ["a number that is no affine function of the batch", (batch: number) => [int64("c", batch * batch)]],
    ["another number of constants", (batch: number) => (batch === 101 ? [] : [int64("c", 1)])],
    [
      "a float that depends on the batch",
      (batch: number): OnnxTensor[] => [
        { name: "c", type: "float32", shape: [], bytes: new Uint8Array(Float32Array.of(1 / batch).buffer) },
      ],
    ],
  ])("gives up on %s", (_, constants) => {
    expect(probed("Expand", constants)).toBeNull();
  });
});
