/** Models of several inputs and outputs, from the outside. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as tfjs from "@tensorflow/tfjs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { saveOnnx } from "../../src/engine/save-onnx.ts";
import { createRandom } from "../../src/math/random.ts";
import { OrtSession } from "../../src/ort/session.ts";
import { SessionRun } from "../../src/ort/session-run.ts";
import { lossNames } from "../../src/tfjs/losses.ts";
import { loadModel } from "../../src/tfjs/saved/load-model.ts";
import { saveModel } from "../../src/tfjs/saved/save-model.ts";
import { layers, tf } from "../../src/tfjs/tf.ts";
import { type TrainOptions, train } from "../../src/train.ts";

const { concatenate, conv2d, dense, flatten } = layers.layers;

type Symbolic = layers.SymbolicTensor;

/** Which quadrant two numbers lie in, and their sum: one number is a grey image, the other one a fact. */
function problem(length: number, seed: number) {
  const random = createRandom(seed);
  const drawn = Array.from({ length }, () => [random(), random()]);
  return {
    image: Uint8Array.from(drawn, ([x]) => Math.floor(256 * x)),
    fact: drawn.map(([, y]) => [2 * y - 1]),
    quadrant: drawn.map(([x, y]) => (x < 0.5 ? 0 : 1) + (y < 0.5 ? 0 : 2)),
    sum: drawn.map(([x, y]) => x + y),
  };
}

/** Bytes of an image of one pixel, scaled on their way into the minibatch. */
const imageOf = (values: Uint8Array) => ({ values, shape: [1, 1, 1], scale: 2 / 255, offset: -1 }) as const;

function twoByTwo(): layers.LayersModel {
  const image = layers.input({ shape: [1, 1, 1], name: "image" });
  const fact = layers.input({ shape: [1], name: "fact" });
  const seen = flatten().apply(conv2d({ filters: 2, kernelSize: 1 }).apply(image)) as Symbolic;
  const both = concatenate().apply([seen, fact]) as Symbolic;
  const hidden = dense({ units: 16, activation: "tanh" }).apply(both);
  const outputs = [
    dense({ units: 1, name: "sum" }).apply(hidden) as Symbolic,
    dense({ units: 4, name: "quadrant" }).apply(hidden) as Symbolic,
  ];
  return layers.model({ inputs: [image, fact], outputs });
}

