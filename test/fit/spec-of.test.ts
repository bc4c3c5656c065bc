import { expect, test } from "vitest";
import { specOf } from "../../src/fit/fit-config.ts";
import { layers, tf } from "../../src/tfjs/tf.ts";

test("specOf() resolves the settings of a model anew when one of them has changed, and only then", () => {
  const model = layers.sequential({ layers: [layers.layers.dense({ units: 1, inputShape: [1] })] });
  const optimizer = tf.train.adam(0.01);
  model.compile({ optimizer, loss: "meanSquaredError" });
  const compiled = { optimizer: "compiled", batchSize: 8 } as const;
  const first = specOf(model, compiled);
  expect(specOf(model, { ...compiled })).toBe(first);
  expect(first.optimizer.learningRate).toBe(0.01);
  (optimizer as unknown as { learningRate: number }).learningRate = 0.02;
  expect(specOf(model, compiled).optimizer.learningRate).toBe(0.02);
  expect(specOf(model, { ...compiled, batchSize: 9 }).batching.batchSize).toBe(9);
  expect(specOf(model, { ...compiled, shuffle: false }).batching.shuffle).toBe(false);
  // What is wrong is refused each time.
  for (const _ of [1, 2]) {
    expect(() => specOf(model, { learningRate: Number.NaN })).toThrow("learningRate");
  }
});
