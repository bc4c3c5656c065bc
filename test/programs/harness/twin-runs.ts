/** One program, twice, from the same numbers: by TensorFlow.js and by this package, step by step. */
import type * as tf from "@tensorflow/tfjs";
import { changeError } from "../../fit/twins.ts";
import { makeSeeded } from "./make-seeded.ts";
import { ours } from "./own-trainer.ts";
import type { Program } from "./program.ts";
import { tensorflow } from "./tensorflow-trainer.ts";
import type { Trainer } from "./trainer.ts";

/** 20 updates. */
const short = { examples: 20, batchSize: 4, epochs: 4 };

export interface Twins {
  /** Of all weights, relative to the way that they went. */
  readonly weightError: number;
  /** Largest difference of the loss and the metrics of any epoch, relative to the larger of the value and 1. */
  readonly historyError: number;
}

/** Trains a program both ways, in the order of its examples. @throws {Error} If a weight that TensorFlow.js kept has moved. */
export async function trainTwins(program: Program): Promise<Twins> {
  const theirs = await trained(program, tensorflow(true));
  const mine = await trained(program, ours("exact"));
  return { weightError: weightError(mine, theirs), historyError: historyError(mine.history, theirs.history) };
}

interface Trained {
  readonly before: readonly Float32Array[];
  readonly after: readonly Float32Array[];
  readonly history: tf.History["history"];
}

async function trained(program: Program, trainer: Trainer): Promise<Trained> {
  const { models, train, variables = [] } = makeSeeded(program, { ...short, mayDraw: false }, 1);
  // Layers that are frozen meanwhile go to the end of a model's list.
  const weights = models.flatMap((model) => model.weights);
  const values = () =>
    [...weights.map((weight) => weight.read()), ...variables].map(
      (tensor) => tensor.dataSync().slice() as Float32Array,
    );
  const before = values();
  const history = await train(trainer);
  for (const model of models) await trainer.release(model);
  return { before, after: values(), history: history?.history ?? {} };
}

/** @throws {Error} If the two began elsewhere, or a weight that TensorFlow.js kept has moved. */
function weightError(ours: Trained, theirs: Trained): number {
  const isSame = (one: Float32Array, other: Float32Array) => one.every((value, i) => value === other[i]);
  for (const [i, before] of theirs.before.entries()) {
    if (!isSame(before, ours.before[i])) throw new Error(`weight ${i} began elsewhere`);
    if (isSame(before, theirs.after[i]) && !isSame(before, ours.after[i]))
      throw new Error(`weight ${i} was to stay`);
  }
  return changeError(ours.after, theirs.after, theirs.before);
}

function historyError(ours: tf.History["history"], theirs: tf.History["history"]): number {
  if (`${Object.keys(ours).sort()}` !== `${Object.keys(theirs).sort()}`)
    throw new Error(`${Object.keys(ours)} is not ${Object.keys(theirs)}`);
  const errors = Object.entries(theirs).flatMap(([name, values]) =>
    values.map(
      (value, epoch) =>
        Math.abs((value as number) - (ours[name][epoch] as number)) / Math.max(1, Math.abs(value as number)),
    ),
  );
  return Math.max(0, ...errors);
}
