import { describe, expect, test } from "vitest";
import { YfError } from "../../src/errors.ts";
import { layers, tf } from "../../src/tfjs/tf.ts";
import { trace, traceWithState } from "../../src/tfjs/trace.ts";
import { trainableWeights } from "../../src/tfjs/trainable-weights.ts";
import type { Subject } from "./agreement.ts";
import { engineNames, sgd } from "./every-engine.ts";

// Three examples of a line.
const line = {
  features: [[0.1, 0.2, 0.3, -0.1, 0.5, 0.1]],
  labels: [[1, 2, -1]],
};
const types = {
  features: [{ shape: [2], dtype: "float32" }],
  labels: [{ shape: [1], dtype: "float32" }],
  batchSize: 3,
} as const;

/** mean((x·a + Σ(a − other)² − y)²). */
function towards(a: tf.Variable, other: tf.Tensor): Subject {
  const model = (x: tf.Tensor) =>
    tf.add(
      tf.matMul(x as tf.Tensor2D, a as tf.Tensor2D),
      tf.sum(tf.square(tf.sub(a, tf.reshape(other, [2, 1])))),
    );
  return { ...types, model, variables: [a], loss: "meanSquaredError" };
}

/**
 * Five steps of a ← a − .05·2/3·Σ error·(x + 2·(a − init)) from init = [.5, −1], in float64. Where a is compared with
 * itself the second term is 0: [.51061, −1.00999].
 */
function expected(): number[] {
  const examples = [
    { x: [0.1, 0.2], y: 1 },
    { x: [0.3, -0.1], y: 2 },
    { x: [0.5, 0.1], y: -1 },
  ];
  const init = [0.5, -1];
  let a = [...init];
  for (let step = 0; step < 5; step++) {
    const from = a;
    const distance = from.reduce((sum, value, j) => sum + (value - init[j]) ** 2, 0);
    const errors = examples.map(({ x, y }) => x[0] * from[0] + x[1] * from[1] + distance - y);
    const slope = (j: number) =>
      (2 / 3) *
      errors.reduce((sum, error, i) => sum + error * (examples[i].x[j] + 2 * (from[j] - init[j])), 0);
    a = from.map((value, j) => value - 0.05 * slope(j));
  }
  return a;
}

test("the numbers to expect are those of TensorFlow.js", () => {
  expect(expected()[0]).toBeCloseTo(0.51337, 5);
  expect(expected()[1]).toBeCloseTo(-1.0126, 5);
});

