/** `fit()` beside `LayersModel.fit`: the same weights, the same history, the same calls. */
import { afterAll, describe, expect, test } from "vitest";
import { fit as fitModel } from "../../src/fit/fit.ts";
import type { FitConfig } from "../../src/fit/fit-config.ts";
import { release } from "../../src/fit/sessions.ts";
import { layers, tf } from "../../src/tfjs/tf.ts";
import { twins, weightError, xs } from "./twins.ts";

/** One thread and the given optimizer: what TensorFlow.js does, step by step. */
const exact = {
  mode: "serial",
  engine: "reference",
  optimizer: "compiled",
  verbose: 0,
  shuffle: false,
} as const;

const made: layers.LayersModel[] = [];
function pair(build: () => layers.LayersModel) {
  const models = twins(build);
  made.push(...models);
  return models;
}

afterAll(async () => {
  for (const model of made) await release(model);
});

const dense = (units: number, more: object = {}) => layers.layers.dense({ units, ...more });

/** Of each kind of model: how it is made and compiled, and its examples. */
const kinds = {
  "an MLP with softmax and categoricalCrossentropy": () => ({
    build: () => {
      const model = layers.sequential({
        layers: [dense(8, { inputShape: [4], activation: "relu" }), dense(3, { activation: "softmax" })],
      });
      model.compile({
        optimizer: tf.train.sgd(0.1),
        loss: "categoricalCrossentropy",
        metrics: ["accuracy"],
      });
      return model;
    },
    x: xs([40, 4], 1),
    y: tf.oneHot(
      tf.tensor1d(
        Array.from({ length: 40 }, (_, i) => (i * 7) % 3),
        "int32",
      ),
      3,
    ),
  }),
  "a regression with meanSquaredError and adam": () => ({
    build: () => {
      const model = layers.sequential({
        layers: [dense(6, { inputShape: [3], activation: "tanh" }), dense(1)],
      });
      model.compile({ optimizer: tf.train.adam(0.01), loss: "meanSquaredError", metrics: ["mae"] });
      return model;
    },
    x: xs([40, 3], 2),
    y: xs([40, 1], 3),
  }),
  "a regression on labels [N] by momentum with nesterov": () => ({
    build: () => {
      const model = layers.sequential({
        layers: [dense(4, { inputShape: [3], activation: "tanh" }), dense(1)],
      });
      model.compile({ optimizer: tf.train.momentum(0.02, 0.9, true), loss: "meanSquaredError" });
      return model;
    },
    x: xs([40, 3], 4),
    y: xs([40], 5),
  }),
  "a binary classifier with sigmoid and binaryCrossentropy": () => ({
    build: () => {
      const model = layers.sequential({
        layers: [dense(5, { inputShape: [3], activation: "relu" }), dense(1, { activation: "sigmoid" })],
      });
      model.compile({
        optimizer: tf.train.momentum(0.05, 0.9),
        loss: "binaryCrossentropy",
        metrics: ["acc"],
      });
      return model;
    },
    x: xs([40, 3], 6),
    y: tf.tensor2d(Array.from({ length: 40 }, (_, i) => [i % 3 === 0 ? 1 : 0])),
  }),
  "a small conv net": () => ({
    build: () => {
      const model = layers.sequential({
        layers: [
          layers.layers.conv2d({ filters: 3, kernelSize: 3, activation: "relu", inputShape: [6, 6, 1] }),
          layers.layers.maxPooling2d({ poolSize: 2 }),
          layers.layers.flatten(),
          dense(2, { activation: "softmax" }),
        ],
      });
      model.compile({ optimizer: "sgd", loss: "sparseCategoricalCrossentropy", metrics: ["accuracy"] });
      return model;
    },
    x: xs([40, 6, 6, 1], 7),
    y: tf.tensor2d(Array.from({ length: 40 }, (_, i) => [i % 2])),
  }),
  "an LSTM with adam": () => ({
    build: () => {
      const model = layers.sequential({
        layers: [layers.layers.lstm({ units: 4, inputShape: [5, 2] }), dense(1)],
      });
      model.compile({ optimizer: tf.train.adam(0.01), loss: "meanSquaredError" });
      return model;
    },
    x: xs([40, 5, 2], 8),
    y: xs([40, 1], 9),
  }),
} as const;

