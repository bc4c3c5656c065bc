/** Options of `fit()` and `fitDataset()` one by one, beside TensorFlow.js. */
import { afterAll, describe, expect, test } from "vitest";
import { fit as fitModel } from "../../src/fit/fit.ts";
import { fitDataset } from "../../src/fit/fit-dataset.ts";
import { release } from "../../src/fit/sessions.ts";
import { trainOnBatch } from "../../src/fit/train-on-batch.ts";
import { layers, tf } from "../../src/tfjs/tf.ts";
import { twins, weightError, xs } from "./twins.ts";

const made: layers.LayersModel[] = [];
afterAll(async () => {
  for (const model of made) await release(model);
});

const exact = {
  mode: "serial",
  engine: "reference",
  optimizer: "compiled",
  verbose: 0,
  shuffle: false,
} as const;
const { shuffle: _, ...exactDataset } = exact;
const { dense } = layers.layers;
const [x, y] = [xs([10, 3], 1), xs([10, 1], 2)];

function pair(build: () => layers.LayersModel = regression) {
  const [ours, theirs] = twins(build);
  made.push(ours);
  const before = theirs.getWeights().map((weight) => weight.dataSync().slice());
  return { ours, theirs, error: () => weightError(ours, theirs, before) };
}

function regression(): layers.LayersModel {
  const model = layers.sequential({
    layers: [dense({ units: 4, inputShape: [3], activation: "tanh" }), dense({ units: 1 })],
  });
  model.compile({ optimizer: tf.train.adam(0.01), loss: "meanSquaredError" });
  return model;
}

const rows = (tensor: tf.Tensor, from: number, to: number) =>
  tf.slice(tensor, [from, 0], [to - from, tensor.shape[1] as number]);
/** The minibatches of 4 of ten examples. */
const cuts = [
  [0, 4],
  [4, 8],
  [8, 10],
] as const;

test.each([1, 2, 5])(
  "stepsPerEpoch %d: an epoch goes on in the data where the last one ended",
  async (stepsPerEpoch) => {
    const { error, ours, theirs } = pair();
    const history = await fitModel(ours, x, y, { ...exact, batchSize: 4, stepsPerEpoch, epochs: 3 });
    const losses: number[] = [];
    for (let step = 0; step < 3 * stepsPerEpoch; step++) {
      const [from, to] = cuts[step % 3];
      const loss = (await theirs.trainOnBatch(rows(x, from, to), rows(y, from, to))) as number;
      losses.push(...Array.from({ length: to - from }, () => loss));
    }
    expect(error()).toBeLessThan(1e-4);
    expect(history.epoch).toEqual([0, 1, 2]);
    // The mean over the examples of all epochs.
    const sizes = Array.from({ length: 3 }, (_, epoch) =>
      Array.from({ length: stepsPerEpoch }, (_, i) => cuts[(epoch * stepsPerEpoch + i) % 3]).reduce(
        (sum, [from, to]) => sum + to - from,
        0,
      ),
    );
    const total = sizes.reduce((sum, size, epoch) => sum + size * (history.history.loss[epoch] as number), 0);
    expect(total / losses.reduce((sum, loss) => sum + loss, 0)).toBeCloseTo(1, 5);
  },
);

test("batchesPerEpoch goes on in the dataset, which begins anew where it ends", async () => {
  const { error, ours, theirs } = pair();
  const dataset = () => ({
    async iterator() {
      const left = cuts.map(([from, to]) => ({ xs: rows(x, from, to), ys: rows(y, from, to) }));
      return {
        async next() {
          const value = left.shift();
          return value === undefined ? { value: null, done: true } : { value, done: false };
        },
      };
    },
  });
  const history = await fitDataset(ours, dataset() as never, {
    ...exactDataset,
    batchesPerEpoch: 2,
    epochs: 4,
  });
  for (let step = 0; step < 8; step++) {
    const [from, to] = cuts[step % 3];
    await theirs.trainOnBatch(rows(x, from, to), rows(y, from, to));
  }
  expect(error()).toBeLessThan(1e-4);
  expect(history.epoch).toEqual([0, 1, 2, 3]);
});

test("initialEpoch counts from there to epochs, as in model.fit", async () => {
  const { error, ours, theirs } = pair();
  const config = { initialEpoch: 3, epochs: 5, batchSize: 4, shuffle: false, verbose: 0 } as const;
  const begun: number[] = [];
  const callbacks = { onEpochBegin: async (epoch: number) => void begun.push(epoch) };
  const expected = await theirs.fit(x, y, config);
  const history = await fitModel(ours, x, y, { ...exact, ...config, callbacks });
  expect(history.epoch).toEqual(expected.epoch);
  expect(begun).toEqual([3, 4]);
  expect(error()).toBeLessThan(1e-4);
});

