import { afterEach, describe, expect, test } from "vitest";
import { layers, tf } from "../../src/tfjs/tf.ts";
import { otherWeights } from "../../src/tfjs/trainable-weights.ts";
import { readFlat, readWeights, writeFlat, writeWeights } from "../../src/tfjs/weights.ts";
import { type TrainOptions, train } from "../../src/train.ts";
import { blobs } from "./tiny.ts";

const length = 64;
const data = { train: blobs(length, 1) };
const features = () => tf.tensor2d(data.train.features, [length, 6]);
const labels = () => tf.tensor1d(Int32Array.from(data.train.labels.values), "int32");

/** Gradient descent without anything else, on minibatches of the whole data set. */
const plain = {
  data,
  optimizer: "sgd",
  learningRate: 0.1,
  averaging: false,
  batchJitter: "none",
  batchSize: length,
  maxUpdates: 20,
} as const satisfies Partial<TrainOptions>;

const models: layers.LayersModel[] = [];

function normalizing(momentum = 0.9): layers.LayersModel {
  const { batchNormalization, dense } = layers.layers;
  const kernelInitializer = (seed: number) => layers.initializers.randomNormal({ seed, stddev: 0.5 });
  const model = layers.sequential({
    layers: [
      batchNormalization({ inputShape: [6], momentum }),
      dense({ units: 5, activation: "tanh", kernelInitializer: kernelInitializer(1) }),
      batchNormalization({ momentum }),
      dense({ units: 4, kernelInitializer: kernelInitializer(2) }),
    ],
  });
  models.push(model);
  return model;
}

afterEach(() => {
  for (const model of models.splice(0)) model.dispose();
});

const stateOf = (model: layers.LayersModel) => [...readFlat(otherWeights(model)).flat];

/** Trains by TensorFlow.js's own optimizer. */
function trainOwn(model: layers.LayersModel, updates: number): void {
  const optimizer = tf.train.sgd(0.1);
  tf.tidy(() => {
    const [x, y] = [features(), labels()];
    for (let update = 0; update < updates; update++) {
      optimizer.minimize(
        () => {
          const logits = model.apply(x, { training: true }) as tf.Tensor2D;
          return tf.losses.softmaxCrossEntropy(tf.oneHot(y, 4), logits) as tf.Scalar;
        },
        false,
        model.trainableWeights.map((weight) => weight.read() as tf.Variable),
      );
    }
  });
  optimizer.dispose();
}

function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>): void {
  expect(actual.length).toBe(expected.length);
  // Minibatches come in another order, so sums of 64 float32 numbers are rounded otherwise, 20 times over.
  for (let i = 0; i < expected.length; i++) expect(actual[i]).toBeCloseTo(expected[i], 4);
}

describe("moving statistics", () => {
  for (const mode of ["serial", "hogwild", "sync"] as const) {
    test(`are those of TensorFlow.js's own training with one worker, ${mode}`, async () => {
      const [model, own] = [normalizing(), normalizing()];
      const before = stateOf(model);
      const simulated = mode === "sync" ? { simulateWorkers: 1 } : {};
      await train({ ...plain, ...simulated, model, mode, workers: 1 });
      trainOwn(own, plain.maxUpdates);
      expect(stateOf(model)).not.toEqual(before);
      expectClose(stateOf(model), stateOf(own));
      expectClose(readWeights(model).flat, readWeights(own).flat);
    });
  }

  test("are the mean of all workers' in mode sync", async () => {
    const [model, own] = [normalizing(), normalizing()];
    await train({
      ...plain,
      model,
      mode: "sync",
      workers: 1,
      simulateWorkers: 4,
      batchSize: length / 4,
      maxUpdates: 1,
    });
    trainOwn(own, 1);
    // The mean of the means of four quarters is the mean of all; the first layer's moving mean is the first of the state.
    expectClose(stateOf(model).slice(0, 6), stateOf(own).slice(0, 6));
  });

  test("stay within the range of what minibatches have, however many free workers store them", async () => {
    const model = normalizing(0.9);
    await train({ ...plain, model, workers: 4, batchSize: 16, maxUpdates: 200 });
    const flat = data.train.features as Float32Array;
    const state = stateOf(model);
    for (let feature = 0; feature < 6; feature++) {
      const column = Array.from({ length }, (_, row) => flat[6 * row + feature]);
      const mean = column.reduce((a, b) => a + b) / length;
      const [low, high] = [Math.min(0, ...column), Math.max(0, ...column)];
      expect(state[feature]).toBeGreaterThan(low);
      expect(state[feature]).toBeLessThan(high);
      // 200 updates at rate 0.1 forget the start even if three of four are lost: 0.9^50 = 0.5 %.
      expect(Math.abs(state[feature] - mean)).toBeLessThan(0.5);
    }
    expect(state.slice(6, 12).every((variance) => variance > 0)).toBe(true);
  });

  test("are what the model is evaluated with", async () => {
    const model = normalizing();
    const { summary } = await train({ ...plain, data: { ...data, test: data.train }, model, workers: 1 });
    const loss = tf.tidy(() => {
      const logits = model.predict(features()) as tf.Tensor2D;
      return tf.losses.softmaxCrossEntropy(tf.oneHot(labels(), 4), logits).dataSync()[0];
    });
    expect(summary.testLoss).toBeCloseTo(loss, 5);
  });
});

test("weights of a frozen layer are neither trained nor shared", async () => {
  const frozen = layers.layers.dense({ units: 5, inputShape: [6], trainable: false });
  const model = layers.sequential({ layers: [frozen, layers.layers.dense({ units: 4 })] });
  models.push(model);
  const before = { frozen: stateOf(model), trained: [...readWeights(model).flat] };
  await train({ ...plain, model, workers: 1 });
  expect(stateOf(model)).toEqual(before.frozen);
  expect([...readWeights(model).flat]).not.toEqual(before.trained);
});

test("a function's own moving average is state as well", async () => {
  const weight = tf.variable(tf.zeros([6, 4]));
  const mean = tf.variable(tf.zeros([6]), false);
  const model = (x: tf.Tensor, training: boolean) => {
    if (training) mean.assign(tf.add(tf.mul(mean, 0.5), tf.mul(tf.mean(x, 0), 0.5)) as tf.Tensor1D);
    return tf.matMul(tf.sub(x, mean) as tf.Tensor2D, weight as tf.Tensor2D);
  };
  await train({ ...plain, model, variables: [weight, mean], maxUpdates: 2, workers: 1 });
  const expected = tf.tidy(() => tf.mul(tf.mean(features(), 0), 0.75).dataSync());
  expectClose(mean.dataSync(), expected);
  tf.dispose([weight, mean]);
});

test("trained weights and state are written back to the model that was given", () => {
  const model = normalizing();
  const state = stateOf(model).map((_, i) => i);
  writeFlat(otherWeights(model), Float32Array.from(state));
  expect(stateOf(model)).toEqual(state);
  writeWeights(model, readWeights(model).flat);
  expect(stateOf(model)).toEqual(state);
});