describe("fit() of one worker with the compiled optimizer", () => {
  test.each(Object.keys(kinds) as (keyof typeof kinds)[])(
    "makes the weights and the history of model.fit: %s",
    async (kind) => {
      const { build, x, y } = kinds[kind]();
      const [ours, theirs] = pair(build);
      const before = theirs.getWeights().map((weight) => weight.dataSync().slice());
      // 32 examples to train on, minibatches of 12, 12 and 8: 21 steps.
      const config = { epochs: 7, batchSize: 12, validationSplit: 0.2, shuffle: false } as const;
      const expected = await theirs.fit(x, y, { ...config, verbose: 0 });
      const history = await fitModel(ours, x, y, { ...config, ...exact });
      expect(weightError(ours, theirs, before)).toBeLessThan(1e-4);
      expect(history.epoch).toEqual(expected.epoch);
      expect(Object.keys(history.history).sort()).toEqual(Object.keys(expected.history).sort());
      for (const [name, values] of Object.entries(expected.history)) {
        for (const [epoch, value] of values.entries()) {
          expect(history.history[name][epoch], `${name} of epoch ${epoch}`).toBeCloseTo(value as number, 5);
        }
      }
    },
  );
});

describe("the compiled optimizer", () => {
  const [x, y] = [xs([12, 3], 20), xs([12, 1], 21)];
  const optimizers = {
    "train.momentum": () => tf.train.momentum(0.05, 0.8),
    "train.rmsprop": () => tf.train.rmsprop(0.01, 0.9, 0.5),
    "train.adagrad": () => tf.train.adagrad(0.1),
    "train.adamax": () => tf.train.adamax(0.01),
    "train.adadelta": () => tf.train.adadelta(0.5),
    "train.adam with decays and a divisor of its own": () => tf.train.adam(0.05, 0.8, 0.9, 0.01),
    "train.rmsprop with a decay and an epsilon of its own": () => tf.train.rmsprop(0.01, 0.5, 0.3, 0.01),
    "train.adagrad with a sum of squares of its own": () => tf.train.adagrad(0.1, 0.9),
    "train.adamax with constants of its own": () => tf.train.adamax(0.05, 0.7, 0.8, 0.01, 0.2),
    "train.adadelta with constants of its own": () => tf.train.adadelta(0.5, 0.7, 0.01),
  };
  test.each(Object.keys(optimizers) as (keyof typeof optimizers)[])(
    "takes the steps of %s, also after its learning rate has changed",
    async (name) => {
      const [ours, theirs] = pair(() => {
        const model = layers.sequential({ layers: [dense(1, { inputShape: [3] })] });
        model.compile({ optimizer: optimizers[name](), loss: "meanSquaredError" });
        return model;
      });
      const before = theirs.getWeights().map((weight) => weight.dataSync().slice());
      const slower = (model: layers.LayersModel) => {
        const optimizer = model.optimizer as unknown as {
          learningRate: number;
          setLearningRate?(rate: number): void;
        };
        const rate = optimizer.learningRate / 1.5;
        optimizer.learningRate = rate;
        optimizer.setLearningRate?.(rate);
      };
      const config = { epochs: 10, batchSize: 6, shuffle: false } as const;
      await theirs.fit(x, y, {
        ...config,
        verbose: 0,
        callbacks: { onEpochBegin: () => slower(theirs) } as never,
      });
      await fitModel(ours, x, y, { ...config, ...exact, callbacks: { onEpochBegin: () => slower(ours) } });
      expect(weightError(ours, theirs, before)).toBeLessThan(1e-4);
    },
  );
});

function regression(): layers.LayersModel {
  return kinds["a regression with meanSquaredError and adam"]().build();
}