const examples = problem(512, 1);
const held = problem(100, 2);
const byName = ({ fact, image, quadrant, sum }: typeof examples) => ({
  // In another order than the model's, on purpose.
  features: { fact, image: imageOf(image) },
  labels: { quadrant: { values: quadrant, classes: 4 }, sum },
});
const losses = {
  quadrant: "sparseSoftmaxCrossEntropy",
  sum: { loss: "meanSquaredError", weight: 0.5 },
} as const;
const run = {
  optimizer: "adam",
  learningRate: 0.01,
  batchSize: 32,
  workers: 1,
  maxUpdates: 300,
} as const satisfies Partial<TrainOptions>;

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "columns-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("train() with two inputs and two outputs", () => {
  test("learns both from columns by name, evaluates the first output that has classes, and saves the model", async () => {
    const model = twoByTwo();
    const { summary } = await train({
      ...run,
      model,
      loss: losses,
      data: { train: byName(examples), test: byName(held) },
    });
    expect(summary).toMatchObject({ updates: 300, loss: null });
    // 0.9 is what 300 updates come to with room to spare; chance is 0.25.
    expect(summary.testAccuracy).toBeGreaterThan(0.9);
    const features = [
      tf.tensor(
        Float32Array.from(held.image, (byte) => (2 * byte) / 255 - 1),
        [100, 1, 1, 1],
      ),
      tf.tensor2d(held.fact),
    ];
    const predicted = model.predict(features) as tf.Tensor[];
    const [sums, logits] = predicted.map((output) => output.dataSync());
    const [own] = tf.losses.meanSquaredError(held.sum, tf.tensor1d(sums as Float32Array)).dataSync();
    expect(own).toBeLessThan(0.02);
    expect(summary.testLoss).toBeCloseTo(
      0.5 * own +
        tf.losses.softmaxCrossEntropy(tf.oneHot(held.quadrant, 4), predicted[1] as tf.Tensor2D).dataSync()[0],
      4,
    );

    await saveModel(model, folder);
    const loaded = await loadModel(join(folder, "model.json"));
    const again = (loaded.predict(features) as tf.Tensor[]).map((output) => output.dataSync());
    expect(again).toEqual([sums, logits]);

    // The ONNX graph has the model's own names, for minibatches of any size.
    const file = join(folder, "model.onnx");
    expect(saveOnnx(model, file)).toBe("any");
    const onnx = await runFile(file, features, [
      { name: "sum", shape: [100, 1] },
      { name: "quadrant", shape: [100, 4] },
    ]);
    for (const [output, expected] of [sums, logits].entries()) {
      for (const [i, x] of expected.entries()) expect(onnx[output][i]).toBeCloseTo(x, 5);
    }
  });

  test("has the same bits from a list, from names, and from minibatches of a tf.data dataset", async () => {
    const first = twoByTwo();
    const initial = first.getWeights().map((weight) => weight.clone());
    const trained = async (options: Partial<TrainOptions>) => {
      const model = twoByTwo();
      model.setWeights(initial);
      await train({ ...run, maxUpdates: 20, loss: losses, ...options, model } as never);
      return model.getWeights().map((weight) => weight.dataSync());
    };
    const { fact, image, quadrant, sum } = examples;
    const scaled = Float32Array.from(image, (byte) => Math.fround((2 / 255) * byte) - 1);
    const pixels = Array.from(scaled, (x) => [[[x]]]);
    const named = await trained({
      data: { train: { features: { fact, image: pixels }, labels: { quadrant, sum } } },
    });
    const listed = await trained({
      loss: [{ loss: "meanSquaredError", weight: 0.5 }, "sparseSoftmaxCrossEntropy"],
      data: {
        train: {
          features: [{ values: pixels }, { values: fact }],
          labels: [{ values: sum }, { values: quadrant }],
        },
      },
    });
    expect(listed).toEqual(named);
    const rows = quadrant.map((q, i) => ({
      xs: { image: pixels[i], fact: fact[i] },
      ys: { sum: sum[i], quadrant: q },
    }));
    const mixed = await trained({
      loss: [{ loss: "meanSquaredError", weight: 0.5 }, "sparseSoftmaxCrossEntropy"],
      data: { train: { features: { fact, image: pixels }, labels: { quadrant, sum } } },
    });
    expect(mixed).toEqual(named);
    const collected = await trained({ data: { train: tfjs.data.array(rows).batch(100) } });
    expect(collected).toEqual(named);
    const tensors = await trained({
      data: {
        train: (index) =>
          index > 0
            ? null
            : {
                xs: [tf.tensor(pixels), tf.tensor2d(fact)],
                ys: [tf.tensor1d(sum), tf.tensor1d(quadrant, "int32")],
              },
      },
    });
    expect(tensors).toEqual(named);
  });

  test("gives a function all columns and a loss all outputs", async () => {
    const weights = [tf.variable(tf.zeros([1, 1])), tf.variable(tf.zeros([1, 1]))];
    const { fact, sum } = examples;
    const { summary, variables } = await train({
      ...run,
      model: ([a, b]) => [tf.matMul(a, weights[0]), tf.matMul(b, weights[1])],
      variables: weights,
      // One column of labels for two outputs.
      loss: (labels, [a, b]) => tf.mean(tf.squaredDifference(labels, tf.add(a, b))),
      data: {
        train: {
          features: [{ values: fact }, { values: sum.map((x) => [x]) }],
          labels: { values: sum.map((x, i) => [3 * fact[i][0] - x]) },
        },
      },
      learningRate: 0.05,
      maxUpdates: 600,
    });
    expect(summary.testAccuracy).toBeNull();
    expect(variables[0].dataSync()[0]).toBeCloseTo(3, 1);
    expect(variables[1].dataSync()[0]).toBeCloseTo(-1, 1);
  });
});

