/**
 * Trains a model of the corpus twice from the same weights on the same minibatches: its traced program in ONNX Runtime,
 * and TensorFlow.js itself on its `cpu` backend. Both make plain steps of gradient descent.
 */
import { expect, vi } from "vitest";
import { compile } from "../../src/engine/compile.ts";
import { openEngine } from "../../src/engine/open-engine.ts";
import { createRandom } from "../../src/math/random.ts";
import { outputNames } from "../../src/tfjs/column-names.ts";
import { layers, tf } from "../../src/tfjs/tf.ts";
import { totalLoss } from "../../src/tfjs/total-loss.ts";
import { type ExampleType, traceWithState } from "../../src/tfjs/trace.ts";
import { trainableWeights, type Weight } from "../../src/tfjs/trainable-weights.ts";
import { readFlat, writeFlat } from "../../src/tfjs/weights.ts";
import type { ConformanceSubject } from "../onnx/conformance-case.ts";
import { outputsOf } from "../tfjs/agreement.ts";
import type { CorpusModel } from "./corpus.ts";

const steps = 20;

/** Largest difference after training, as a fraction of the largest change that training made to the same tensor. */
const tolerance = 2e-3;

/** Of losses of programs that draw: each is a mean over few draws. */
const looseTolerance = 0.25;

interface Trained {
  readonly losses: readonly number[];
  readonly parameters: Float32Array;
  readonly state: Float32Array;
}

type Numbers = Float32Array | Int32Array;

interface Minibatch {
  readonly features: readonly Numbers[];
  readonly labels: readonly Numbers[];
}

/** Expects both ways to end with the same weights, state and losses, and to have learned something. */
export async function expectTrainsLikeTensorflow(row: CorpusModel): Promise<void> {
  const subject = makeSeeded(row);
  const { graph, state } = traceWithState({ ...subject, training: true });
  const weights = trainableWeights(
    subject.model instanceof layers.LayersModel ? subject.model : (subject.variables ?? []),
  );
  const minibatches = draw(subject, row.classes ?? 2);
  const rate = row.learningRate ?? 0.05;
  const before = readFlat(weights).flat;
  try {
    const actual = await trainTraced(graph, before, readFlat(state).flat, minibatches, rate);
    const expected = trainOwn(subject, weights, state, minibatches, rate);
    if (row.draws) {
      const last = ({ losses }: Trained) => losses.slice(-5).reduce((a, b) => a + b, 0) / 5;
      expect(Math.abs(last(actual) / last(expected) - 1)).toBeLessThan(looseTolerance);
    } else {
      expect(actual.losses.length).toBe(expected.losses.length);
      for (const [i, loss] of expected.losses.entries()) expect(actual.losses[i]).toBeCloseTo(loss, 3);
      for (const { length, name, offset } of graph.parameters) {
        const part = (flat: Float32Array) => flat.subarray(offset, offset + length);
        expectClose(name, part(actual.parameters), part(expected.parameters), part(before));
      }
      for (const { length, name, offset } of graph.state) {
        const part = (flat: Float32Array) => flat.subarray(offset, offset + length);
        expectClose(name, part(actual.state), part(expected.state), new Float32Array(length));
      }
    }
    expect(Math.min(...actual.losses.slice(-3))).toBeLessThan(actual.losses[0]);
  } finally {
    if (subject.model instanceof layers.LayersModel) subject.model.dispose();
    tf.dispose([...(subject.variables ?? [])]);
  }
}

/** The same initial weights in every run: of others one in some hundreds has a unit that rounding switches on or off. */
function makeSeeded({ make }: CorpusModel): ConformanceSubject {
  const random = vi.spyOn(Math, "random").mockImplementation(createRandom(1));
  try {
    return make();
  } finally {
    random.mockRestore();
  }
}

function expectClose(name: string, actual: Float32Array, expected: Float32Array, before: Float32Array): void {
  const change = expected.reduce((most, x, i) => Math.max(most, Math.abs(x - before[i])), 0);
  // Where nothing changes, as the bias before a normalization, rounding is all there is.
  const allowed = tolerance * change + 2e-5;
  expected.forEach((x, i) => {
    if (Math.abs(actual[i] - x) <= allowed) return;
    expect.fail(`${name}[${i}] is ${actual[i]}, TensorFlow.js has ${x}; ${allowed} is allowed`);
  });
}

/** Two minibatches in turn: enough to see that each step gets its own. */
function draw({ batchSize, features, labels }: ConformanceSubject, classes: number): Minibatch[] {
  const random = createRandom(1);
  const numbers = ({ dtype, shape }: ExampleType): Numbers => {
    const size = batchSize * shape.reduce((product, length) => product * length, 1);
    if (dtype === "int32") return Int32Array.from({ length: size }, () => Math.floor(random() * classes));
    return Float32Array.from({ length: size }, () => 2 * random() - 1);
  };
  return [0, 1].map(() => ({ features: features.map(numbers), labels: labels.map(numbers) }));
}

async function trainTraced(
  graph: Parameters<typeof compile>[0],
  before: Float32Array,
  state: Float32Array,
  minibatches: readonly Minibatch[],
  rate: number,
): Promise<Trained> {
  const engine = await openEngine(compile(graph, "ort"), { seed: 1, lowMemory: false });
  try {
    engine.buffers.parameters.set(before);
    engine.buffers.state.set(state);
    const losses: number[] = [];
    for (let step = 0; step < steps; step++) {
      const { features, labels } = minibatches[step % minibatches.length];
      for (const [i, column] of features.entries()) engine.buffers.features[i].set(column);
      for (const [i, column] of labels.entries()) engine.buffers.labels[i].set(column);
      losses.push(await engine.run(step));
      for (let i = 0; i < before.length; i++)
        engine.buffers.parameters[i] -= rate * engine.buffers.gradient[i];
      engine.buffers.state.set(engine.buffers.nextState);
    }
    return {
      losses,
      parameters: Float32Array.from(engine.buffers.parameters),
      state: Float32Array.from(engine.buffers.state),
    };
  } finally {
    await engine.dispose();
  }
}

function trainOwn(
  { batchSize, features, labels, loss, model }: ConformanceSubject,
  weights: readonly Weight[],
  state: readonly Weight[],
  minibatches: readonly Minibatch[],
  rate: number,
): Trained {
  const isLayersModel = model instanceof layers.LayersModel;
  const losses: number[] = [];
  const variables = weights.map(({ variable }) => variable);
  for (let step = 0; step < steps; step++) {
    tf.tidy(() => {
      const minibatch = minibatches[step % minibatches.length];
      const tensor = (numbers: Numbers, { dtype, shape }: ExampleType) =>
        tf.tensor(numbers, [batchSize, ...shape], dtype);
      const x = minibatch.features.map((numbers, i) => tensor(numbers, features[i]));
      const y = minibatch.labels.map((numbers, i) => tensor(numbers, labels[i]));
      const { value, grads } = tf.variableGrads(() => {
        const outputs = outputsOf(model, x, true);
        const penalties = isLayersModel ? model.calculateLosses() : [];
        return penalties.reduce<tf.Scalar>(
          (sum, penalty) => tf.add(sum, penalty),
          totalLoss(loss, outputNames(model, labels))(y, outputs),
        );
      }, variables);
      losses.push(value.dataSync()[0]);
      const flat = Float32Array.from(variables.flatMap(({ name }) => [...grads[name].dataSync()]));
      writeFlat(
        weights,
        readFlat(weights).flat.map((w, i) => w - rate * flat[i]),
      );
    });
  }
  return { losses, parameters: readFlat(weights).flat, state: readFlat(state).flat };
}
