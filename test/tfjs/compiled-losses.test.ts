import { describe, expect, test } from "vitest";
import { YfError } from "../../src/errors.ts";
import type { DType } from "../../src/graph/graph.ts";
import type { LossName } from "../../src/tfjs/losses.ts";
import { layers, tf } from "../../src/tfjs/tf.ts";
import { trace } from "../../src/tfjs/trace.ts";
import type { Subject } from "./agreement.ts";
import { engineNames, sgd } from "./every-engine.ts";

const l = layers.layers;
const features = [0.5, -1, 2, 0.25, 1, -0.5, -1.5, 0.75];

/** Four examples of two numbers to three. */
function net(activation: "linear" | "softmax" | "sigmoid" | "softplus"): layers.LayersModel {
  const model = layers.sequential({
    layers: [l.dense({ name: "head", units: 3, inputShape: [2], activation })],
  });
  model.setWeights([
    tf.tensor2d([
      [0.2, -0.4, 0.6],
      [0.3, 0.1, -0.7],
    ]),
    tf.tensor1d([0.1, -0.1, 0.05]),
  ]);
  return model;
}

interface Case {
  readonly activation: Parameters<typeof net>[0];
  /** As TensorFlow.js takes them, four rows. */
  readonly labels: readonly number[];
  /** Whether they are class indices. */
  readonly isSparse?: boolean;
}

const oneHot = [1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 1, 0];
const binary = [1, 0, 1, 0, 1, 0, 0, 0, 1, 1, 1, 0];
const signs = binary.map((value) => 2 * value - 1);
const positive = [1, 0.5, 2, 0, 1.5, 3, 2, 0.25, 1, 4, 0.5, 0.125];
const shares = [0.5, 0.25, 0.25, 0, 1, 0, 0.2, 0.3, 0.5, 0.9, 0.1, 0];
const real = [1, -2, 0.5, 3, 1.5, -1, -0.5, 0.25, 2, -4, 0.5, 1];

const cases: Partial<Record<LossName, readonly Case[]>> = {
  categoricalCrossentropy: [
    { activation: "softmax", labels: oneHot },
    { activation: "softmax", labels: shares },
    { activation: "sigmoid", labels: oneHot },
    { activation: "softplus", labels: oneHot },
  ],
  sparseCategoricalCrossentropy: [
    { activation: "softmax", labels: [2, 0, 1, 1], isSparse: true },
    { activation: "sigmoid", labels: [2, 0, 1, 1], isSparse: true },
  ],
  binaryCrossentropy: [
    { activation: "sigmoid", labels: binary },
    { activation: "softmax", labels: binary },
  ],
  meanSquaredError: [{ activation: "linear", labels: real }],
  meanAbsoluteError: [{ activation: "linear", labels: real }],
  meanAbsolutePercentageError: [{ activation: "linear", labels: real }],
  meanSquaredLogarithmicError: [{ activation: "softplus", labels: positive }],
  cosineProximity: [{ activation: "linear", labels: real }],
  hinge: [{ activation: "linear", labels: signs }],
  squaredHinge: [{ activation: "linear", labels: signs }],
  categoricalHinge: [{ activation: "linear", labels: oneHot }],
  logcosh: [{ activation: "linear", labels: real }],
  kullbackLeiblerDivergence: [{ activation: "softmax", labels: shares }],
  poisson: [{ activation: "softplus", labels: positive }],
};

const rate = 0.1;

/** Value and next weights by `model.compile`, `evaluate` and `trainOnBatch` of TensorFlow.js itself. */
async function compiled(loss: LossName, { activation, isSparse, labels }: Case) {
  const model = net(activation);
  const x = tf.tensor2d(features, [4, 2]);
  const y = tf.tensor2d([...labels], [4, isSparse ? 1 : 3]);
  model.compile({ loss, optimizer: tf.train.sgd(rate) });
  const value = (model.evaluate(x, y) as tf.Scalar).dataSync()[0];
  await model.trainOnBatch(x, y);
  const weights = model.getWeights().flatMap((weight) => [...weight.dataSync()]);
  model.dispose();
  tf.dispose([x, y]);
  return { value, weights };
}

function subjectOf(loss: LossName, { activation, isSparse }: Case, dtype: DType = "float32"): Subject {
  return {
    model: net(activation),
    loss,
    features: [{ shape: [2], dtype: "float32" }],
    labels: [{ shape: isSparse ? [] : [3], dtype: isSparse ? "int32" : dtype }],
    batchSize: 4,
  };
}

const rows = Object.entries(cases).flatMap(([loss, list]) =>
  list.map((one) => ({ loss: loss as LossName, behind: one.activation, one })),
);

