import { describe, expect, test } from "vitest";
import type { RunEvent } from "../../src/report/run-event.ts";
import { layers, tf } from "../../src/tfjs/tf.ts";
import { trace, traceWithState } from "../../src/tfjs/trace.ts";
import { train } from "../../src/train.ts";
import type { Subject } from "./agreement.ts";
import { engineNames, sgd } from "./every-engine.ts";

const l = layers.layers;
const types = {
  features: [{ shape: [2], dtype: "float32" }],
  labels: [{ shape: [1], dtype: "float32" }],
  batchSize: 2,
} as const;
const example = { features: [[1, 0, 0, 1]], labels: [[3, 5]] };

describe("a weight that the loss does not depend on", () => {
  /** Two outputs x·used and x·idle, of which the loss takes the first. */
  function twoHeads(): Subject {
    const used = tf.variable(tf.tensor2d([[1], [2]]), true);
    const idle = tf.variable(tf.tensor2d([[7], [8]]), true);
    return {
      ...types,
      model: (x) => [tf.matMul(x, used as tf.Tensor2D), tf.matMul(x, idle as tf.Tensor2D)],
      variables: [idle, used],
      loss: (y, outputs) => tf.losses.meanSquaredError(y, outputs[0]) as tf.Scalar,
    };
  }

  test("is no parameter, and named in a warning", () => {
    const subject = twoHeads();
    const [idle, used] = subject.variables ?? [];
    const { graph, trained, warnings } = traceWithState({ ...subject, training: true });
    expect(trained.map(({ variable }) => variable)).toEqual([used]);
    expect(graph.parameters).toMatchObject([{ name: used.name, offset: 0, length: 2 }]);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain(idle.name);
    expect(warnings[0]).not.toContain(used.name);
    // What the model predicts with it stays in a program that evaluates.
    const evaluation = trace({ ...subject, training: false, trained });
    expect(evaluation.parameters).toHaveLength(1);
    expect([...evaluation.constants.values()].map((data) => [...data])).toContainEqual([7, 8]);
  });

  test("keeps its bits in a run, weight decay or not, and the rest is trained", async () => {
    const events: RunEvent[] = [];
    const subject = twoHeads();
    const [idle, used] = subject.variables ?? [];
    const before = idle.dataSync().slice();
    const { summary } = await train({
      model: subject.model as never,
      variables: subject.variables as tf.Variable[],
      loss: subject.loss,
      data: {
        train: {
          features: [
            [1, 0],
            [0, 1],
          ],
          labels: [[3.5], [5.5]],
        },
      },
      optimizer: "adamw",
      learningRate: 0.01,
      weightDecay: 0.1,
      workers: 1,
      mode: "serial",
      batchSize: 2,
      maxUpdates: 20,
      callbacks: { onEvent: (event) => void events.push(event) },
    });
    expect(summary.updates).toBe(20);
    expect(idle.dataSync()).toEqual(before);
    expect(used.dataSync()[0]).toBeGreaterThan(1);
    expect(events.filter(({ event, text }) => event === "warning" && text.includes(idle.name))).toHaveLength(
      1,
    );
  });
});

describe("a frozen layer", () => {
  /** A dense layer to train between two normalizations. */
  function normalized() {
    const [first, second] = [
      l.batchNormalization({ name: "first", momentum: 0.5, inputShape: [2] }),
      l.batchNormalization({ name: "second", momentum: 0.5 }),
    ];
    const inner = layers.sequential({ name: "inner", layers: [first] });
    const model = layers.sequential({ layers: [inner, l.dense({ name: "between", units: 1 }), second] });
    return { subject: { ...types, model, loss: "meanSquaredError" } satisfies Subject, first, inner };
  }

  test.each([
    ["itself", false],
    ["within a model that is frozen", true],
  ])("keeps its moving statistics, frozen %s", (_, isInside) => {
    const { first, inner, subject } = normalized();
    (isInside ? inner : first).trainable = false;
    const { graph, state, trained, warnings } = traceWithState({ ...subject, training: true });
    expect(trained.map(({ name }) => name)).toEqual([
      "between/kernel",
      "between/bias",
      "second/gamma",
      "second/beta",
    ]);
    expect(state.map(({ name }) => name)).toEqual(["second/moving_mean", "second/moving_variance"]);
    expect(graph.state).toHaveLength(2);
    expect(warnings.join()).toContain("first");
    subject.model.dispose();
  });

  test("that is frozen no longer moves them again", () => {
    const { first, subject } = normalized();
    first.trainable = false;
    first.trainable = true;
    expect(traceWithState({ ...subject, training: true })).toMatchObject({ warnings: [] });
    expect(traceWithState({ ...subject, training: true }).state).toHaveLength(4);
    subject.model.dispose();
  });

  test.each(engineNames)("has the gradients of TensorFlow.js behind it, on %s", async (engine) => {
    const frozen = l.dense({ units: 1, inputShape: [2], useBias: false, trainable: false });
    const model = layers.sequential({ layers: [frozen, l.dense({ units: 1, useBias: false })] });
    model.setWeights([tf.tensor2d([[3]]), tf.tensor2d([[1], [2]])]);
    const { losses, weights } = await sgd(engine, { ...types, model, loss: "meanSquaredError" }, example);
    // Outputs 3·[1, 2], errors [0, 1]: loss 1/2, slope 2/2·(0·1 + 1·2) = 2.
    expect(losses[0]).toBeCloseTo(0.5, 6);
    expect(weights).toHaveLength(1);
    expect(weights[0]).toBeCloseTo(3 - 0.1 * 2, 6);
    model.dispose();
  });
});

