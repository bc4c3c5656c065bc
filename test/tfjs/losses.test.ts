import { describe, expect, test } from "vitest";
import { trainingTable } from "../../src/options/table.ts";
import { type Loss, type LossName, lossFunction, lossNames } from "../../src/tfjs/losses.ts";
import { layers, tf } from "../../src/tfjs/tf.ts";
import { trace } from "../../src/tfjs/trace.ts";
import {
  expectAgreement,
  expectSameAsTensorflow,
  interpreterResult,
  type Subject,
  tensorflowResult,
} from "./agreement.ts";

const classes = 3;

function subject(loss: Loss, labels: Subject["labels"]): Subject {
  const kernelInitializer = layers.initializers.randomNormal({ seed: 1 });
  const model = layers.sequential({
    layers: [layers.layers.dense({ inputShape: [4], units: classes, kernelInitializer })],
  });
  return { model, loss, features: [{ shape: [4], dtype: "float32" }], labels, batchSize: 5 };
}

describe("a loss of tf.losses has the value and gradients of TensorFlow.js", () => {
  for (const name of ["softmaxCrossEntropy", "sigmoidCrossEntropy", "absoluteDifference"] as const) {
    test(name, () => {
      expectSameAsTensorflow(subject(name, [{ shape: [classes], dtype: "float32" }]), classes);
    });
  }

  test("sparseSoftmaxCrossEntropy", () => {
    expectSameAsTensorflow(subject("sparseSoftmaxCrossEntropy", [{ shape: [], dtype: "int32" }]), classes);
  });
});

/** Loss of one minibatch by the interpreter of the traced loss alone: a dense layer with kernel 1 and bias 0 in front. */
function lossOf(loss: LossName, labels: tf.Tensor, predictions: tf.Tensor): number {
  return tf.tidy(() => lossFunction(loss)(labels, predictions).dataSync()[0]);
}

test("softmax cross entropy of logits [0, ln 3] is ln 4 for the first class and ln 4/3 for the second", () => {
  // softmax = [1, 3]/4
  const logits = tf.tensor2d([[0, Math.log(3)]]);
  expect(lossOf("softmaxCrossEntropy", tf.tensor2d([[1, 0]]), logits)).toBeCloseTo(Math.log(4), 6);
  expect(lossOf("sparseSoftmaxCrossEntropy", tf.tensor1d([1], "int32"), logits)).toBeCloseTo(
    Math.log(4 / 3),
    6,
  );
});

test("every other loss is the mean over all elements", () => {
  const labels = tf.tensor2d([[1, 0]]);
  const predictions = tf.tensor2d([[3, 2]]);
  // squares 4 and 4; distances 2 and 2; hinge max(0, 1 - 3) = 0 and max(0, 1 + 2) = 3
  expect(lossOf("meanSquaredError", labels, predictions)).toBe(4);
  expect(lossOf("absoluteDifference", labels, predictions)).toBe(2);
  expect(lossOf("hinge", labels, predictions)).toBe(1.5);
  // sigmoid(0) = 1/2 for both classes: −ln ½
  expect(lossOf("sigmoidCrossEntropy", labels, tf.zeros([1, 2]))).toBeCloseTo(Math.LN2, 6);
});

test("a custom loss is a function of labels and predictions", () => {
  const loss = (labels: tf.Tensor, predictions: tf.Tensor) =>
    tf.mean(tf.pow(tf.abs(tf.sub(labels, predictions)), 3)) as tf.Scalar;
  const custom = subject(loss, [{ shape: [classes], dtype: "float32" }]);
  const minibatch = { features: [tf.ones([5, 4])], labels: [tf.fill([5, classes], 2)] };
  expectAgreement(interpreterResult(custom, minibatch), tensorflowResult(custom, minibatch));
});

test("an unknown loss is refused with the list of names", () => {
  expect(() => lossFunction("l2" as LossName)).toThrow(
    expect.objectContaining({ code: "BAD_LOSS", message: expect.stringContaining(lossNames.join(", ")) }),
  );
});

test("a loss of class indices refuses labels of another shape than its places", () => {
  const bad = subject("sparseSoftmaxCrossEntropy", [{ shape: [classes], dtype: "float32" }]);
  expect(() => trace({ ...bad, training: true })).toThrow(
    expect.objectContaining({ code: "BAD_LOSS", details: expect.objectContaining({ labels: [5, classes] }) }),
  );
});

test("the names are those of the option", () => {
  expect([...lossNames].sort()).toEqual([...(trainingTable.loss.kind.words ?? [])].sort());
});