describe.each(engineNames)("on %s a parameter keeps to itself", (engine) => {
  const inits: Record<string, () => { variable: tf.Variable; other: tf.Tensor }> = {
    "where it was made of the tensor that the loss reads": () => {
      const other = tf.tensor2d([[0.5], [-1]]);
      return { variable: tf.variable(other), other };
    },
    "where the loss reads a clone": () => {
      const init = tf.tensor2d([[0.5], [-1]]);
      return { variable: tf.variable(init), other: init.clone() };
    },
    "where the loss reads a reshaped one": () => {
      const init = tf.tensor2d([[0.5], [-1]]);
      return { variable: tf.variable(init), other: tf.reshape(init, [2]) };
    },
    "where the loss reads a variable that is not trained": () => {
      const init = tf.tensor2d([[0.5], [-1]]);
      return { variable: tf.variable(init), other: tf.variable(init, false) };
    },
    "where the loss reads a tensor that was assigned": () => {
      const other = tf.tensor2d([[0.5], [-1]]);
      const variable = tf.variable(tf.zeros([2, 1]));
      variable.assign(other as tf.Tensor2D);
      return { variable, other };
    },
  };
  for (const [name, make] of Object.entries(inits)) {
    test(name, async () => {
      const { other, variable } = make();
      const { weights } = await sgd(engine, towards(variable, other), line, { rate: 0.05, steps: 5 });
      expected().forEach((value, i) => {
        expect(weights[i]).toBeCloseTo(value, 6);
      });
      // Float32 keeps these numbers as they are.
      expect([...other.dataSync()]).toEqual([0.5, -1]);
      tf.dispose([variable, other]);
    });
  }

  test("beside another parameter of the same numbers", async () => {
    const init = tf.tensor2d([[0.5], [-1]]);
    const [a, b] = [tf.variable(init), tf.variable(init)];
    const subject: Subject = {
      ...types,
      model: (x) => tf.sub(tf.matMul(x, a as tf.Tensor2D), tf.mul(2, tf.matMul(x, b as tf.Tensor2D))),
      variables: [a, b],
      loss: "meanSquaredError",
    };
    const { weights } = await sgd(engine, subject, line, { rate: 0.1 });
    // x·a − 2·x·b − y = [.15, −.25, −.15] − y = errors [−.85, −2.25, .85]; g = 2/3·Xᵀ·errors for a, −2·g for b.
    const slopes = [
      (2 / 3) * (0.1 * -0.85 + 0.3 * -2.25 + 0.5 * 0.85),
      (2 / 3) * (0.2 * -0.85 + 0.1 * 2.25 + 0.1 * 0.85),
    ];
    [0.5 - 0.1 * slopes[0], -1 - 0.1 * slopes[1], 0.5 + 0.2 * slopes[0], -1 + 0.2 * slopes[1]].forEach(
      (value, i) => {
        expect(weights[i]).toBeCloseTo(value, 6);
      },
    );
    tf.dispose([a, b, init]);
  });

  test("in a network that follows a copy of itself", async () => {
    const net = () => layers.sequential({ layers: [layers.layers.dense({ units: 1, inputShape: [2] })] });
    const [online, target, other] = [net(), net(), net()];
    target.setWeights(online.getWeights());
    other.setWeights(online.getWeights());
    // Another tensor with the same numbers.
    for (const weight of other.weights) weight.write(tf.mul(weight.read(), 1));
    const subject = (teacher: layers.LayersModel, start: layers.LayersModel): Subject => ({
      ...types,
      model: start,
      loss: (y, prediction) =>
        // Δ = prediction − .9·teacher − y, where the teacher sees constants.
        tf.mean(
          tf.square(tf.sub(tf.sub(prediction, tf.mul(0.9, teacher.apply(tf.ones([3, 2])) as tf.Tensor)), y)),
        ) as tf.Scalar,
    });
    const own = await sgd(engine, subject(target, online), line);
    const separate = await sgd(engine, subject(other, online), line);
    expect(own).toEqual(separate);
    for (const model of [online, target, other]) model.dispose();
  });

  test("in two layers of batch normalization whose moving statistics were set from one tensor", async () => {
    const norm = () => layers.layers.batchNormalization({ momentum: 0.5 });
    const [first, second] = [norm(), norm()];
    const model = layers.sequential({
      layers: [layers.layers.dense({ units: 1, inputShape: [2] }), first, second],
    });
    const dense = model.layers[0];
    dense.setWeights([tf.tensor2d([[1], [0]]), tf.zeros([1])]);
    first.setWeights([tf.ones([1]), tf.zeros([1]), tf.zeros([1]), tf.ones([1])]);
    second.setWeights(first.getWeights());
    const subject: Subject = { ...types, model, loss: "meanSquaredError" };
    const { state } = await sgd(engine, subject, line);
    // Outputs .1, .3, .5 of mean .3 and variance .08/3; the second layer sees mean 0 and variance v/(v + ε), ε = .001.
    const variance = 0.08 / 3;
    const seen = variance / (variance + 0.001);
    [0.15, 0.5 + variance / 2, 0, 0.5 + seen / 2].forEach((value, i) => {
      expect(state[i]).toBeCloseTo(value, 5);
    });
    model.dispose();
  });
});