describe.each(rows)("$loss behind $behind", ({ loss, one }) => {
  test.each(engineNames)("has value and update of model.evaluate and trainOnBatch, on %s", async (engine) => {
    const { value, weights } = await compiled(loss, one);
    const own = await sgd(
      engine,
      subjectOf(loss, one),
      { features: [features], labels: [one.labels] },
      { rate },
    );
    expect(Math.abs(own.losses[0] - value)).toBeLessThan(3e-6 * Math.max(1, Math.abs(value)));
    weights.forEach((weight, i) => {
      expect(Math.abs(own.weights[i] - weight)).toBeLessThan(3e-6 * Math.max(1, Math.abs(value)));
    });
  });
});

describe("labels", () => {
  const update = async (subject: Subject, labels: readonly number[]) =>
    sgd("reference", subject, { features: [features], labels: [labels] });
  const sparse = { activation: "softmax", labels: [2, 0, 1, 1], isSparse: true } as const;

  test("of class indices may be [B], [B, 1], of integers or of floats", async () => {
    const plain = subjectOf("sparseCategoricalCrossentropy", sparse);
    const expected = await update(plain, sparse.labels);
    for (const dtype of ["int32", "float32"] as const) {
      for (const shape of [[], [1]]) {
        expect(await update({ ...plain, labels: [{ shape, dtype }] }, sparse.labels)).toEqual(expected);
      }
    }
  });

  test("one-hot in int32 are those of float32", async () => {
    const one = { activation: "softmax", labels: oneHot } as const;
    const expected = await update(subjectOf("categoricalCrossentropy", one), oneHot);
    expect(await update(subjectOf("categoricalCrossentropy", one, "int32"), oneHot)).toEqual(expected);
  });

  test("0 of a hinge loss is −1", async () => {
    const one = { activation: "linear", labels: signs } as const;
    for (const loss of ["hinge", "squaredHinge"] as const) {
      expect(await update(subjectOf(loss, one), binary)).toEqual(await update(subjectOf(loss, one), signs));
    }
  });

  const scalar = (loss: Subject["loss"], labelShape: readonly number[], outputRank: 1 | 2): Subject => {
    const weight = tf.variable(tf.tensor2d([[1], [2]]));
    return {
      model: (x) => {
        const y = tf.matMul(x as tf.Tensor2D, weight as tf.Tensor2D);
        return outputRank === 1 ? tf.reshape(y, [4]) : y;
      },
      variables: [weight],
      loss,
      features: [{ shape: [2], dtype: "float32" }],
      labels: [{ shape: labelShape, dtype: "float32" }],
      batchSize: 4,
    };
  };

  test.each(["meanSquaredError", "mae", "logcosh", "absoluteDifference", "sigmoidCrossEntropy"] as const)(
    "[B] and [B, 1] are one for %s",
    async (loss) => {
      const expected = await update(scalar(loss, [1], 2), [1, 0, 1, 0]);
      expect(await update(scalar(loss, [], 2), [1, 0, 1, 0])).toEqual(expected);
      const flat = await update(scalar(loss, [1], 1), [1, 0, 1, 0]);
      // A flat row has its mean in one sum.
      flat.weights.forEach((weight, i) => {
        expect(weight).toBeCloseTo(expected.weights[i], 6);
      });
    },
  );

  const errorOf = (subject: Subject): YfError => {
    try {
      trace({ ...subject, training: true });
    } catch (error) {
      if (error instanceof YfError) return error;
      throw error;
    }
    throw new Error("nothing was thrown");
  };

  test("[B] beside predictions [B, 1] are refused in a function, which would make [B, B] of them", () => {
    const mean = (y: tf.Tensor, p: tf.Tensor) => tf.mean(tf.square(tf.sub(y, p)));
    expect(errorOf(scalar(mean, [], 2))).toMatchObject({
      code: "BAD_LOSS",
      details: { labels: [4], predictions: [4, 1], kernel: "Sub" },
    });
    expect(errorOf(scalar(mean, [1], 1))).toMatchObject({ details: { labels: [4, 1], predictions: [4] } });
    expect(() => trace({ ...scalar(mean, [1], 2), training: true })).not.toThrow();
    // Every pair of predictions, which is meant.
    const pairs = (_: tf.Tensor, p: tf.Tensor) => tf.mean(tf.square(tf.sub(p, tf.reshape(p, [4]))));
    expect(() => trace({ ...scalar(pairs, [], 2), training: true })).not.toThrow();
  });

  test("of other shapes than the predictions are refused by the name of the loss", () => {
    for (const loss of ["mse", "poisson", "kld", "softmaxCrossEntropy"] as const) {
      const subject = { ...subjectOf(loss, { activation: "linear", labels: [] }) };
      expect(errorOf({ ...subject, labels: [{ shape: [2], dtype: "float32" }] })).toMatchObject({
        code: "BAD_LOSS",
        details: { labels: [4, 2], predictions: [4, 3] },
      });
    }
  });
});