describe("weights of examples", () => {
  const x = xs([24, 3], 30);
  const build = () => {
    const model = layers.sequential({ layers: [dense(3, { inputShape: [3], activation: "softmax" })] });
    model.compile({ optimizer: tf.train.sgd(0.3), loss: "categoricalCrossentropy", metrics: ["acc"] });
    return model;
  };
  const y = tf.oneHot(
    tf.tensor1d(
      Array.from({ length: 24 }, (_, i) => (i * 5) % 3),
      "int32",
    ),
    3,
  );
  const config = { epochs: 8, batchSize: 8, validationSplit: 0.25, shuffle: false } as const;

  test("classWeight is that of model.fit, which validation has none of", async () => {
    const [ours, theirs] = pair(build);
    const before = theirs.getWeights().map((weight) => weight.dataSync().slice());
    const classWeight = { 0: 1, 1: 0.25, 2: 7 };
    const expected = await theirs.fit(x, y, { ...config, classWeight, verbose: 0 });
    const { history } = await fitModel(ours, x, y, { ...config, ...exact, classWeight });
    expect(weightError(ours, theirs, before)).toBeLessThan(1e-4);
    for (const name of ["loss", "val_loss", "acc"]) {
      for (const [epoch, value] of expected.history[name].entries()) {
        expect(history[name][epoch], `${name} of epoch ${epoch}`).toBeCloseTo(value as number, 5);
      }
    }
  });

  test("balanced class weights are 24 examples over 3 classes times the examples of each", async () => {
    const counts = { 0: 4, 1: 8, 2: 12 };
    const labels = Object.entries(counts).flatMap(([label, count]) =>
      Array.from({ length: count }, () => Number(label)),
    );
    const [ours, given] = pair(build);
    const rows = tf.oneHot(tf.tensor1d(labels, "int32"), 3);
    await fitModel(ours, x, rows, { ...exact, batchSize: 24, classWeight: "balanced" });
    await fitModel(given, x, rows, { ...exact, batchSize: 24, classWeight: { 0: 2, 1: 1, 2: 2 / 3 } });
    expect(ours.getWeights().map((weight) => [...weight.dataSync()])).toEqual(
      given.getWeights().map((weight) => [...weight.dataSync()]),
    );
  });

  test("sampleWeight 0 leaves an example out, and weights that are missing are refused", async () => {
    const [ours, theirs] = pair(build);
    const before = theirs.getWeights().map((weight) => weight.dataSync().slice());
    // One update of 24: those of weight 2 are half of them, and the mean is over all.
    const sampleWeight = Array.from({ length: 24 }, (_, i) => (i < 12 ? 2 : 0));
    await fitModel(ours, x, y, { ...exact, batchSize: 24, sampleWeight });
    await theirs.fit(tf.slice(x, [0, 0], [12, 3]), tf.slice(y, [0, 0], [12, 3]), {
      batchSize: 12,
      verbose: 0,
    });
    expect(weightError(ours, theirs, before)).toBeLessThan(1e-4);
    await expect(fitModel(ours, x, y, { ...exact, sampleWeight: [1] })).rejects.toMatchObject({
      code: "BAD_DATA",
    });
    await expect(fitModel(ours, x, y, { ...exact, classWeight: { 0: 1 } })).rejects.toMatchObject({
      code: "BAD_DATA",
    });
  });
});

describe("fit() in a loop", () => {
  test("goes on: ten calls of one epoch are one call of ten, to the bit", async () => {
    const [once, often] = pair(regression);
    const [x, y] = [xs([20, 3], 10), xs([20, 1], 11)];
    const config: FitConfig = { ...exact, shuffle: true, batchSize: 8 };
    const { history } = await fitModel(once, x, y, { ...config, epochs: 10 });
    const losses: unknown[] = [];
    for (let epoch = 0; epoch < 10; epoch++)
      losses.push((await fitModel(often, x, y, config)).history.loss[0]);
    expect(losses).toEqual(history.loss);
    expect(often.getWeights().map((weight) => [...weight.dataSync()])).toEqual(
      once.getWeights().map((weight) => [...weight.dataSync()]),
    );
  });

  test("takes the weights that somebody set in between", async () => {
    const [ours, theirs] = pair(() => {
      const model = layers.sequential({ layers: [dense(1, { inputShape: [3] })] });
      model.compile({ optimizer: tf.train.sgd(0.1), loss: "meanSquaredError" });
      return model;
    });
    const [x, y] = [xs([8, 3], 12), xs([8, 1], 13)];
    const values = [tf.tensor2d([[1], [2], [3]]), tf.tensor1d([4])];
    await fitModel(ours, x, y, exact);
    for (const model of [ours, theirs]) model.setWeights(values);
    await fitModel(ours, x, y, exact);
    await theirs.fit(x, y, { shuffle: false, verbose: 0 });
    expect(weightError(ours, theirs, [Float32Array.of(1, 2, 3), Float32Array.of(4)])).toBeLessThan(1e-4);
  });
});

