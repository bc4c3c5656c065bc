/** Models that Keras 3 saved and TensorFlow.js's converter converted (`fixtures/make-keras-3.py`). */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { toKeras2 } from "../../src/tfjs/saved/keras-3.ts";
import { loadModel } from "../../src/tfjs/saved/load-model.ts";
import { tf } from "../../src/tfjs/tf.ts";

const modelFile = (name: string) =>
  join(fileURLToPath(new URL(`fixtures/keras-3-${name}`, import.meta.url)), "model.json");

/** Name, an example, and what Keras predicts for it. */
const models: [string, () => tf.Tensor | tf.Tensor[], number[]][] = [
  [
    "sequential",
    () => tf.linspace(-1, 1, 36).reshape([1, 6, 6, 1]),
    [0.05391963571310043, 0.6830593943595886],
  ],
  [
    "functional",
    () => [tf.tensor2d([[0.1, 0.2, 0.3]]), tf.tensor2d([[0.4, 0.5]])],
    [0.7501720190048218, 1.224177598953247],
  ],
];

test.each(models)("a %s model of Keras 3 predicts what Keras does", async (name, example, expected) => {
  const model = await loadModel(modelFile(name));
  const predicted = tf.tidy(() => [...(model.predict(example()) as tf.Tensor).dataSync()]);
  for (const [i, value] of expected.entries()) expect(predicted[i]).toBeCloseTo(value, 5);
});

test("a layer of Keras 3 that is called with a tensor by name is refused", () => {
  const tensor = { class_name: "__keras_tensor__", config: { keras_history: ["a", 0, 0] } };
  const topology = { inbound_nodes: [{ args: [tensor], kwargs: { mask: tensor } }] };
  expect(() => toKeras2(topology, (rule, received) => new Error(`${rule}: ${received}`))).toThrow(
    /place: mask/,
  );
});
