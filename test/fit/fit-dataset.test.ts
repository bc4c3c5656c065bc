/** `fitDataset()` and `trainOnBatch()` beside those of `LayersModel`. */
import { afterAll, expect, test } from "vitest";
import { fit as fitModel } from "../../src/fit/fit.ts";
import { fitDataset } from "../../src/fit/fit-dataset.ts";
import { release } from "../../src/fit/sessions.ts";
import { trainOnBatch } from "../../src/fit/train-on-batch.ts";
import { layers, tf } from "../../src/tfjs/tf.ts";
import { twins, weightError, xs } from "./twins.ts";

const exact = { mode: "serial", engine: "reference", optimizer: "compiled", verbose: 0 } as const;
const made: layers.LayersModel[] = [];

afterAll(async () => {
  for (const model of made) await release(model);
});

function pair(metrics: string[] = []) {
  const models = twins(() => {
    const model = layers.sequential({
      layers: [
        layers.layers.dense({ units: 4, inputShape: [3], activation: "tanh" }),
        layers.layers.dense({ units: 1 }),
      ],
    });
    model.compile({ optimizer: tf.train.adam(0.01), loss: "meanSquaredError", metrics });
    return model;
  });
  made.push(...models);
  return models;
}

const weightsOf = (model: layers.LayersModel) =>
  model.getWeights().map((weight) => weight.dataSync().slice());

/** Minibatches of 8, 8, 8, 5, 7 and 7 examples, made when they are asked for. */
function dataset(counts = [8, 8, 8, 5, 7, 7]) {
  const passes: number[] = [];
  return {
    passes,
    size: counts.length,
    async iterator() {
      passes.push(0);
      let i = 0;
      return {
        async next() {
          if (i === counts.length) return { value: null, done: true };
          const rows = counts[i++];
          return { value: { xs: xs([rows, 3], i), ys: xs([rows, 1], 100 + i) }, done: false };
        },
      };
    },
  };
}

test("fitDataset() makes the weights and the history of model.fitDataset, whatever the sizes of minibatches", async () => {
  const [ours, theirs] = pair(["mae"]);
  const before = weightsOf(theirs);
  const validationData = [xs([6, 3], 50), xs([6, 1], 51)] as const;
  const expected = await theirs.fitDataset(dataset() as never, {
    epochs: 4,
    verbose: 0,
    validationData: [...validationData] as never,
  });
  const source = dataset();
  const history = await fitDataset(ours, source, { ...exact, epochs: 4, validationData });
  expect(weightError(ours, theirs, before)).toBeLessThan(1e-4);
  expect(source.passes.length).toBe(4);
  for (const [name, values] of Object.entries(expected.history)) {
    for (const [epoch, value] of values.entries()) {
      expect(history.history[name][epoch], `${name} of epoch ${epoch}`).toBeCloseTo(value as number, 5);
    }
  }
});

test("fitDataset() draws from endless generators, batchesPerEpoch minibatches an epoch, and disposes of what it drew", async () => {
  const [model] = pair();
  const { numTensors } = tf.memory();
  let drawn = 0;
  function* endless() {
    for (;;) {
      drawn++;
      yield { xs: xs([4, 3], drawn), ys: xs([4, 1], drawn) };
    }
  }
  const { epoch } = await fitDataset(model, endless, { ...exact, epochs: 3, batchesPerEpoch: 5 });
  expect(epoch).toEqual([0, 1, 2]);
  expect(drawn).toBe(15);
  // The sums of its metrics are the session's.
  expect(tf.memory().numTensors).toBe(numTensors + 1);
});

test("fitDataset() validates with the first validationBatches minibatches, also of a dataset without end", async () => {
  const [ours, theirs] = pair();
  const endless = {
    size: Number.POSITIVE_INFINITY,
    async iterator() {
      let drawn = 0;
      return {
        async next() {
          drawn++;
          return { value: { xs: xs([4, 3], 60 + drawn), ys: xs([4, 1], 70 + drawn) }, done: false };
        },
      };
    },
  };
  const config = { epochs: 2, validationData: endless, validationBatches: 3 };
  const expected = await theirs.fitDataset(dataset() as never, { ...config, verbose: 0 } as never);
  const { history } = await fitDataset(ours, dataset(), { ...exact, ...config });
  expect(history.val_loss).toHaveLength(2);
  for (const [epoch, value] of expected.history.val_loss.entries()) {
    expect(history.val_loss[epoch]).toBeCloseTo(value as number, 5);
  }
});

test("fitDataset() rejects with what its dataset throws", async () => {
  const [model] = pair();
  function* broken() {
    yield { xs: xs([4, 3], 1), ys: xs([4, 1], 1) };
    throw new Error("no more cables");
  }
  const error = await fitDataset(model, broken, exact).catch((error: unknown) => error);
  expect(error).toMatchObject({ code: "BAD_DATA", message: expect.stringContaining("no more cables") });
});

test("trainOnBatch() makes the updates of model.trainOnBatch, and returns what it returns", async () => {
  const [ours, theirs] = pair(["mae"]);
  const before = weightsOf(theirs);
  for (let step = 0; step < 20; step++) {
    const [x, y] = [xs([6, 3], step), xs([6, 1], 200 + step)];
    const expected = (await theirs.trainOnBatch(x, y)) as number[];
    const values = (await trainOnBatch(ours, x, y, {
      engine: "reference",
      optimizer: "compiled",
    })) as number[];
    for (const [i, value] of expected.entries()) expect(values[i]).toBeCloseTo(value, 5);
  }
  expect(weightError(ours, theirs, before)).toBeLessThan(1e-4);
});

test("fit() goes on from trainOnBatch(), with the state of its optimizer", async () => {
  const [ours, theirs] = pair();
  const before = weightsOf(theirs);
  const [x, y] = [xs([8, 3], 1), xs([8, 1], 2)];
  for (let i = 0; i < 3; i++) {
    await trainOnBatch(ours, x, y, { engine: "reference", optimizer: "compiled" });
    await theirs.trainOnBatch(x, y);
    await fitModel(ours, x, y, { ...exact, shuffle: false, batchSize: 4 });
    await theirs.fit(x, y, { shuffle: false, batchSize: 4, verbose: 0 });
  }
  expect(weightError(ours, theirs, before)).toBeLessThan(1e-4);
});
