/**
 * Loss and accuracy of a data set at given parameters, on the calling thread.
 *
 * Works minibatch by minibatch and yields to the event loop between them, so that progress goes on meanwhile.
 */
import { setImmediate } from "node:timers/promises";
import type { Dataset } from "../data/dataset.ts";
import { fillMinibatch } from "../data/minibatch.ts";
import type { GradientEngine, Program } from "../engine/engine.ts";
import { openEngine } from "../engine/open-engine.ts";
import { plainKernels } from "../kernels/plain.ts";
import { type AccuracyKind, accuracyKind, countCorrect } from "./accuracy.ts";

export interface Evaluation {
  /** Mean loss over all examples. */
  readonly loss: number;
  /** Share of right answers in [0, 1], null where the labels have no classes. */
  readonly accuracy: number | null;
}

/** Largest minibatch of an evaluation. */
const maxBatch = 250;

/**
 * The minibatch sizes that cover `length` examples: one for all but the last, one for the rest if there is one.
 */
export function evaluationBatchSizes(length: number): number[] {
  const size = Math.min(maxBatch, length);
  const rest = length % size;
  return rest === 0 ? [size] : [size, rest];
}

export class Evaluator {
  readonly #dataset: Dataset;
  readonly #engines: readonly GradientEngine[];
  readonly #kind: AccuracyKind;
  readonly #kernels = plainKernels();
  readonly #bytes: Uint8Array;

  private constructor(dataset: Dataset, engines: readonly GradientEngine[], lossName: string | null) {
    this.#dataset = dataset;
    this.#engines = engines;
    const { features, program } = engines[0] as GradientEngine;
    this.#bytes = new Uint8Array(features.length);
    this.#kind = accuracyKind(
      dataset.labels.shape,
      dataset.labels.dtype,
      program.predictions.shape.slice(1),
      lossName,
    );
  }

  /** @param programs Evaluation programs for {@link evaluationBatchSizes} of the data set, in that order. */
  static async open(
    programs: readonly Program[],
    dataset: Dataset,
    lossName: string | null,
  ): Promise<Evaluator> {
    return new Evaluator(
      dataset,
      await Promise.all(programs.map((program) => openEngine(program, { seed: 0, frugal: true }))),
      lossName,
    );
  }

  /** @param parameters Flat parameter vector; read anew for each minibatch, so give a snapshot. @param state Likewise. */
  async evaluate(parameters: Float32Array, state: Float32Array): Promise<Evaluation> {
    const { length } = this.#dataset;
    let lossSum = 0;
    let correct = 0;
    for (let position = 0; position < length; ) {
      const remaining = length - position;
      const engine = this.#engines.find(({ program }) => program.batchSize <= remaining) as GradientEngine;
      const { batchSize } = engine.program;
      engine.parameters.set(parameters);
      engine.state.set(state);
      // Epoch 0 of any seed visits every example exactly once.
      fillMinibatch(
        this.#dataset,
        position,
        batchSize,
        0,
        this.#kernels,
        this.#bytes,
        engine.features,
        engine.labels,
      );
      lossSum += (await engine.run()) * batchSize;
      if (this.#kind !== null) {
        correct += countCorrect(this.#kind, engine.predictions, engine.labels, batchSize);
      }
      position += batchSize;
      await setImmediate();
    }
    return { loss: lossSum / length, accuracy: this.#kind === null ? null : correct / length };
  }

  async close(): Promise<void> {
    await Promise.all(this.#engines.map((engine) => engine.dispose()));
  }
}
