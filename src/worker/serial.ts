/**
 * The serial algorithm as it stands on paper: one worker, and the tuner runs at every observation without rings or locks.
 *
 * It is the baseline of every comparison, and the check of `hogwild.ts`: with one worker both give the same bits.
 */
import type { RunMemory } from "../shared/run-memory.ts";
import type { Controller, Hyperparameters, Observation, RuleCommand, State } from "../tuner/controller.ts";
import { flattenState, unflattenState } from "../tuner/state-codec.ts";
import type { TrainJob } from "./protocol.ts";
import { decisionLength, encodeDecision, hyperparametersCodec } from "./records.ts";
import { type Tuner, UpdateStep } from "./update-step.ts";
import { withWorkers } from "./with-workers.ts";
import type { WorkerContext } from "./worker-context.ts";

export function serial(job: TrainJob): Promise<void> {
  return withWorkers(job, [job.rank], async ([worker]) => {
    const update = serialUpdate(worker);
    for (let minibatch = worker.claimBatch(); minibatch !== null; minibatch = worker.claimBatch()) {
      await update(minibatch);
    }
  });
}

/** @returns Makes the update of a minibatch. No other worker may work meanwhile, and updates come one after the other. */
export function serialUpdate(worker: WorkerContext): (minibatch: number) => Promise<void> {
  const { clock, controller, memory } = worker;
  const step = new UpdateStep(worker, new SerialTuner(memory, controller));
  return async (minibatch) => {
    clock.start();
    worker.read(minibatch);
    await worker.computeGradient();
    worker.insideGate(() => step.run());
  };
}

const noCommands: readonly RuleCommand[] = [];

/** Phase 5 on paper. What it keeps and publishes is in shared memory only for the coordinator and for checkpoints. */
class SerialTuner implements Tuner {
  readonly #memory: RunMemory;
  readonly #controller: Controller;
  readonly #state: State;
  readonly #record = new Float64Array(decisionLength);
  #hyperparameters: Hyperparameters;

  constructor(memory: RunMemory, controller: Controller) {
    this.#memory = memory;
    this.#controller = controller;
    this.#state = controller.init();
    unflattenState(memory.tunerState, this.#state);
    memory.hyperparameters.read(this.#record);
    const published = hyperparametersCodec.create();
    hyperparametersCodec.decode(this.#record, published);
    this.#hyperparameters = published;
  }

  read(): Hyperparameters {
    return this.#hyperparameters;
  }

  post(observation: Observation): readonly RuleCommand[] {
    const { hyperparameters, tunerState } = this.#memory;
    const decision = this.#controller.update(this.#state, observation);
    this.#hyperparameters = decision.hyperparameters;
    flattenState(this.#state, tunerState);
    encodeDecision(decision, this.#record);
    hyperparameters.publish(this.#record);
    return decision.command === null ? noCommands : [decision.command];
  }
}
