/**
 * Loss and accuracy of a data set at given parameters, on the calling thread.
 *
 * Works minibatch by minibatch and yields to the event loop between them, so that progress continues meanwhile, and an
 * evaluation that is no longer awaited can be cut off.
 */
import { setImmediate } from "node:timers/promises";
import type { Dataset } from "../data/dataset.ts";
import { fillMinibatch } from "../data/minibatch.ts";
import type { GradientEngine, Program } from "../engine/engine.ts";
import { openEngine } from "../engine/open-engine.ts";
import { plainKernels } from "../kernels/plain.ts";
import type { LossName } from "../tfjs/losses.ts";
import { type Accuracy, accuracyOf } from "../tfjs/metrics/accuracy.ts";
import { createMetric } from "../tfjs/metrics/metric.ts";
import type { MonitoredMetric } from "../tfjs/metrics/output-metrics.ts";

/** What a model comes to on a data set. */
export interface Evaluation {
  /** Mean loss over all examples. */
  readonly loss: number;
  /** Share of right answers in [0, 1] of the model's first output whose labels have classes, null where there is none. */
  readonly accuracy: number | null;
  /** The metric that is monitored, by its name; nothing where none is. */
  readonly metrics: Readonly<Record<string, number>>;
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
  /** Which output the accuracy is of, and how its answers are compared; null where no output has classes. */
  readonly #counted: CountedOutput | null;
  /** What decides between weights; null for accuracy where there is one, else loss. */
  readonly monitored: MonitoredMetric | null;
  readonly #kernels = plainKernels();
  readonly #bytes: Uint8Array;

  private constructor(
    dataset: Dataset,
    engines: readonly GradientEngine[],
    lossNames: readonly (LossName | null)[],
    monitored: MonitoredMetric | null,
  ) {
    this.monitored = monitored;
    this.#dataset = dataset;
    this.#engines = engines;
    const [{ buffers, program }] = engines;
    this.#bytes = new Uint8Array(Math.max(...buffers.features.map(({ length }) => length)));
    this.#counted = firstOutputWithClasses(dataset, program, lossNames);
  }

  /**
   * @param programs Evaluation programs for {@link evaluationBatchSizes} of the data set, in that order.
   * @param lossNames Of each label column, null for functions of the user's. @param monitored To be measured, too.
   */
  static async open(
    programs: readonly Program[],
    dataset: Dataset,
    lossNames: readonly (LossName | null)[],
    monitored: MonitoredMetric | null = null,
  ): Promise<Evaluator> {
    return new Evaluator(
      dataset,
      await Promise.all(programs.map((program) => openEngine(program, { seed: 0, lowMemory: true }))),
      lossNames,
      monitored,
    );
  }

  /** Whether evaluations tell an accuracy. */
  get hasAccuracy(): boolean {
    return this.#counted !== null;
  }

  /** @param parameters Flat parameter vector; read anew for each minibatch, so give a snapshot. @param state Likewise. */
  async evaluate(parameters: Float32Array, state: Float32Array): Promise<Evaluation> {
    return (await this.evaluateWhile(() => true, parameters, state)) as Evaluation;
  }

  /**
   * Evaluates unless it is no longer wanted.
   *
   * @param isWanted Asked before each minibatch. @param visit Sees each one's labels and predictions. @returns Null where it was cut off.
   */
  async evaluateWhile(
    isWanted: () => boolean,
    parameters: Float32Array,
    state: Float32Array,
    visit: (engine: GradientEngine) => void = () => undefined,
  ): Promise<Evaluation | null> {
    const { length } = this.#dataset;
    const counted = this.#counted;
    const { monitored } = this;
    let lossSum = 0;
    const measured = monitored?.of?.create() ?? null;
    const correct = counted === null ? null : createMetric(counted.metric, counted);
    for (let position = 0; position < length; ) {
      if (!isWanted()) return null;
      const remaining = length - position;
      const engine = this.#engines.find(({ program }) => program.batchSize <= remaining) as GradientEngine;
      const { batchSize } = engine.program;
      engine.buffers.parameters.set(parameters);
      engine.buffers.state.set(state);
      // Epoch 0 of any seed visits every example exactly once.
      fillMinibatch(
        this.#dataset,
        position,
        batchSize,
        0,
        this.#kernels,
        this.#bytes,
        engine.buffers.features,
        engine.buffers.labels,
      );
      lossSum += (await engine.run()) * batchSize;
      if (counted !== null) {
        const { output } = counted;
        correct?.update(engine.buffers.predictions[output], engine.buffers.labels[output]);
      }
      if (measured !== null && monitored?.of) {
        const { output } = monitored.of;
        measured.update(engine.buffers.predictions[output], engine.buffers.labels[output]);
      }
      visit(engine);
      position += batchSize;
      await setImmediate();
    }
    const loss = lossSum / length;
    return {
      loss,
      accuracy: correct?.value ?? null,
      metrics: monitored === null ? {} : { [monitored.name]: measured?.value ?? loss },
    };
  }

  async close(): Promise<void> {
    await Promise.all(this.#engines.map((engine) => engine.dispose()));
  }
}

interface CountedOutput extends Accuracy {
  readonly output: number;
  /** Numbers along its last axis. */
  readonly width: number;
}

function firstOutputWithClasses(
  { labels }: Dataset,
  { predictions }: Program,
  lossNames: readonly (LossName | null)[],
): CountedOutput | null {
  for (const [output, { shape }] of predictions.entries()) {
    const accuracy = accuracyOf(labels[output], shape.slice(1), lossNames[output] ?? null);
    if (accuracy !== null) return { ...accuracy, output, width: shape.at(-1) ?? 1 };
  }
  return null;
}
