/**
 * Runs one case three ways, training and evaluation: onnxruntime, the interpreter, and TensorFlow.js on `cpu`. All get
 * the same weights and the same minibatch.
 */
import { expect } from "vitest";
import { compile } from "../../src/engine/compile.ts";
import type { EngineName, Program } from "../../src/engine/engine.ts";
import { openEngine } from "../../src/engine/open-engine.ts";
import type { Graph } from "../../src/graph/graph.ts";
import { interpret } from "../../src/graph/interpreter.ts";
import { createRandom } from "../../src/math/random.ts";
import type { Device } from "../../src/ort/device.ts";
import { outputNames } from "../../src/tfjs/column-names.ts";
import { layers, tf } from "../../src/tfjs/tf.ts";
import { totalLoss } from "../../src/tfjs/total-loss.ts";
import { type ExampleType, traceWithState } from "../../src/tfjs/trace.ts";
import { trainableWeights, type Weight } from "../../src/tfjs/trainable-weights.ts";
import { readFlat, readWeights, writeWeights } from "../../src/tfjs/weights.ts";
import { outputsOf } from "../tfjs/agreement.ts";
import type { ConformanceCase, ConformanceSubject } from "./conformance-case.ts";

/** Largest difference that is allowed, as a fraction of the largest element of the tensor. */
const tolerance = 1e-4;

/** As much again, as a fraction of the largest element of all gradients: what is left where large terms cancel. */
const cancellation = 1e-6;

type Numbers = Float32Array | Int32Array;

interface Minibatch {
  readonly features: readonly Numbers[];
  readonly labels: readonly Numbers[];
}

/** Gradients are empty for an evaluation, predictions for a training step. */
interface Result {
  readonly loss: number;
  readonly gradients: ArrayLike<number>;
  readonly predictions: readonly ArrayLike<number>[];
  /** What a training step makes of the state; empty for an evaluation. */
  readonly state: ArrayLike<number>;
}

/**
 * Draws weights and a minibatch for a case, and expects each of the engines to agree with the two other ways.
 *
 * @returns The kernels of its training and evaluation programs.
 */
export async function expectConformance(
  row: ConformanceCase,
  engines: readonly EngineName[],
  device: Device = "cpu",
): Promise<ReadonlySet<string>> {
  const subject = row.make();
  const random = createRandom(1);
  const weights = subject.model instanceof layers.LayersModel ? subject.model : (subject.variables ?? []);
  const { flat } = readWeights(weights);
  writeWeights(
    weights,
    flat.map(() => (row.integers ? Math.floor(random() * 3) - 1 : normal(random) / 2)),
  );
  const parameters = readWeights(weights).flat;
  const numbers = ({ shape, dtype }: ExampleType): Numbers => {
    const size = subject.batchSize * shape.reduce((product, length) => product * length, 1);
    const integer = () => Math.floor(random() * (row.classes ?? 2));
    if (dtype !== "float32") return Int32Array.from({ length: size }, integer);
    return Float32Array.from({ length: size }, row.integers ? integer : () => normal(random));
  };
  const minibatch = { features: subject.features.map(numbers), labels: subject.labels.map(numbers) };
  // What the trace in training mode finds to be state is given to the one in inference mode, as TF.js left it.
  let state: readonly Weight[] = [];
  const ops = new Set<string>();
  try {
    for (const training of [true, false]) {
      const { graph, state: variables } = traceWithState({ ...subject, state, training });
      state = variables;
      for (const { op } of graph.nodes) ops.add(op);
      const before = readFlat(state).flat;
      const interpreted = interpret(graph, { ...minibatch, parameters, state: before });
      const only = training ? { predictions: [] } : { gradients: [] };
      const expected = row.notTensorflow === undefined ? tensorflow(subject, minibatch, training) : null;
      const after = training ? readFlat(state).flat : [];
      for (const engine of engines) {
        const actual = await engineResult(compile(graph, engine, device), minibatch, parameters, before);
        expectClose(graph, actual, { ...interpreted, ...only }, `${engine} and the interpreter`);
        if (expected === null) continue;
        expectClose(graph, actual, { ...expected, state: after }, `${engine} and TensorFlow.js`);
      }
    }
    return ops;
  } finally {
    if (subject.model instanceof layers.LayersModel) subject.model.dispose();
    tf.dispose([...(subject.variables ?? [])]);
  }
}