describe("train() refuses in one sentence", () => {
  const { fact, image, quadrant, sum } = examples;
  const { features, labels } = byName(examples);
  test.each<[string, Partial<TrainOptions>, string]>([
    [
      "too few columns of features",
      { data: { train: { features: imageOf(image), labels } } },
      "Cannot trace the model: the data must have one column of features for each of its inputs image, fact (got 1)",
    ],
    [
      "too few columns of labels",
      { data: { train: { features, labels: sum } }, loss: "meanSquaredError" },
      'Cannot use the loss: there must be a column of labels for each output of the model (a function as loss may compare them otherwise) (got "1 for 2")',
    ],
    [
      "a column for no input",
      { data: { train: { features: { fact, picture: imageOf(image) }, labels } } },
      "Cannot use the features: columns by name must be those of the model's inputs image, fact (got [fact, picture])",
    ],
    [
      "a column for no output",
      {
        data: { train: { features, labels: { sum, quarter: quadrant } } },
        loss: ["meanSquaredError", "hinge"],
      },
      "Cannot use the labels: columns by name must be those of the model's outputs sum, quadrant (got [sum, quarter])",
    ],
    [
      "a loss for no output",
      { loss: { ...losses, size: "hinge" } },
      'Cannot use the loss: every loss must be for one of the outputs sum, quadrant (got "size")',
    ],
    [
      "no loss for an output",
      { loss: { sum: "meanSquaredError" } },
      "Cannot use the loss: there must be a loss for each output sum, quadrant (got [sum])",
    ],
    [
      "too many losses",
      { loss: ["meanSquaredError", "sparseSoftmaxCrossEntropy", "hinge"] },
      "Cannot use the loss: there must be a loss for each of 2 outputs (got 3)",
    ],
    [
      "a loss of no known name",
      { loss: { ...losses, sum: "l2" as never } },
      `Cannot use the loss: must be a function or one of ${lossNames.join(", ")} (got "l2")`,
    ],
    [
      "a weight that is no number",
      { loss: { ...losses, sum: { loss: "hinge", weight: Number.NaN } } },
      "Cannot use the loss: the weight of a loss must be a finite number (got NaN)",
    ],
    [
      "columns of different lengths",
      { data: { train: { features: { ...features, fact: fact.slice(1) }, labels } } },
      'Cannot make a data set from arrays: there must be one label for each example (got "511 in features.fact, 512 in labels.quadrant")',
    ],
    [
      "another shape than an input's",
      { data: { train: { features: { ...features, fact: fact.map(([x]) => [x, x]) }, labels } } },
      'Cannot trace the model: features must have the shape [1] of its input fact (got "[2]")',
    ],
    [
      "a class that an output does not have",
      { data: { train: { features, labels: { sum, quadrant: quadrant.map((q) => 2 * q) } } } },
      "Cannot use the labels: every label quadrant of sparseSoftmaxCrossEntropy must be in [0, 3]",
    ],
    [
      "test columns unlike those to train on",
      { data: { train: { features, labels }, test: { features, labels: { sum } } } },
      'Cannot use the labels to test with: they must be like the labels to train on, quadrant int32 [], sum float32 [1] (got "sum float32 [1]")',
    ],
  ])("%s", async (_, options, message) => {
    const data = { train: { features, labels } };
    await expect(
      train({ ...run, model: twoByTwo(), loss: losses, data, ...options } as never),
    ).rejects.toThrow(message);
  });
});

/** Runs an ONNX file of the model above on features of its two inputs. */
async function runFile(
  file: string,
  features: readonly tf.Tensor[],
  outputs: readonly { name: string; shape: readonly number[] }[],
): Promise<Float32Array[]> {
  const floats = (length: number) => new Float32Array(new SharedArrayBuffer(4 * length));
  const inputs = ["image", "fact"].map((name, i) => {
    const data = floats(features[i].size);
    data.set(features[i].dataSync());
    return { name, data, shape: features[i].shape };
  });
  const results = outputs.map(({ name, shape }) => ({
    name,
    shape,
    data: floats(shape.reduce((product, size) => product * size, 1)),
  }));
  const session = await OrtSession.create(readFileSync(file), { device: "cpu", planMemory: false });
  const bound = new SessionRun(session.handle, inputs, results);
  await bound.run();
  bound.dispose();
  await session.dispose();
  return results.map(({ data }) => data);
}
