/** What the outputs of a model say: classes with their probabilities, or numbers. */
import type { ColumnDescription } from "../formats/data-description.ts";
import { fullLossName, type LossName } from "../tfjs/losses.ts";

/** What one output says of one example. */
export interface Answer {
  /** The name of the most probable class; else a number, or as many as the output has. */
  readonly prediction: string | number | readonly number[];
  /** In the order of {@link Answering.classNames}; null for what are no classes. */
  readonly probabilities: readonly number[] | null;
}

/** How the answers of one output are read. */
export interface Answering {
  /** Null for numbers. */
  readonly classNames: readonly string[] | null;
  /** Numbers of one example. */
  readonly width: number;
  /** @param row What the output has for one example. */
  readonly answer: (row: Float32Array) => Answer;
}

/**
 * Logits become probabilities: by a softmax or a sigmoid, as the loss has it. Outputs of a loss that is a function are numbers, since
 * nothing says what they mean.
 *
 * @param loss Null for a function. @param width Numbers of one example.
 */
export function answersOf(target: ColumnDescription, loss: LossName | null, width: number): Answering {
  const name = loss === null ? null : fullLossName(loss);
  switch (name) {
    case "softmaxCrossEntropy":
    case "sparseSoftmaxCrossEntropy":
      return classes(target, width, softmax);
    case "categoricalCrossentropy":
    case "sparseCategoricalCrossentropy":
      return classes(target, width, (row) => [...row]);
    case "sigmoidCrossEntropy":
      return numbers(width, (logit) => 1 / (1 + Math.exp(-logit)));
    default:
      return numbers(width, (value) => value);
  }
}

function classes(
  { classNames }: ColumnDescription,
  width: number,
  probabilitiesOf: (row: Float32Array) => number[],
): Answering {
  // A model may have more outputs than there are classes in the data.
  const names = Array.from({ length: width }, (_, index) => classNames?.[index] ?? `${index}`);
  return {
    classNames: names,
    width,
    answer: (row) => {
      const probabilities = probabilitiesOf(row);
      const most = probabilities.indexOf(Math.max(...probabilities));
      return { prediction: names[most] ?? "", probabilities };
    },
  };
}

function numbers(width: number, read: (output: number) => number): Answering {
  return {
    classNames: null,
    width,
    answer: (row) => {
      const values = Array.from(row, read);
      return { prediction: width === 1 ? values[0] : values, probabilities: null };
    },
  };
}

function softmax(logits: Float32Array): number[] {
  const largest = Math.max(...logits);
  const powers = Array.from(logits, (logit) => Math.exp(logit - largest));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}
