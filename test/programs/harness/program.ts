/** A program as a user of TensorFlow.js writes it, except that whoever runs it says who trains. */
import type * as tf from "@tensorflow/tfjs";
import type { Trainer } from "./trainer.ts";

/** How much a program trains. */
export interface Size {
  /** To train with. */
  readonly examples: number;
  readonly batchSize: number;
  readonly epochs: number;
}

/** One run of a program. */
export interface Run extends Size {
  /** Uniform numbers in [0, 1), all of the program's data come from. */
  readonly random: () => number;
  /** Whether layers may draw numbers while they train, as dropout does; two trainers draw different ones. */
  readonly mayDraw: boolean;
}

export interface Program {
  readonly name: string;
  /** The size that a user would train it with. */
  readonly full: Size;
  make(run: Run): Made;
}

/** A program that is ready to train. */
export interface Made {
  /** What is trained; their weights are compared. */
  readonly models: readonly tf.LayersModel[];
  /** What is trained without a model. */
  readonly variables?: readonly tf.Variable[];
  /** The program itself. @returns The history of its last `fit`. */
  train(trainer: Trainer): Promise<tf.History | undefined>;
  /** Loss and metrics in the end, on examples that were not trained with. */
  figures(): Record<string, number>;
}

/**
 * `model.evaluate` by the names of the model's metrics. Of several outputs it gives the sum of the first losses, of one more each
 * time, before the metrics that have names.
 */
export function evaluated(
  model: tf.LayersModel,
  x: Parameters<tf.LayersModel["evaluate"]>[0],
  y: Parameters<tf.LayersModel["evaluate"]>[1],
): Record<string, number> {
  const values = [model.evaluate(x, y)].flat().map((value) => value.dataSync()[0]);
  const named = values.slice(model.outputs.length - 1);
  return Object.fromEntries(named.map((value, i) => [model.metricsNames[i], value]));
}