/** Loss, gradients and predictions of one run of a freshly opened engine. */
async function engineResult(
  program: Program,
  minibatch: Minibatch,
  parameters: Float32Array,
  state: Float32Array,
): Promise<Result> {
  const engine = await openEngine(program, { seed: 1, lowMemory: false });
  try {
    for (const [i, column] of minibatch.features.entries()) engine.buffers.features[i].set(column);
    for (const [i, column] of minibatch.labels.entries()) engine.buffers.labels[i].set(column);
    engine.buffers.parameters.set(parameters);
    engine.buffers.state.set(state);
    const loss = await engine.run();
    return {
      loss,
      gradients: engine.buffers.gradient,
      predictions: engine.buffers.predictions,
      state: engine.buffers.nextState,
    };
  } finally {
    await engine.dispose();
  }
}

/** The same by TensorFlow.js itself. The penalties of regularizers belong to the training loss, as in `fit`. */
function tensorflow(
  { model, ...subject }: ConformanceSubject,
  minibatch: Minibatch,
  training: boolean,
): Omit<Result, "state"> {
  return tf.tidy(() => {
    const tensor = (numbers: Numbers, { shape, dtype }: ExampleType) =>
      tf.tensor(numbers, [subject.batchSize, ...shape], dtype);
    const features = minibatch.features.map((column, i) => tensor(column, subject.features[i]));
    const labels = minibatch.labels.map((column, i) => tensor(column, subject.labels[i]));
    const isLayersModel = model instanceof layers.LayersModel;
    const apply = () => outputsOf(model, features, training);
    const loss = totalLoss(subject.loss, outputNames(model, subject.labels));
    if (!training) {
      const outputs = apply();
      return {
        loss: loss(labels, outputs).dataSync()[0],
        gradients: [],
        predictions: outputs.map((output) => output.dataSync()),
      };
    }
    const variables = trainableWeights(isLayersModel ? model : (subject.variables ?? [])).map(
      ({ variable }) => variable,
    );
    const penalties = () => (isLayersModel ? model.calculateLosses() : []);
    const { value, grads } = tf.variableGrads(
      () => penalties().reduce<tf.Scalar>((sum, penalty) => tf.add(sum, penalty), loss(labels, apply())),
      variables,
    );
    const gradients = variables.flatMap(({ name }) => [...grads[name].dataSync()]);
    return { loss: value.dataSync()[0], gradients, predictions: [] };
  });
}

function expectClose(graph: Graph, actual: Result, expected: Result, between: string): void {
  const compare = (name: string, a: ArrayLike<number>, b: ArrayLike<number>, floor: number) => {
    expect(a.length, `${name}: length`).toBe(b.length);
    const allowed = tolerance * largest(b) + floor;
    for (let i = 0; i < b.length; i++) {
      // Infinite numbers must be the same; a NaN is never right.
      if (a[i] === b[i] || Math.abs(a[i] - b[i]) <= allowed) continue;
      expect.fail(`${name}[${i}]: ${between} differ by more than ${allowed}: ${a[i]} and ${b[i]}`);
    }
  };
  compare("loss", [actual.loss], [expected.loss], 0);
  expect(actual.predictions.length).toBe(expected.predictions.length);
  for (const [i, output] of expected.predictions.entries()) {
    compare(`predictions[${i}]`, actual.predictions[i], output, 0);
  }
  compare("state", actual.state, expected.state, 0);
  const floor = cancellation * largest(expected.gradients);
  expect(actual.gradients.length).toBe(expected.gradients.length);
  if (expected.gradients.length === 0) return;
  for (const { name, offset, length } of graph.parameters) {
    const part = ({ gradients }: Result) => Array.prototype.slice.call(gradients, offset, offset + length);
    compare(`gradient of ${name}`, part(actual), part(expected), floor);
  }
}

const largest = (numbers: ArrayLike<number>): number =>
  Array.prototype.reduce.call(numbers, (most, x) => Math.max(most as number, Math.abs(x)), 0) as number;

/** One standard normal number: a sum of twelve uniform ones, cut at ±6. */
function normal(random: () => number): number {
  return Array.from({ length: 12 }, random).reduce((sum, x) => sum + x, -6);
}