describe("signal", () => {
  test("ends the run with what was trained until then, and the model trains on", async () => {
    const { error, ours, theirs } = pair();
    const user = new AbortController();
    const onEpochEnd = async (epoch: number) => {
      if (epoch === 1) user.abort();
    };
    const config = { epochs: 9, batchSize: 4, signal: user.signal, callbacks: { onEpochEnd } };
    const history = await fitModel(ours, x, y, { ...exact, ...config });
    expect(history.epoch).toEqual([0, 1]);
    await fitModel(ours, x, y, { ...exact, batchSize: 4 });
    await theirs.fit(x, y, { epochs: 3, batchSize: 4, shuffle: false, verbose: 0 });
    expect(error()).toBeLessThan(1e-4);
  });

  test("that was aborted before trains nothing", async () => {
    const { ours } = pair();
    const before = ours.getWeights().map((weight) => [...weight.dataSync()]);
    const history = await fitModel(ours, x, y, { ...exact, epochs: 3, signal: AbortSignal.abort() });
    expect(history.epoch).toEqual([]);
    expect(ours.getWeights().map((weight) => [...weight.dataSync()])).toEqual(before);
  });

  test("ends an endless run in the midst of an epoch", async () => {
    const { ours } = pair();
    const user = new AbortController();
    let drawn = 0;
    function* endless() {
      for (;;) {
        if (++drawn === 2000) user.abort();
        yield { xs: xs([4, 3], drawn), ys: xs([4, 1], drawn) };
      }
    }
    await fitDataset(ours, endless, { ...exactDataset, batchesPerEpoch: 1e9, signal: user.signal });
    expect(user.signal.aborted).toBe(true);
  });
});

test("onYield is called while an epoch trains, with its number and a loss; what it throws ends the run", async () => {
  const { ours } = pair();
  const seen: [number, number][] = [];
  const onYield = async (epoch: number, _batch: number, logs: { loss?: number }) => {
    seen.push([epoch, logs.loss as number]);
    if (seen.length === 3) throw new Error("enough");
  };
  // As many minibatches as it takes.
  const endless = { ...exact, batchSize: 4, stepsPerEpoch: 400_000, callbacks: { onYield } };
  await expect(fitModel(ours, x, y, endless as never)).rejects.toThrow("enough");
  expect(seen.map(([epoch]) => epoch)).toEqual([0, 0, 0]);
  expect(seen.every(([, loss]) => typeof loss === "number")).toBe(true);
});

test("model.dispose() ends the session: what it kept is freed", async () => {
  const { numTensors } = tf.memory();
  const model = regression();
  await trainOnBatch(model, x, y, { engine: "reference", optimizer: "compiled" });
  await fitModel(model, x, y, exact);
  model.dispose();
  model.optimizer.dispose();
  await expect(release(model)).resolves.toBeUndefined();
  expect(tf.memory().numTensors).toBe(numTensors);
});

describe("several outputs", () => {
  const two = () => {
    const input = layers.input({ shape: [3] });
    const head = (name: string, units: number, activation?: "softmax") =>
      dense({ name, units, ...(activation ? { activation } : {}) }).apply(input) as layers.SymbolicTensor;
    return layers.model({ inputs: input, outputs: [head("size", 1), head("kind", 2, "softmax")] });
  };
  const kinds = tf.oneHot(
    tf.tensor1d(
      Array.from({ length: 10 }, (_, i) => (i * 3) % 2),
      "int32",
    ),
    2,
  );
  const losses = ["meanSquaredError", "categoricalCrossentropy"] as const;

  test.each([
    ["a list", [...losses]],
    ["a record", { kind: losses[1], size: losses[0] }],
    ["one for both", "meanSquaredError"],
  ])("are trained by %s of losses, with targets in a list or by name", async (_, loss) => {
    const build = () => {
      const model = two();
      model.compile({ optimizer: tf.train.sgd(0.1), loss: loss as never });
      return model;
    };
    const { error, ours, theirs } = pair(build);
    const config = { epochs: 3, batchSize: 4, shuffle: false, verbose: 0 } as const;
    const expected = await theirs.fit(x, [y, kinds], config);
    const history = await fitModel(ours, x, { kind: kinds, size: y }, { ...exact, ...config });
    expect(error()).toBeLessThan(1e-4);
    for (const [epoch, value] of expected.history.loss.entries()) {
      expect(history.history.loss[epoch]).toBeCloseTo(value as number, 5);
    }
  });

  test("weights of examples are those of each output, in a list", async () => {
    const build = () => {
      const model = two();
      model.compile({ optimizer: tf.train.sgd(0.1), loss: [...losses] });
      return model;
    };
    const { error, ours, theirs } = pair(build);
    // Examples 4 to 9 count for neither output, and the mean is over ten: 2.5 times is that over four.
    const some = Array.from({ length: 10 }, (_, i) => (i < 4 ? 2.5 : 0));
    await fitModel(ours, x, [y, kinds], { ...exact, batchSize: 10, sampleWeight: [some, some] });
    await theirs.fit(rows(x, 0, 4), [rows(y, 0, 4), rows(kinds, 0, 4)], { batchSize: 4, verbose: 0 });
    expect(error()).toBeLessThan(1e-4);
  });
});