describe("penalties count for every layer, those inside of another model and frozen ones too", () => {
  test.each(engineNames)("on %s", async (engine) => {
    const kernelRegularizer = layers.regularizers.l2({ l2: 0.5 });
    const dense = (value: number, trainable: boolean) =>
      l.dense({
        units: 1,
        inputShape: [1],
        useBias: false,
        kernelInitializer: layers.initializers.constant({ value }),
        kernelRegularizer,
        trainable,
      });
    const inner = layers.sequential({ layers: [dense(3, true)] });
    const model = layers.sequential({ layers: [dense(2, false), inner] });
    const one = { shape: [1], dtype: "float32" } as const;
    const subject: Subject = {
      model,
      loss: "meanSquaredError",
      features: [one],
      labels: [one],
      batchSize: 1,
    };
    const { losses, weights } = await sgd(engine, subject, { features: [[1]], labels: [[5]] });
    // (3·2 − 5)² + .5·2² + .5·3² = 7.5, with the slope 2·1·2 + .5·2·3 = 7 in the trained one.
    expect(losses[0]).toBeCloseTo(7.5, 6);
    expect(weights).toHaveLength(1);
    expect(weights[0]).toBeCloseTo(3 - 0.1 * 7, 6);
    model.dispose();
  });
});

describe("a variable of integers", () => {
  const ints = (trainable: boolean) =>
    tf.variable(tf.tensor1d([2, 3], "int32"), trainable, undefined, "int32");
  const floats = () => tf.variable(tf.tensor2d([[1], [2]]), true);
  const loss = (y: tf.Tensor, output: tf.Tensor) => tf.losses.meanSquaredError(y, output) as tf.Scalar;

  test("is refused by name where it is trainable", () => {
    const counter = ints(true);
    const weights = floats();
    const model = (x: tf.Tensor) => tf.matMul(tf.mul(x, counter), weights as tf.Tensor2D);
    expect(() =>
      trace({
        ...types,
        model: model as never,
        variables: [weights, counter],
        loss: loss as never,
        training: true,
      }),
    ).toThrowError(
      expect.objectContaining({ code: "BAD_MODEL", details: { weight: counter.name, dtype: "int32" } }),
    );
  });

  test("is refused by name where a training step assigns it", () => {
    const counter = ints(false);
    const weights = floats();
    const model = (x: tf.Tensor) => {
      counter.assign(tf.add(counter, tf.onesLike(counter)));
      return tf.matMul(x as tf.Tensor2D, weights as tf.Tensor2D);
    };
    expect(() =>
      trace({
        ...types,
        model: model as never,
        variables: [weights, counter],
        loss: loss as never,
        training: true,
      }),
    ).toThrowError(
      expect.objectContaining({ code: "BAD_MODEL", details: { weight: counter.name, dtype: "int32" } }),
    );
  });

  test("is a constant of the program where it is only read", () => {
    const scale = ints(false);
    const weights = floats();
    const model = (x: tf.Tensor) => tf.matMul(tf.mul(x, scale), weights as tf.Tensor2D);
    const graph = trace({
      ...types,
      model: model as never,
      variables: [weights, scale],
      loss: loss as never,
      training: true,
    });
    expect(graph.parameters.map(({ name }) => name)).toEqual([weights.name]);
    expect([...graph.constants.values()].map((data) => [...data])).toContainEqual([2, 3]);
  });
});
