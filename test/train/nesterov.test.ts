/** The flag `nesterov` of the optimizer `momentum`, beside `tf.train.momentum(…, …, true)`. */
import { afterAll, expect, test } from "vitest";
import { fit as fitModel } from "../../src/fit/fit.ts";
import { release } from "../../src/fit/sessions.ts";
import { layers, tf } from "../../src/tfjs/tf.ts";
import { train } from "../../src/train.ts";
import { twins, weightError, xs } from "../fit/twins.ts";

const [x, y] = [xs([8, 3], 1), xs([8, 1], 2)];
const updates = 6;
const settings = { optimizer: "momentum", nesterov: true, learningRate: 0.05, momentum: 0.8 } as const;
const made: layers.LayersModel[] = [];
afterAll(async () => {
  for (const model of made) await release(model);
});

/** A model to train, and how far one is from what TensorFlow.js makes of the same weights in six updates. */
async function subject() {
  const [ours, theirs] = twins(() => {
    const model = layers.sequential({
      layers: [
        layers.layers.dense({ units: 4, inputShape: [3], activation: "tanh" }),
        layers.layers.dense({ units: 1 }),
      ],
    });
    model.compile({ optimizer: tf.train.momentum(0.05, 0.8, true), loss: "meanSquaredError" });
    return model;
  });
  made.push(ours);
  const before = theirs.getWeights().map((weight) => weight.dataSync().slice());
  await theirs.fit(x, y, { epochs: updates, batchSize: 8, verbose: 0 });
  return { model: ours, error: () => weightError(ours, theirs, before) };
}

test.each(["serial", "hogwild", "locked", "sync", "round-robin", "random-worker", "timed"] as const)(
  "one worker of mode %s makes its steps",
  async (mode) => {
    const { error, model } = await subject();
    const { summary } = await train({
      ...settings,
      model,
      loss: "meanSquaredError",
      data: { train: { features: x, labels: y } },
      mode,
      workers: 1,
      engine: "reference",
      averaging: false,
      batchSize: 8,
      maxUpdates: updates,
    });
    expect(error()).toBeLessThan(1e-4);
    expect(summary.optimizer).toBe("nesterov");
  },
);

test.each(["serial", "hogwild"] as const)("so does one worker of fit() in mode %s", async (mode) => {
  const { error, model } = await subject();
  const config = { epochs: updates, batchSize: 8, workers: 1, engine: "reference", verbose: 0 } as const;
  await fitModel(model, x, y, { ...config, ...settings, mode, averaging: false });
  expect(error()).toBeLessThan(1e-4);
});

test("in a schedule of four workers it makes the bits of the optimizer nesterov", async () => {
  const weights = async (optimizer: object) => {
    const model = layers.sequential({ layers: [layers.layers.dense({ units: 1, inputShape: [3] })] });
    model.setWeights([tf.tensor2d([[1], [2], [3]]), tf.tensor1d([4])]);
    await train({
      ...optimizer,
      model,
      loss: "meanSquaredError",
      data: { train: { features: x, labels: y } },
      mode: "round-robin",
      simulateWorkers: 4,
      workers: 1,
      engine: "reference",
      batchSize: 2,
      maxUpdates: 40,
    });
    return model.getWeights().map((weight) => [...weight.dataSync()]);
  };
  const { nesterov: _, ...others } = settings;
  expect(await weights(settings)).toEqual(await weights({ ...others, optimizer: "nesterov" }));
  expect(await weights(settings)).not.toEqual(await weights(others));
});
