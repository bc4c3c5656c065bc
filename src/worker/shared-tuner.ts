/**
 * Phase 5, tune: the tuner in shared memory, run by whichever worker gets its lock. No worker ever waits for it.
 *
 * A worker posts its observation into its own ring and tries the lock. With the lock it drains every ring in ticket
 * order, runs the pure controller once per observation and publishes the pair; without it, it continues with the
 * pair published last. With one worker this is the serial algorithm, bit for bit.
 */
import { drainInOrder } from "../shared/drain-in-order.ts";
import { payloadStart } from "../shared/record-ring.ts";
import type { RunMemory } from "../shared/run-memory.ts";
import type {
  Controller,
  Decision,
  Hyperparameters,
  Observation,
  RuleCommand,
  State,
} from "../tuner/controller.ts";
import { flattenState, unflattenState } from "../tuner/state-codec.ts";
import {
  decisionLength,
  encodeDecision,
  hyperparametersCodec,
  observationCodec,
  observationLength,
} from "./records.ts";

const noCommands: readonly RuleCommand[] = [];

export class SharedTuner {
  readonly #memory: RunMemory;
  readonly #rank: number;
  readonly #controller: Controller;
  /** Gives {@link unflattenState} the shape; its values are overwritten at every drain. */
  readonly #state: State;
  readonly #record = new Float64Array(observationLength);
  readonly #published = new Float64Array(decisionLength);
  readonly #hyperparameters = hyperparametersCodec.create();
  readonly #observation = observationCodec.create();

  constructor(memory: RunMemory, rank: number, controller: Controller) {
    this.#memory = memory;
    this.#rank = rank;
    this.#controller = controller;
    this.#state = controller.init();
  }

  /** The pair published last, never torn; valid until the next call. */
  read(): Hyperparameters {
    this.#memory.hyperparameters.read(this.#published);
    hyperparametersCodec.decode(this.#published, this.#hyperparameters);
    return this.#hyperparameters;
  }

  /**
   * Posts one observation and runs the tuner if no one else does just now.
   *
   * @returns Commands of the tuner for this worker to execute.
   */
  post(observation: Observation): readonly RuleCommand[] {
    const { observations, tunerLock } = this.#memory;
    const record = this.#record;
    record[0] = observations.next();
    observationCodec.encode(observation, record, payloadStart);
    this.#memory.ring(this.#rank).post(record);
    if (!tunerLock.tryAcquire(this.#rank)) return noCommands;
    try {
      return this.#drain();
    } finally {
      tunerLock.release(this.#rank);
    }
  }

  #drain(): readonly RuleCommand[] {
    const { rings, tunerState, hyperparameters } = this.#memory;
    unflattenState(tunerState, this.#state);
    let next: Decision | null = null;
    let commands = noCommands;
    drainInOrder(rings, (record) => {
      observationCodec.decode(record, this.#observation, payloadStart);
      next = this.#controller.update(this.#state, this.#observation);
      if (next.command !== null) commands = [...commands, next.command];
    });
    if (next === null) return noCommands;
    flattenState(this.#state, tunerState);
    encodeDecision(next, this.#published);
    hyperparameters.publish(this.#published);
    return commands;
  }
}
