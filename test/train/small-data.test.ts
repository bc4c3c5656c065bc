/** Fewer examples than a minibatch: it is the data set, as in TensorFlow.js, and no example is in it twice. */
import { expect, test } from "vitest";
import { layers, tf } from "../../src/tfjs/tf.ts";
import { train } from "../../src/train.ts";
import { twins, weightError, xs } from "../fit/twins.ts";

const [features, labels] = [xs([5, 3], 1), xs([5, 1], 2)];

function pair() {
  const [ours, theirs] = twins(() => {
    const model = layers.sequential({ layers: [layers.layers.dense({ units: 1, inputShape: [3] })] });
    model.compile({ optimizer: tf.train.sgd(0.1), loss: "meanSquaredError" });
    return model;
  });
  const before = theirs.getWeights().map((weight) => weight.dataSync().slice());
  return { ours, theirs, error: () => weightError(ours, theirs, before) };
}

const exact = {
  loss: "meanSquaredError",
  mode: "serial",
  engine: "reference",
  optimizer: "sgd",
  learningRate: 0.1,
  averaging: false,
  epochs: 4,
} as const;

test.each([{}, { batchSize: 64 }, { batchSize: 64, batchJitter: "exponential" }, { batchSize: 5 }] as const)(
  "train() with %o makes the steps of model.fit, an update an epoch",
  async (batches) => {
    const { error, ours, theirs } = pair();
    const texts: string[] = [];
    const { summary } = await train({
      ...exact,
      ...batches,
      model: ours,
      data: { train: { features, labels } },
      callbacks: { onEvent: ({ text }) => void texts.push(text) },
    });
    await theirs.fit(features, labels, { epochs: 4, verbose: 0 });
    expect(error()).toBeLessThan(1e-4);
    expect([summary.updates, summary.epochs, summary.batchSize]).toEqual([4, 4, 5]);
    const notes = texts.filter((text) => text.startsWith("A minibatch is the whole data set, 5 examples"));
    expect(notes).toHaveLength("batchSize" in batches && batches.batchSize === 5 ? 0 : 1);
  },
);

test("sizes that jitter are one size where the largest of them is more than all examples", async () => {
  const { ours } = pair();
  const options = { ...exact, model: ours, data: { train: { features, labels } }, batchSize: 3 } as const;
  const { summary } = await train({ ...options, batchJitter: "exponential" });
  // 1, 1, 1, 2, 2, 3, 6 and 8 are 24, eight times 3.
  expect(summary.dataNotes).toContainEqual(expect.stringContaining("Minibatches are of one size, 3"));
  expect(summary.batchSize).toBe(3);
});
