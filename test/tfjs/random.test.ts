import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { GraphNode } from "../../src/graph/graph.ts";
import { layers, tf } from "../../src/tfjs/tf.ts";
import { trace } from "../../src/tfjs/trace.ts";
import {
  expectAgreement,
  interpreterResult,
  randomTensor,
  type Subject,
  tensorflowResult,
} from "./agreement.ts";

const l = layers.layers;

/** A network around one layer. */
function around(layer: layers.layers.Layer): Subject {
  const kernelInitializer = layers.initializers.randomNormal({ seed: 1 });
  const model = layers.sequential({
    layers: [
      l.dense({ inputShape: [4], units: 6, kernelInitializer }),
      layer,
      l.dense({ units: 2, kernelInitializer: layers.initializers.randomNormal({ seed: 2 }) }),
    ],
  });
  const float = (size: number) => ({ shape: [size], dtype: "float32" as const });
  return { model, loss: "meanSquaredError", features: [float(4)], labels: [float(2)], batchSize: 3 };
}

function randomNodes(subject: Subject, training = true): GraphNode[] {
  return trace({ ...subject, training }).nodes.filter(({ op }) => op.startsWith("Random"));
}

describe("a layer that draws random numbers becomes a random operator with its own parameters", () => {
  test("dropout draws uniform numbers in [0, 1)", () => {
    expect(randomNodes(around(l.dropout({ name: "drop", rate: 0.3 })))).toMatchObject([
      { op: "RandomUniform", inputs: [], attributes: { minval: 0, maxval: 1 }, layer: "drop" },
    ]);
  });

  test("dropout with a seed is not frozen into one mask", () => {
    expect(randomNodes(around(l.dropout({ rate: 0.3, seed: 7 })))).toMatchObject([
      { op: "RandomUniform", attributes: { minval: 0, maxval: 1 } },
    ]);
  });

  test("gaussianNoise has mean 0 and its stddev", () => {
    expect(randomNodes(around(l.gaussianNoise({ stddev: 0.25 })))).toMatchObject([
      { op: "RandomNormal", attributes: { mean: 0, stdDev: 0.25, truncated: false } },
    ]);
  });

  test("gaussianDropout has mean 1 and stddev √(rate/(1 − rate))", () => {
    // rate 0.2: √(0.2/0.8) = 0.5
    expect(randomNodes(around(l.gaussianDropout({ rate: 0.2 })))).toMatchObject([
      { op: "RandomNormal", attributes: { mean: 1, stdDev: 0.5 } },
    ]);
  });

  test("alphaDropout draws uniform numbers", () => {
    expect(randomNodes(around(l.alphaDropout({ rate: 0.1 })))).toMatchObject([
      { op: "RandomUniform", attributes: { minval: 0, maxval: 1 } },
    ]);
  });

  test("no layer draws anything in a graph for evaluation", () => {
    expect(randomNodes(around(l.dropout({ rate: 0.3 })), false)).toEqual([]);
  });
});

describe("the parameters of a random op are recovered to float32 precision", () => {
  const number = fc.float({ noNaN: true, noDefaultInfinity: true, min: Math.fround(-100), max: 100 });
  const spread = fc.float({ noNaN: true, min: Math.fround(0.001), max: 100 });
  const shape = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 0, maxLength: 3 });
  const seed = fc.option(fc.integer({ min: 1, max: 1000 }), { nil: undefined });

  function recovered(make: () => tf.Tensor): Readonly<Record<string, unknown>> {
    const variable = tf.variable(tf.scalar(1));
    try {
      const graph = trace({
        model: (x) => tf.add(tf.mul(x, variable), tf.sum(make())),
        variables: [variable],
        loss: "meanSquaredError",
        features: [{ shape: [1], dtype: "float32" }],
        labels: [{ shape: [1], dtype: "float32" }],
        batchSize: 1,
        training: true,
      });
      return graph.nodes.find(({ op }) => op.startsWith("Random"))?.attributes ?? {};
    } finally {
      variable.dispose();
    }
  }
  /** Each sample fits to t = 3 · 2⁻²³ · size, and the two first z are 0.99 apart: neither parameter is off by more than 4t. */
  const close = (actual: unknown, expected: number, size: number) =>
    expect(Math.abs((actual as number) - expected)).toBeLessThanOrEqual(size * 2 ** -19);

  test("tf.randomUniform of any shape, range and seed", () => {
    fc.assert(
      fc.property(number, spread, shape, seed, (minval, range, shape, seed) => {
        const maxval = minval + range;
        const found = recovered(() => tf.randomUniform(shape, minval, maxval, "float32", seed));
        const size = Math.abs(minval) + range;
        close(found.minval, minval, size);
        close(found.maxval, maxval, size);
      }),
      { numRuns: 50 },
    );
  });

  test("tf.randomNormal and tf.truncatedNormal of any shape, mean, deviation and seed", () => {
    fc.assert(
      fc.property(number, spread, shape, seed, fc.boolean(), (mean, stdDev, shape, seed, truncated) => {
        const op = truncated ? tf.truncatedNormal : tf.randomNormal;
        const found = recovered(() => op(shape, mean, stdDev, "float32", seed));
        const size = 2 * (Math.abs(mean) + stdDev);
        close(found.mean, mean, size);
        close(found.stdDev, stdDev, size);
        expect(found.truncated).toBe(truncated);
      }),
      { numRuns: 50 },
    );
  });

  test("decimals are found as they were written", () => {
    expect(recovered(() => tf.randomUniform([7], -0.05, 0.1))).toEqual({ minval: -0.05, maxval: 0.1 });
    expect(recovered(() => tf.randomNormal([7], 0.1, 0.003))).toEqual({
      mean: 0.1,
      stdDev: 0.003,
      truncated: false,
    });
  });
});