test("a function may give a loss for each example, whose mean is taken", async () => {
  const one = { activation: "linear", labels: real } as const;
  const perExample = {
    ...subjectOf("mse", one),
    loss: (y: tf.Tensor, p: tf.Tensor) => tf.mean(tf.square(tf.sub(y, p)), -1),
  };
  const numbers = { features: [features], labels: [real] };
  const expected = await sgd("reference", subjectOf("mse", one), numbers);
  const own = await sgd("reference", perExample, numbers);
  expect(own.losses[0]).toBeCloseTo(expected.losses[0], 6);
  own.weights.forEach((weight, i) => {
    expect(weight).toBeCloseTo(expected.weights[i], 6);
  });
});

describe("a last softmax or sigmoid", () => {
  const one = (activation: Case["activation"]): Case => ({ activation, labels: oneHot });
  const ops = (subject: Subject, training = true) =>
    trace({ ...subject, training }).nodes.map(({ op }) => op);
  const large = [300, -300, 300, 300, -300, 300, 0, 300];

  test.each(engineNames)(
    "is trained by exact logits where its rounded probability is 0, on %s",
    async (engine) => {
      // Probabilities of e⁻³⁰⁰ and less: −log of them is 300 and more, and 16.1 where they are clipped at 1e-7.
      for (const [loss, activation] of [
        ["categoricalCrossentropy", "softmax"],
        ["binaryCrossentropy", "sigmoid"],
      ] as const) {
        const { losses, weights } = await sgd(engine, subjectOf(loss, one(activation)), {
          features: [large],
          labels: [oneHot],
        });
        expect(losses[0]).toBeGreaterThan(30);
        expect(weights.every(Number.isFinite)).toBe(true);
      }
    },
  );

  test("stays in what the model predicts", () => {
    const evaluation = ops(subjectOf("categoricalCrossentropy", one("softmax")), false);
    expect(evaluation).toContain("Softmax");
  });

  const dense = (activation: "softmax" | "sigmoid" | "linear", name: string) =>
    l.dense({ units: 3, inputShape: [2], activation, name });
  class Custom extends l.Layer {
    static readonly className = "CustomSoftmax";
    override call(inputs: tf.Tensor | tf.Tensor[]) {
      return tf.softmax([inputs].flat()[0]);
    }
  }
  const places: Record<string, () => layers.LayersModel> = {
    "in a dense layer": () => layers.sequential({ layers: [dense("softmax", "theOne")] }),
    "in a layer of its own": () =>
      layers.sequential({ layers: [dense("linear", "head"), l.softmax({ name: "theOne" })] }),
    "in an activation": () =>
      layers.sequential({
        layers: [dense("linear", "head"), l.activation({ activation: "softmax", name: "theOne" })],
      }),
    "in a model inside of the model": () =>
      layers.sequential({ layers: [layers.sequential({ layers: [dense("softmax", "theOne")] })] }),
    "in a layer of the user's": () =>
      layers.sequential({ layers: [dense("linear", "head"), new Custom({ name: "theOne" })] }),
    "before a reshape": () =>
      layers.sequential({ layers: [dense("softmax", "theOne"), l.reshape({ targetShape: [1, 3] })] }),
  };
  for (const [place, make] of Object.entries(places)) {
    test(`${place} is seen: refused by losses on logits, and fused by those on probabilities`, () => {
      const model = make();
      const subject: Subject = { ...subjectOf("mse", one("linear")), model };
      for (const [loss, instead] of [
        ["softmaxCrossEntropy", "categoricalCrossentropy"],
        ["sigmoidCrossEntropy", "binaryCrossentropy"],
      ] as const) {
        expect(() => trace({ ...subject, loss, training: true })).toThrow(
          expect.objectContaining({
            code: "BAD_LOSS",
            details: expect.objectContaining({ layer: "theOne", activation: "softmax", instead }),
          }),
        );
      }
      // Of probabilities it would be clipped.
      expect(ops({ ...subject, loss: "categoricalCrossentropy" })).not.toContain("ClipByValue");
      model.dispose();
    });
  }

  test("of a function is seen, too", () => {
    const weight = tf.variable(tf.tensor2d([[1], [2]]));
    const subject: Subject = {
      model: (x) => tf.reshape(tf.sigmoid(tf.matMul(x as tf.Tensor2D, weight as tf.Tensor2D)), [4]),
      variables: [weight],
      loss: "sigmoidCrossEntropy",
      features: [{ shape: [2], dtype: "float32" }],
      labels: [{ shape: [], dtype: "float32" }],
      batchSize: 4,
    };
    expect(() => ops(subject)).toThrow(
      expect.objectContaining({ details: expect.objectContaining({ activation: "sigmoid", layer: null }) }),
    );
    expect(ops({ ...subject, loss: "binaryCrossentropy" })).not.toContain("ClipByValue");
    weight.dispose();
  });

  test("that something else comes after is none", () => {
    const model = layers.sequential({ layers: [dense("sigmoid", "middle"), l.dense({ units: 3 })] });
    const subject: Subject = { ...subjectOf("sigmoidCrossEntropy", one("linear")), model };
    expect(() => ops(subject)).not.toThrow();
    model.dispose();
  });
});