describe("callbacks", () => {
  const [x, y] = [xs([20, 3], 14), xs([20, 1], 15)];

  test("are awaited in the order of TensorFlow.js, with its logs", async () => {
    const calls = async (run: (model: layers.LayersModel, log: object) => Promise<unknown>) => {
      const [model] = pair(regression);
      const seen: string[] = [];
      const note = (name: string) => async (at: unknown, logs?: Record<string, unknown>) => {
        await new Promise((resolve) => setImmediate(resolve));
        seen.push(`${name} ${typeof at === "number" ? at : ""} ${Object.keys(logs ?? {}).sort()}`);
      };
      const names = [
        "onTrainBegin",
        "onEpochBegin",
        "onBatchBegin",
        "onBatchEnd",
        "onEpochEnd",
        "onTrainEnd",
      ];
      await run(model, Object.fromEntries(names.map((name) => [name, note(name)])));
      return seen.filter((call) => !call.startsWith("onBatchBegin"));
    };
    const config = { epochs: 2, batchSize: 8, validationSplit: 0.2 };
    const ours = await calls((model, log) =>
      fitModel(model, x, y, { ...config, ...exact, callbacks: [log] }),
    );
    const theirs = await calls((model, log) =>
      model.fit(x, y, { ...config, verbose: 0, callbacks: [log] as never }),
    );
    expect(ours).toEqual(theirs);
  });

  test("see the weights of the end of an epoch, and end the run by model.stopTraining", async () => {
    const [model] = pair(regression);
    const weights: number[] = [];
    const callbacks = {
      onEpochEnd: async (epoch: number) => {
        weights.push(model.getWeights()[0].dataSync()[0]);
        model.stopTraining = epoch === 2;
      },
    };
    const { epoch } = await fitModel(model, x, y, { ...exact, epochs: 9, callbacks });
    expect(epoch).toEqual([0, 1, 2]);
    expect(new Set(weights).size).toBe(3);
    expect(weights[2]).toBe(model.getWeights()[0].dataSync()[0]);
  });

  test("tf.callbacks.earlyStopping ends at the epoch at which it ends model.fit", async () => {
    const [ours, theirs] = pair(() => {
      const model = layers.sequential({ layers: [dense(1, { inputShape: [3] })] });
      model.compile({ optimizer: tf.train.sgd(0.7), loss: "meanSquaredError" });
      return model;
    });
    const stopping = () => layers.callbacks.earlyStopping({ monitor: "val_loss", patience: 1 });
    const config = { epochs: 50, batchSize: 4, validationSplit: 0.4, shuffle: false };
    const expected = await theirs.fit(x, y, { ...config, verbose: 0, callbacks: stopping() });
    const { epoch } = await fitModel(ours, x, y, { ...config, ...exact, callbacks: stopping() });
    expect(epoch).toEqual(expected.epoch);
    expect(epoch.length).toBeLessThan(50);
  });

  test("one that throws rejects the call, which leaves the model to the next one", async () => {
    const [model] = pair(regression);
    const onEpochEnd = () => Promise.reject(new Error("mine"));
    await expect(fitModel(model, x, y, { ...exact, epochs: 3, callbacks: { onEpochEnd } })).rejects.toThrow(
      "mine",
    );
    expect((await fitModel(model, x, y, exact)).epoch).toEqual([0]);
  });
});

describe("fit() refuses before it trains", () => {
  const [x, y] = [xs([8, 3], 16), xs([8, 1], 17)];
  const refused = async (run: Promise<unknown>) => {
    const error = await run.then(() => null).catch((error: unknown) => error);
    return error as { code: string; message: string; details: Record<string, unknown> };
  };

  test("a model that was not compiled", async () => {
    const model = layers.sequential({ layers: [dense(1, { inputShape: [3] })] });
    const { code, message } = await refused(fitModel(model, x, y));
    expect(code).toBe("BAD_MODEL");
    expect(message).toContain("compile");
  });

  test("an optimizer of the user's own, and names model.fit", async () => {
    class Own extends tf.SGDOptimizer {}
    const [model] = pair(regression);
    model.compile({ optimizer: new Own(0.1), loss: "meanSquaredError" });
    const { code, details, message } = await refused(fitModel(model, x, y, exact));
    expect([code, details.received]).toEqual(["BAD_OPTION", "Own"]);
    expect(message).toContain("model.fit");
  });

  test.each([
    ["centered", () => tf.train.rmsprop(0.1, 0.9, 0, 1e-7, true), true],
    ["beta1", () => tf.train.adam(0.1, 1), 1],
    ["decay", () => tf.train.rmsprop(0.1, 1.5), 1.5],
  ] as const)("an optimizer of TensorFlow.js whose %s cannot be taken", async (name, optimizer, received) => {
    const [model] = pair(regression);
    model.compile({ optimizer: optimizer(), loss: "meanSquaredError" });
    const { code, details, message } = await refused(fitModel(model, x, y, exact));
    expect([code, details.received]).toEqual(["BAD_OPTION", received]);
    expect(message).toContain(`its ${name} must be`);
  });

  test("the same model in two runs at once", async () => {
    const [model] = pair(regression);
    const first = fitModel(model, x, y, exact);
    expect((await refused(fitModel(model, x, y, exact))).code).toBe("BAD_MODEL");
    await first;
  });

  test("options that it does not know", async () => {
    const [model] = pair(regression);
    const { code, details } = await refused(fitModel(model, x, y, { ...exact, epoch: 3 } as FitConfig));
    expect([code, details.option]).toEqual(["BAD_OPTION", "epoch"]);
  });
});

test("several workers train with fewer examples than a minibatch, by the default that needs nothing, and say so once", async () => {
  const [model] = pair(regression);
  const texts: string[] = [];
  const config = {
    workers: 2,
    engine: "reference",
    epochs: 3,
    onEvent: ({ text }: { text: string }) => texts.push(text),
  } as const;
  const { history } = await fitModel(model, xs([5, 3], 18), xs([5, 1], 19), config);
  expect(history.loss.every((loss) => Number.isFinite(loss as number))).toBe(true);
  expect(texts[0]).toContain("yellowfin");
});
