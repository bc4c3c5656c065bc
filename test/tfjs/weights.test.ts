import { describe, expect, test } from "vitest";
import { YfError } from "../../src/errors.ts";
import { mlp } from "../../src/tfjs/models/mlp.ts";
import { layers, tf } from "../../src/tfjs/tf.ts";
import { trace } from "../../src/tfjs/trace.ts";
import { readWeights, writeWeights } from "../../src/tfjs/weights.ts";

describe("the flat weights of a model", () => {
  test("have the order, names and sizes of the parameters of its graph", () => {
    const model = mlp(1, [4], [3], 2);
    const { names, shapes, flat } = readWeights(model);
    const { parameters, values } = trace({
      model,
      loss: "meanSquaredError",
      features: [{ shape: [4], dtype: "float32" }],
      labels: [{ shape: [2], dtype: "float32" }],
      batchSize: 1,
      training: false,
    });
    expect(names).toEqual(parameters.map(({ name }) => name));
    expect(shapes).toEqual(parameters.map(({ value }) => values[value].shape));
    expect(flat.length).toBe(12 + 3 + 6 + 2);
    const bias = parameters[1];
    expect(flat.subarray(bias.offset, bias.offset + bias.length)).toEqual(
      model.getLayer("dense1").getWeights()[1].dataSync(),
    );
  });

  test("come back as they were written, from shared memory too, without a tensor more", () => {
    const model = mlp(1, [4], [3], 2);
    const shared = new Float32Array(new SharedArrayBuffer(4 * 23)).map((_, i) => i / 8);
    const before = tf.memory().numTensors;
    writeWeights(model, shared);
    expect(tf.memory().numTensors).toBe(before);
    expect([...readWeights(model).flat]).toEqual([...shared]);
  });

  test("are a copy: writing into them leaves the model alone", () => {
    const model = mlp(1, [4], [], 2);
    const { flat } = readWeights(model);
    const first = flat[0];
    flat.fill(9);
    expect(readWeights(model).flat[0]).toBe(first);
  });

  test("keep the same names when the process builds the model again", () => {
    expect(readWeights(mlp(1, [4], [3], 2)).names).toEqual(readWeights(mlp(2, [4], [3], 2)).names);
  });

  test("leave out what is not trained", () => {
    const model = layers.sequential({
      layers: [layers.layers.dense({ units: 2, inputShape: [3] }), layers.layers.batchNormalization()],
    });
    // kernel 6, bias 2, gamma 2, beta 2; moving mean and variance are not trained.
    expect(readWeights(model).flat.length).toBe(12);
  });

  test("may also be those of bare variables", () => {
    const a = tf.variable(tf.tensor1d([1, 2]), true, "a");
    const b = tf.variable(tf.tensor1d([3]), false, "b");
    writeWeights([a, b], Float32Array.of(5, 6));
    expect(readWeights([a, b])).toEqual({ names: ["a"], shapes: [[2]], flat: Float32Array.of(5, 6) });
    tf.dispose([a, b]);
  });

  test("are refused when there are too many or too few", () => {
    const write = () => writeWeights(mlp(1, [4], [], 2), new Float32Array(9));
    expect(write).toThrow("Cannot set the weights: the model has 10 parameters (got 9)");
    expect(write).toThrow(YfError);
  });
});
