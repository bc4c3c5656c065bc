/** Calls one after the other: what the next one goes on with, and what it checks and tells. */
import { afterAll, describe, expect, test } from "vitest";
import { fit as fitModel } from "../../src/fit/fit.ts";
import type { FitConfig } from "../../src/fit/fit-config.ts";
import { release } from "../../src/fit/sessions.ts";
import { layers, tf } from "../../src/tfjs/tf.ts";
import { twins, weightError, xs } from "./twins.ts";

const made: layers.LayersModel[] = [];
afterAll(async () => {
  for (const model of made) await release(model);
});

const texts: string[] = [];
const exact = {
  mode: "serial",
  engine: "reference",
  optimizer: "compiled",
  shuffle: false,
  onEvent: ({ text }: { text: string }) => void texts.push(text),
} as const;
const [x, y] = [xs([8, 3], 1), xs([8, 1], 2)];

function net(optimizer: () => tf.Optimizer) {
  return () => {
    const model = layers.sequential({
      layers: [
        layers.layers.dense({ units: 4, inputShape: [3], activation: "tanh" }),
        layers.layers.dense({ units: 1 }),
      ],
    });
    model.compile({ optimizer: optimizer(), loss: "meanSquaredError" });
    return model;
  };
}

function pair(optimizer: () => tf.Optimizer = () => tf.train.adam(0.01)) {
  const [ours, theirs] = twins(net(optimizer));
  made.push(ours);
  texts.length = 0;
  const before = theirs.getWeights().map((weight) => weight.dataSync().slice());
  const both = async (config: FitConfig = {}) => {
    await fitModel(ours, x, y, { ...exact, batchSize: 4, ...config });
    await theirs.fit(x, y, { shuffle: false, batchSize: 4, verbose: 0 });
  };
  return { ours, theirs, both, error: () => weightError(ours, theirs, before) };
}

const begins = () => texts.filter((text) => text.startsWith("A new optimizer begins"));

describe("the state of the optimizer", () => {
  test("stays where its momentum changes, as in TensorFlow.js", async () => {
    const { both, error, ours, theirs } = pair(() => tf.train.momentum(0.05, 0.9));
    await both();
    for (const { optimizer } of [ours, theirs]) {
      const fields = optimizer as unknown as { m: tf.Scalar; momentum: number };
      fields.momentum = 0.5;
      fields.m = tf.scalar(0.5);
    }
    await both();
    expect(error()).toBeLessThan(1e-4);
    expect(begins()).toEqual([]);
  });

  test("stays with the optimizer that is compiled again, and where the number of workers changes", async () => {
    const { both, error, ours, theirs } = pair();
    await both();
    for (const model of [ours, theirs]) {
      model.compile({ optimizer: model.optimizer, loss: "meanSquaredError", metrics: ["mae"] });
    }
    await both();
    await both({ mode: "hogwild", workers: 1 });
    expect(error()).toBeLessThan(1e-4);
    expect(begins()).toEqual([]);
  });

  test("begins anew with another optimizer, and one line says so", async () => {
    const { both, error, ours, theirs } = pair();
    await both();
    for (const model of [ours, theirs]) {
      model.compile({ optimizer: tf.train.adam(0.01), loss: "meanSquaredError" });
    }
    await both();
    expect(error()).toBeLessThan(1e-4);
    expect(begins()).toEqual([expect.stringContaining("the model was compiled anew")]);
  });

  test("of a tuner begins anew where settings change, and one line names them", async () => {
    const { ours } = pair();
    const config = { ...exact, mode: "hogwild", optimizer: "yellowfin", workers: 1 } as const;
    await fitModel(ours, x, y, config);
    await fitModel(ours, x, y, { ...config, clipNorm: 1 });
    expect(begins()).toEqual([expect.stringContaining("as clipNorm changed")]);
  });

  test("stays over calls that fail before they train, and over callbacks that throw", async () => {
    const { both, error, ours, theirs } = pair();
    await both();
    await expect(fitModel(ours, x, y, { ...exact, batchSize: 0 })).rejects.toMatchObject({
      code: "BAD_OPTION",
    });
    await expect(fitModel(ours, xs([8, 5], 3), y, exact)).rejects.toMatchObject({ code: "BAD_MODEL" });
    const onEpochEnd = () => Promise.reject(new Error("mine"));
    await expect(fitModel(ours, x, y, { ...exact, batchSize: 4, callbacks: { onEpochEnd } })).rejects.toThrow(
      "mine",
    );
    await theirs.fit(x, y, { shuffle: false, batchSize: 4, verbose: 0 });
    await both();
    expect(error()).toBeLessThan(1e-4);
    expect(begins()).toEqual([]);
  });
});

describe("labels and indices of a later call are checked like those of the first", () => {
  const classifier = () => {
    const model = layers.sequential({
      layers: [layers.layers.dense({ units: 3, inputShape: [2], activation: "softmax" })],
    });
    model.compile({ optimizer: "sgd", loss: "sparseCategoricalCrossentropy" });
    made.push(model);
    return model;
  };
  const features = xs([4, 2], 5);
  const labels = (values: number[]) => tf.tensor1d(values);
  const weightsOf = (model: layers.LayersModel) => model.getWeights().map((weight) => [...weight.dataSync()]);

  test.each([
    ["to train on", () => [labels([0, 1, 2, 3]), {}] as const, "index 3 of train"],
    [
      "of weighted examples",
      () => [labels([0, 1, 2, 3]), { sampleWeight: [1, 1, 1, 1] }] as const,
      "index 3 of train",
    ],
    [
      "to validate with",
      () => [labels([0, 1, 2, 0]), { validationData: [features, labels([0, 3, 2, 0])] as const }] as const,
      "index 1 of test",
    ],
  ])("labels %s", async (_, later, place) => {
    const model = classifier();
    await fitModel(model, features, labels([0, 1, 2, 1]), exact);
    const before = weightsOf(model);
    const [wrong, config] = later();
    const error = await fitModel(model, features, wrong, { ...exact, ...config }).catch(
      (error: unknown) => error,
    );
    expect(error).toMatchObject({ code: "BAD_DATA", message: expect.stringContaining(place) });
    expect(weightsOf(model)).toEqual(before);
  });

  test("tokens of an embedding", async () => {
    const model = layers.sequential({
      layers: [
        layers.layers.embedding({ inputDim: 5, outputDim: 2, inputLength: 3 }),
        layers.layers.flatten(),
        layers.layers.dense({ units: 1 }),
      ],
    });
    model.compile({ optimizer: "sgd", loss: "meanSquaredError" });
    made.push(model);
    const tokens = (last: number) =>
      tf.tensor2d([
        [0, 1, 2],
        [3, 4, last],
      ]);
    const targets = tf.tensor2d([[0], [1]]);
    await fitModel(model, tokens(0), targets, exact);
    await expect(fitModel(model, tokens(5), targets, exact)).rejects.toMatchObject({
      code: "BAD_DATA",
      details: { value: 5, index: 1 },
    });
  });
});
