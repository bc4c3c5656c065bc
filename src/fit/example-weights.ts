/**
 * Weights of examples and of classes: a column of labels more for each output, and a loss that multiplies by it.
 *
 * The loss of an example is that of `model.compile`, as TensorFlow.js computes it; the mean is over all examples, whatever
 * their weights, as there.
 */
import type { Column, Dataset } from "../data/dataset.ts";
import { cannot, YfError } from "../errors.ts";
import type { ClassWeight } from "../options/kinds.ts";
import { balancedWeights } from "../task/class-weights.ts";
import type { Task } from "../task/compile-programs.ts";
import type { LossFunction } from "../tfjs/losses.ts";
import { type layers, tf } from "../tfjs/tf.ts";
import { compiledPart } from "./compiled-part.ts";

/** A weight for each example, `[N]`. */
export type SampleWeight = ArrayLike<number> | tf.Tensor;

/** What the examples of a call weigh. */
export interface ExampleWeights {
  /**
   * Weight of each class, by its index, such as `{ 0: 1, 1: 19 }`, or `"balanced"`; of several outputs a list of those, or a
   * record by name. A class is an index, a row with one 1, or a yes or no.
   */
  readonly classWeight?:
    | ClassWeight
    | readonly ClassWeight[]
    | Readonly<Record<string, ClassWeight>>
    | undefined;
  /** Weight of each example, of several outputs a list of those; multiplied with {@link classWeight}. Validation has none. */
  readonly sampleWeight?: SampleWeight | readonly SampleWeight[] | undefined;
}

/** @throws {YfError} `BAD_DATA` where weights are missing or no numbers ≥ 0. */
export function withWeights(task: Task, model: layers.LayersModel, weights: ExampleWeights): Task {
  const { classWeight, sampleWeight } = weights;
  if (classWeight == null && sampleWeight == null) return task;
  const { train } = task.data;
  const columns = train.labels.map((labels, output) => {
    const ofClasses = forOutput(classWeight, output, model) as ClassWeight | undefined;
    const ofExamples = forOutput(sampleWeight, output, model) as SampleWeight | undefined;
    return weightColumn(train, labels, ofClasses, ofExamples);
  });
  const loss = weightedLoss(model, train.labels.length);
  return {
    ...task,
    loss,
    weighted: { loss: task.loss, columns: columns.length },
    data: { ...task.data, train: { ...train, labels: [...train.labels, ...columns] } },
  };
}

/** Lets every example to validate with weigh 1. */
export function withoutTestWeights(task: Task): Task {
  const { test, train } = task.data;
  if (test === null) return task;
  const outputs = train.labels.findIndex(isWeight);
  if (outputs < 0) return task;
  const ones = train.labels.slice(outputs).map(() => column(new Float32Array(test.length).fill(1)));
  return {
    ...task,
    data: { ...task.data, test: { ...test, labels: [...test.labels.slice(0, outputs), ...ones] } },
  };
}

const weightName = "weight";

const isWeight = ({ name }: Column) => name === weightName;

function column(values: Float32Array): Column {
  const data = new Float32Array(new SharedArrayBuffer(values.byteLength));
  data.set(values);
  return { data, shape: [], dtype: "float32", scale: 1, offset: 0, name: weightName };
}

/** What is given for one output. */
function forOutput(given: unknown, output: number, model: layers.LayersModel): unknown {
  const { outputNames } = model as unknown as { outputNames: readonly string[] };
  if (given === undefined || given === null || outputNames.length === 1) return given ?? undefined;
  if (given === "balanced") return given;
  if (Array.isArray(given)) return given[output];
  return (given as Record<string, unknown>)[outputNames[output]];
}

function weightColumn(
  { length }: Dataset,
  labels: Column,
  ofClasses: ClassWeight | undefined,
  ofExamples: SampleWeight | undefined,
): Column {
  const values = new Float32Array(length).fill(1);
  if (ofExamples !== undefined) {
    const given = ofExamples instanceof tf.Tensor ? ofExamples.dataSync() : ofExamples;
    if (given.length !== length) throw bad(`there must be one for each of ${length} examples`, given.length);
    for (let i = 0; i < length; i++) values[i] = given[i];
  }
  if (ofClasses !== undefined) {
    const indices = classesOf(labels, length);
    const weights: Readonly<Record<number, number>> =
      ofClasses === "balanced" ? balanced(indices) : ofClasses;
    for (const [i, index] of indices.entries()) {
      const weight = weights[index];
      if (weight === undefined) throw bad("there must be one for each class", `none for class ${index}`);
      values[i] *= weight;
    }
  }
  const wrong = values.findIndex((value) => !(value >= 0 && Number.isFinite(value)));
  if (wrong >= 0) throw bad("each must be a number ≥ 0", `${values[wrong]} for example ${wrong}`);
  return column(values);
}

/** The class of each example. */
function classesOf({ data, offset, scale, shape }: Column, length: number): number[] {
  const width = shape.reduce((product, size) => product * size, 1);
  return Array.from({ length }, (_, i) => {
    const row = data.subarray(i * width, (i + 1) * width);
    return width === 1 ? scale * row[0] + offset : row.indexOf(Math.max(...row));
  });
}

/** By class. */
function balanced(indices: readonly number[]): Record<number, number> {
  const counts = new Map<number, number>();
  for (const index of indices) counts.set(index, (counts.get(index) ?? 0) + 1);
  const weights = balancedWeights([...counts.values()]);
  return Object.fromEntries([...counts.keys()].map((index, i) => [index, weights[i]]));
}

/** Labels of all outputs, then weights of all outputs. */
function weightedLoss(model: layers.LayersModel, outputs: number): LossFunction {
  const { lossFunctions } = compiledPart(model);
  return (labels, predictions) => {
    const all = predictions instanceof tf.Tensor ? [predictions] : predictions;
    const means = all.map((prediction, i) => {
      const numbers = tf.cast(labels[i], "float32");
      const target = numbers.size === prediction.size ? tf.reshape(numbers, prediction.shape) : numbers;
      const losses = lossFunctions[i](target, prediction);
      if (losses.rank === 0) throw bad("the loss must give a number for each example", "one for all");
      const shape = [losses.shape[0], ...losses.shape.slice(1).map(() => 1)];
      return tf.mean(tf.mul(losses, tf.reshape(labels[outputs + i], shape)));
    });
    return means.reduce((sum, one) => tf.add(sum, one));
  };
}

function bad(rule: string, received: unknown): YfError {
  return new YfError("BAD_DATA", cannot("use the weights", rule, received), { received });
}
