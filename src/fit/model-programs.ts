/**
 * The programs of a compiled model, kept between calls: one for each size of a minibatch and each shape of its examples.
 *
 * Weights that are not trained are constants of a program. Where someone assigns one, as the training of another model that
 * shares it does, the programs are made anew.
 */
import type { Dataset } from "../data/dataset.ts";
import type { Program } from "../engine/engine.ts";
import { type SharedProgram, shareProgram } from "../engine/share-program.ts";
import { isOversubscribed } from "../machine/is-oversubscribed.ts";
import type { RunSpec } from "../options/run-spec.ts";
import {
  checkData,
  compileEvaluation,
  compilePrograms,
  type Programs,
  type Task,
  weightSource,
} from "../task/compile-programs.ts";
import type { tf } from "../tfjs/tf.ts";
import { otherWeights, trainableWeights } from "../tfjs/trainable-weights.ts";

/** What all programs of a model have alike. */
type Found = Pick<Programs, "indices" | "state" | "trained" | "warnings">;

export class ModelPrograms {
  /**
   * What weights that are not trained are to the programs, before the first one is made: constants, which is faster, or given
   * at each run. Training another model that shares constants, as a generator's does with a discriminator, makes the
   * programs anew each time.
   */
  frozen: "constant" | "given" = "constant";
  readonly #spec: RunSpec;
  readonly #trained = new Map<string, SharedProgram>();
  readonly #evaluated = new Map<string, readonly Program[]>();
  readonly #checked = new WeakSet<Task["data"]>();
  #found: Found | null = null;
  /** The tensors of the weights that are constants. */
  #constants: readonly tf.Tensor["dataId"][] = [];

  constructor(spec: RunSpec) {
    this.#spec = spec;
  }

  /** The programs that train with minibatches of these sizes. @throws {YfError} As `compilePrograms()`. */
  async train(task: Task, sizes: readonly number[]): Promise<Program[]> {
    if (this.#found !== null && this.#isOutdated(task, this.#found)) await this.close();
    const programs: Program[] = [];
    for (const size of sizes) {
      const key = `${size} ${typesOf(task.data.train)}`;
      let shared = this.#trained.get(key);
      if (shared === undefined) {
        const given = this.frozen === "given" ? withGivenWeights(task) : task;
        const { train, ...found } = compilePrograms(withoutTest(given), [size], this.#spec.target);
        this.#found ??= found;
        this.#constants = constantsOf(task, this.#found);
        shared = await shareProgram(train[0], {
          lowMemory: isOversubscribed(this.#spec.interleaving.workers),
        });
        this.#trained.set(key, shared);
      }
      programs.push(shared.program);
    }
    return programs;
  }

  /** Checks labels and indices. After {@link train}. @throws {YfError} `BAD_DATA`. */
  check(task: Task): void {
    if (this.#checked.has(task.data)) return;
    const [{ program }] = this.#trained.values();
    checkData(task, program, this.found.indices);
    this.#checked.add(task.data);
  }

  /** The programs that evaluate the test set of a task that has one. After {@link train}. */
  evaluate(task: Task): readonly Program[] {
    const test = task.data.test as Dataset;
    const key = `${test.length} ${typesOf(test)}`;
    const programs = this.#evaluated.get(key) ?? compileEvaluation(task, this.#spec.target, this.found);
    this.#evaluated.set(key, programs);
    return programs;
  }

  /** The weights of the programs. After {@link train}. */
  get found(): Found {
    return this.#found as Found;
  }

  /** Frees what threads share; none may be inside a program any more. */
  async close(): Promise<void> {
    for (const program of this.#trained.values()) await program.release();
    this.#trained.clear();
    this.#evaluated.clear();
  }

  #isOutdated(task: Task, found: Found): boolean {
    const constants = constantsOf(task, found);
    return (
      constants.length !== this.#constants.length || constants.some((id, i) => id !== this.#constants[i])
    );
  }
}

function constantsOf(task: Task, { state, trained }: Found): tf.Tensor["dataId"][] {
  const source = weightSource(task);
  const given = new Set([...trained, ...state].map(({ variable }) => variable));
  return [...trainableWeights(source), ...otherWeights(source)].flatMap(({ variable }) =>
    given.has(variable) ? [] : [variable.dataId],
  );
}

/** Makes the weights that are not trained state of the programs: what a step assigns, here their own values. */
function withGivenWeights(task: Task): Task {
  const source = weightSource(task);
  const given = [...trainableWeights(source), ...otherWeights(source)]
    .map(({ variable }) => variable)
    .filter((variable) => variable.dtype === "float32" && !task.isTrained?.(variable));
  return {
    ...task,
    observe(labels, predictions) {
      task.observe?.(labels, predictions);
      for (const variable of given) variable.assign(variable);
    },
  };
}

const withoutTest = (task: Task): Task => ({ ...task, data: { ...task.data, test: null } });

const typesOf = ({ features, labels }: Dataset) =>
  [...features, ...labels].map(({ dtype, shape }) => `${dtype}[${shape}]`).join(" ");
