/**
 * Compares the two ways to the loss and the gradients of a model: TensorFlow.js on its `cpu` backend, and the
 * interpreter on the traced graph. Both get the same weights and the same minibatch.
 */
import { expect } from "vitest";
import type { DType, Graph } from "../../src/graph/graph.ts";
import { type InterpreterOutputs, interpret } from "../../src/graph/interpreter.ts";
import { type Loss, lossFunction } from "../../src/tfjs/losses.ts";
import { layers, tf } from "../../src/tfjs/tf.ts";
import { type ExampleType, trace, traceWithState } from "../../src/tfjs/trace.ts";
import { readFlat, readWeights } from "../../src/tfjs/weights.ts";

export interface Subject {
  readonly model: layers.LayersModel | ((features: tf.Tensor) => tf.Tensor);
  readonly variables?: readonly tf.Variable[];
  readonly loss: Loss;
  readonly features: ExampleType;
  readonly labels: ExampleType;
  readonly batchSize: number;
}

export interface Minibatch {
  readonly features: tf.Tensor;
  readonly labels: tf.Tensor;
}

export interface Result {
  readonly loss: number;
  readonly gradients: Float32Array;
}

/** Random numbers of a type: normal for float32, 0 or 1 for int32 unless `classes` says more. */
export function randomTensor(
  { shape, dtype }: { shape: readonly number[]; dtype: DType },
  seed: number,
  classes = 2,
): tf.Tensor {
  if (dtype === "float32") return tf.randomNormal([...shape], 0, 1, "float32", seed);
  return tf.tidy(() => tf.cast(tf.floor(tf.randomUniform([...shape], 0, classes, "float32", seed)), dtype));
}

/** Loss and flat gradients by `tf.variableGrads` on the current backend, in training mode. */
export function tensorflowResult(subject: Subject, { features, labels }: Minibatch): Result {
  const { model } = subject;
  const loss = lossFunction(subject.loss);
  return tf.tidy(() => {
    const apply =
      model instanceof layers.LayersModel
        ? (x: tf.Tensor) => model.apply(x, { training: true }) as tf.Tensor
        : model;
    const variables = (
      model instanceof layers.LayersModel
        ? model.trainableWeights.map((weight) => weight.read())
        : subject.variables
    ) as tf.Variable[];
    const { value, grads } = tf.variableGrads(() => loss(labels, apply(features)), variables);
    const flat = variables.flatMap(({ name }) => [...grads[name].dataSync()]);
    return { loss: value.dataSync()[0], gradients: Float32Array.from(flat) };
  });
}

export function traced(subject: Subject, training = true): Graph {
  return trace({ ...subject, training });
}

/** The interpreter's results for the same minibatch. */
export function interpreterResult(
  subject: Subject,
  { features, labels }: Minibatch,
  draws = new Float32Array(),
): InterpreterOutputs {
  const source = subject.model instanceof layers.LayersModel ? subject.model : (subject.variables ?? []);
  const { graph, state } = traceWithState({ ...subject, training: true });
  return interpret(graph, {
    features: features.dataSync(),
    labels: labels.dataSync(),
    parameters: readWeights(source).flat,
    state: readFlat(state).flat,
    draws,
  });
}

/**
 * Expects both losses and every gradient to agree.
 *
 * TF.js sums in float32 (24 bits), so its error grows with the size of what is summed: the bound is relative to the
 * largest gradient, plus as much for each element.
 */
export function expectAgreement(actual: Result, expected: Result, tolerance = 2e-5): void {
  expect(Math.abs(actual.loss - expected.loss)).toBeLessThanOrEqual(
    tolerance * Math.max(1, Math.abs(expected.loss)),
  );
  expect(actual.gradients.length).toBe(expected.gradients.length);
  const largest = expected.gradients.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
  expected.gradients.forEach((gradient, i) => {
    const difference = Math.abs(actual.gradients[i] - gradient);
    if (!(difference <= tolerance * (largest + Math.abs(gradient)))) {
      expect.fail(
        `gradient ${i} of ${expected.gradients.length}: ${actual.gradients[i]}, TF.js gives ${gradient}`,
      );
    }
  });
}

/** Draws a minibatch, runs both ways and expects them to agree. */
export function expectSameAsTensorflow(subject: Subject, classes?: number): void {
  const { batchSize, features, labels } = subject;
  const minibatch = {
    features: randomTensor({ shape: [batchSize, ...features.shape], dtype: features.dtype }, 11, classes),
    labels: randomTensor({ shape: [batchSize, ...labels.shape], dtype: labels.dtype }, 12, classes),
  };
  expectAgreement(interpreterResult(subject, minibatch), tensorflowResult(subject, minibatch));
  tf.dispose([minibatch.features, minibatch.labels]);
}
