/** Two compiled models that share layers, as generator and discriminator do: what each of them trains, and what it sees of the other. */
import { afterAll, describe, expect, test } from "vitest";
import { fit as fitModel } from "../../src/fit/fit.ts";
import { release } from "../../src/fit/sessions.ts";
import { trainOnBatch } from "../../src/fit/train-on-batch.ts";
import { layers, tf } from "../../src/tfjs/tf.ts";
import { weightError, xs } from "./twins.ts";

const exact = { engine: "reference", optimizer: "compiled", verbose: 0 } as const;

const made: layers.LayersModel[] = [];

afterAll(async () => {
  for (const model of made) await release(model);
});

/** A critic, and a maker with the critic behind it, which was frozen while that was compiled. */
function pair() {
  const dense = (units: number, inputShape: number[]) =>
    layers.layers.dense({ units, inputShape, activation: "tanh" });
  const maker = layers.sequential({ layers: [dense(3, [2])] });
  const critic = layers.sequential({
    layers: [dense(4, [3]), layers.layers.dense({ units: 1, activation: "sigmoid" })],
  });
  critic.compile({ optimizer: tf.train.sgd(0.3), loss: "binaryCrossentropy" });
  const seed = layers.input({ shape: [2] });
  critic.trainable = false;
  const judged = critic.apply(maker.apply(seed)) as layers.SymbolicTensor;
  const both = layers.model({ inputs: seed, outputs: judged });
  both.compile({ optimizer: tf.train.momentum(0.2, 0.5), loss: "binaryCrossentropy" });
  critic.trainable = true;
  made.push(critic, both);
  return { both, critic };
}

const [real, seeds] = [xs([6, 3], 1), xs([6, 2], 2)];
const labels = tf.tensor2d([[1], [0], [1], [1], [0], [1]]);

describe("two models that share layers", () => {
  test("train the weights that were trainable when each was compiled, as model.trainOnBatch does", async () => {
    const [ours, theirs] = [pair(), pair()];
    ours.both.setWeights(theirs.both.getWeights());
    const before = theirs.both.getWeights().map((weight) => weight.dataSync().slice());
    for (let step = 0; step < 6; step++) {
      for (const which of ["critic", "both"] as const) {
        const x = which === "critic" ? real : seeds;
        const expected = await theirs[which].trainOnBatch(x, labels);
        const loss = await trainOnBatch(ours[which], x, labels, exact);
        expect(loss, `${which} at step ${step}`).toBeCloseTo(expected as number, 6);
      }
    }
    expect(weightError(ours.both, theirs.both, before)).toBeLessThan(1e-4);
  });

  test("are traced once, however often each changes the weights of the other", async () => {
    const { both, critic } = pair();
    let calls = 0;
    const [layer] = critic.layers;
    const { call } = layer;
    layer.call = function (this: typeof layer, ...rest) {
      calls++;
      return call.apply(this, rest);
    };
    const step = async () => {
      await trainOnBatch(critic, real, labels, exact);
      await trainOnBatch(both, seeds, labels, exact);
    };
    await step();
    const traced = calls;
    expect(traced).toBeGreaterThan(0);
    for (let i = 0; i < 3; i++) await step();
    expect(calls).toBe(traced);
    // Minibatches of another size, and with the same optimizer: the programs of both have the same weights.
    const { history } = await fitModel(both, seeds, labels, { ...exact, mode: "serial", batchSize: 3 });
    expect(history.loss[0]).toBeGreaterThan(0);
  });

  test("keep a layer that is frozen after a first fit, also without another compile", async () => {
    const [ours, theirs] = [pair(), pair()];
    ours.critic.setWeights(theirs.critic.getWeights());
    const config = { epochs: 2, batchSize: 3, shuffle: false, verbose: 0 } as const;
    for (const { critic } of [ours, theirs]) {
      const before = critic.getWeights().map((weight) => weight.dataSync().slice());
      const train = () =>
        critic === ours.critic
          ? fitModel(critic, real, labels, { ...config, ...exact, mode: "serial" })
          : critic.fit(real, labels, config);
      await train();
      const [kernel] = critic.layers[0].getWeights();
      const kept = kernel.dataSync().slice();
      expect(kept).not.toEqual(before[0]);
      critic.layers[0].trainable = false;
      await train();
      expect(critic.layers[0].getWeights()[0].dataSync()).toEqual(kept);
    }
    const [mine, other] = [ours, theirs].map(({ critic }) => critic.layers[1].getWeights()[0].dataSync());
    for (const [i, value] of other.entries()) expect(mine[i]).toBeCloseTo(value, 6);
  });
});