test("dropout has the gradients of TensorFlow.js when both draw the same numbers", () => {
  const subject = around(l.dropout({ rate: 0.4, seed: 5 }));
  const minibatch = {
    features: [randomTensor({ shape: [3, 4], dtype: "float32" }, 1)],
    labels: [randomTensor({ shape: [3, 2], dtype: "float32" }, 2)],
  };
  // What tf.dropout draws with seed 5: one uniform number per element of [3, 6].
  const drawn = Float32Array.from(tf.randomUniform([3, 6], 0, 1, "float32", 5).dataSync());
  expectAgreement(interpreterResult(subject, minibatch, drawn), tensorflowResult(subject, minibatch));
});

describe("what a graph cannot repeat is an error that names it", () => {
  const variable = tf.variable(tf.scalar(1));
  const traceFunction = (model: (x: tf.Tensor) => tf.Tensor) => () =>
    trace({
      model,
      variables: [variable],
      loss: "meanSquaredError",
      features: [{ shape: [1], dtype: "float32" }],
      labels: [{ shape: [1], dtype: "float32" }],
      batchSize: 1,
      training: true,
    });

  test("numbers made by Math.random()", () => {
    const run = traceFunction((x) => tf.mul(x, tf.mul(variable, tf.scalar(Math.random()))));
    expect(run).toThrow(/got "numbers from tf.tensor that change from call to call"/);
    expect(run).toThrow(expect.objectContaining({ code: "NO_TRACE" }));
  });

  test("numbers made by tf.rand()", () => {
    expect(traceFunction((x) => tf.mul(x, tf.mul(variable, tf.rand([1], Math.random))))).toThrow(
      /tf\.rand that change/,
    );
  });

  test("a gamma distribution", () => {
    expect(traceFunction((x) => tf.mul(x, tf.mul(variable, tf.randomGamma([1], 2))))).toThrow(
      /tf\.randomGamma that change/,
    );
  });

  test("random integers", () => {
    const integers = () => tf.cast(tf.randomUniform([4], 0, 10, "int32"), "float32");
    expect(traceFunction((x) => tf.mul(x, tf.mul(variable, tf.sum(integers()))))).toThrow(
      /tf\.randomUniform that is not float32/,
    );
  });

  test("a text seed", () => {
    const seeded = () => tf.sum(tf.randomUniform([3], 0, 1, "float32", "abc"));
    expect(traceFunction((x) => tf.mul(x, tf.mul(variable, seeded())))).toThrow(/text seed/);
  });

  test("a program that changes from call to call", () => {
    let calls = 0;
    const run = traceFunction((x) => (calls++ % 2 === 0 ? tf.mul(x, variable) : tf.add(x, variable)));
    expect(run).toThrow(/a call of Multiply that changes from call to call/);
  });
});

test("Math.random and Number.prototype.toString are themselves again after a trace that fails", () => {
  const { random } = Math;
  const numberToString = Number.prototype.toString;
  const failing = around(l.dropout({ rate: 0.3 }));
  const loss = () => {
    throw new Error("no");
  };
  expect(() => trace({ ...failing, loss, training: true })).toThrow(/got "no"/);
  expect(Math.random).toBe(random);
  expect(Number.prototype.toString).toBe(numberToString);
});