test("two variables of one tensor are two values of the graph, of the state too", () => {
  const zero = tf.zeros([1]);
  const weight = tf.variable(tf.ones([1]));
  const [count, sum] = [tf.variable(zero, false, "count"), tf.variable(zero, false, "sum")];
  const { graph, state } = traceWithState({
    ...types,
    model: (x, training) => {
      if (training) {
        count.assign(tf.add(count, 1));
        sum.assign(tf.add(sum, count));
      }
      return tf.mul(tf.slice(x, [0, 0], [3, 1]), weight);
    },
    variables: [weight, count, sum],
    loss: "meanSquaredError",
    training: true,
  });
  expect(state.map(({ name }) => name)).toEqual(["count", "sum"]);
  expect(new Set(graph.state.map(({ value }) => value)).size).toBe(2);
  tf.dispose([zero, weight, count, sum]);
});

test("a layer that a model has twice has its weights once", () => {
  const shared = layers.layers.dense({ units: 2, inputShape: [2], name: "shared" });
  const inner = layers.sequential({ layers: [shared] });
  const x = layers.input({ shape: [2] });
  const y = inner.apply(shared.apply(x)) as layers.SymbolicTensor;
  const model = layers.model({ inputs: x, outputs: y });
  expect(trainableWeights(model).map(({ name }) => name)).toEqual(["shared/kernel", "shared/bias"]);
  const [weight] = [tf.variable(tf.zeros([1]), true, "twice")];
  expect(trainableWeights([weight, weight])).toHaveLength(1);
  model.dispose();
  weight.dispose();
});

describe("numbers may not be read while a model is traced", () => {
  const w = () => tf.variable(tf.ones([1]), true);
  const subject = (weight: tf.Variable, model: Subject["model"]): Subject => ({
    ...types,
    model,
    variables: [weight],
    loss: "meanSquaredError",
  });
  const errorOf = (run: () => unknown): YfError => {
    try {
      run();
    } catch (error) {
      if (error instanceof YfError) return error;
      throw error;
    }
    throw new Error("nothing was thrown");
  };
  const first = (x: tf.Tensor) => tf.slice(x, [0, 0], [3, 1]);

  test("of a variable that is trained, which would stay as it is now", () => {
    const weight = w();
    const model = (x: tf.Tensor) => tf.mul(tf.mul(first(x), weight), weight.dataSync()[0]);
    const error = errorOf(() => trace({ ...subject(weight, model), training: true }));
    expect(error).toMatchObject({ code: "NO_TRACE", details: { variable: weight.name } });
    weight.dispose();
  });

  test("of one that a step assigns, before or after", () => {
    const weight = w();
    const step = tf.variable(tf.scalar(1), false, "step");
    const reading = (x: tf.Tensor) => {
      const scale = step.dataSync()[0];
      step.assign(tf.add(step, 1));
      return tf.mul(tf.mul(first(x), weight), scale);
    };
    expect(errorOf(() => trace({ ...subject(weight, reading), training: true }))).toMatchObject({
      code: "NO_TRACE",
      details: { variable: "step" },
    });
    tf.dispose([weight, step]);
  });

  test("but those of a variable that stays as it is are numbers of the program", () => {
    const weight = w();
    const scale = tf.variable(tf.scalar(3), false);
    const model = (x: tf.Tensor) => tf.mul(tf.mul(first(x), weight), scale.dataSync()[0]);
    const graph = trace({ ...subject(weight, model), training: true });
    expect([...graph.constants.values()].map((data) => [...data])).toContainEqual([3]);
    tf.dispose([weight, scale]);
  });

  test("and a variable that is made meanwhile is refused", () => {
    const weight = w();
    const model = (x: tf.Tensor) => tf.mul(first(x), tf.mul(weight, tf.variable(tf.ones([1]), true, "late")));
    expect(errorOf(() => trace({ ...subject(weight, model), training: true }))).toMatchObject({
      code: "NO_TRACE",
      details: { variable: "late" },
    });
    const unbuilt = layers.layers.dense({ units: 1 });
    const calling = (x: tf.Tensor) => tf.mul(unbuilt.apply(x) as tf.Tensor, weight);
    expect(errorOf(() => trace({ ...subject(weight, calling), training: true })).code).toBe("NO_TRACE");
    weight.dispose();
  });
});
