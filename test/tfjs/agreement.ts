/**
 * Compares the two ways to the loss and the gradients of a model: TensorFlow.js on its `cpu` backend, and the
 * interpreter on the traced graph. Both get the same weights and the same minibatch.
 */
import { expect } from "vitest";
import type { DType, Graph } from "../../src/graph/graph.ts";
import { type InterpreterOutputs, interpret } from "../../src/graph/interpreter.ts";
import { together } from "../../src/tfjs/batch-tensors.ts";
import { outputNames } from "../../src/tfjs/column-names.ts";
import type { Loss } from "../../src/tfjs/losses.ts";
import type { ModelFunction } from "../../src/tfjs/model-function.ts";
import { layers, tf } from "../../src/tfjs/tf.ts";
import { totalLoss } from "../../src/tfjs/total-loss.ts";
import { type ExampleType, trace, traceWithState } from "../../src/tfjs/trace.ts";
import { readFlat, readWeights } from "../../src/tfjs/weights.ts";

export interface Subject {
  readonly model: layers.LayersModel | ModelFunction;
  readonly variables?: readonly tf.Variable[];
  readonly loss: Loss;
  readonly features: readonly ExampleType[];
  readonly labels: readonly ExampleType[];
  readonly batchSize: number;
}

export interface Minibatch {
  readonly features: readonly tf.Tensor[];
  readonly labels: readonly tf.Tensor[];
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
  const loss = totalLoss(subject.loss, outputNames(model, subject.labels));
  return tf.tidy(() => {
    const apply = () => outputsOf(model, features, true);
    const variables = (
      model instanceof layers.LayersModel
        ? model.trainableWeights.map((weight) => weight.read())
        : subject.variables
    ) as tf.Variable[];
    const { value, grads } = tf.variableGrads(() => loss(labels, apply()), variables);
    const flat = variables.flatMap(({ name }) => [...grads[name].dataSync()]);
    return { loss: value.dataSync()[0], gradients: Float32Array.from(flat) };
  });
}

/** All outputs of a model, by TensorFlow.js itself. */
export function outputsOf(
  model: Subject["model"],
  features: readonly tf.Tensor[],
  training: boolean,
): readonly tf.Tensor[] {
  const x = together(features);
  const output = model instanceof layers.LayersModel ? model.apply(x, { training }) : model(x, training);
  return (Array.isArray(output) ? output : [output]) as tf.Tensor[];
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
    features: features.map((column) => column.dataSync()),
    labels: labels.map((column) => column.dataSync()),
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
  const columns = (types: readonly ExampleType[], seed: number) =>
    types.map(({ dtype, shape }, i) =>
      randomTensor({ shape: [batchSize, ...shape], dtype }, seed + 2 * i, classes),
    );
  const minibatch = { features: columns(features, 11), labels: columns(labels, 12) };
  expectAgreement(interpreterResult(subject, minibatch), tensorflowResult(subject, minibatch));
  tf.dispose([...minibatch.features, ...minibatch.labels]);
}
