/**
 * Phase 5, tune: the tuner in shared memory, run by whichever worker gets its lock. No worker ever waits for it.
 *
 * A worker posts its observation into its own ring and tries the lock. With the lock it drains every ring in ticket
 * order, runs the pure controller once per observation and publishes the pair; without it, it goes on with the
 * pair published last. With one worker this is the serial algorithm, bit for bit.
 */
import { drainInOrder } from "../shared/drain-in-order.ts";
import { hyperparametersLength, observationLength, type RunMemory } from "../shared/run-memory.ts";
import type { Controller, Hyperparameters, Observation, State, VectorOrder } from "../tuner/controller.ts";
import { flattenState, unflattenState } from "../tuner/state-codec.ts";
import {
  decodeHyperparameters,
  decodeObservation,
  encodeHyperparameters,
  encodeObservation,
} from "./records.ts";

const noOrders: readonly VectorOrder[] = [];

export class SharedTuner {
  readonly #memory: RunMemory;
  readonly #rank: number;
  readonly #controller: Controller;
  /** Gives {@link unflattenState} the shape; its values are overwritten at every drain. */
  readonly #state: State;
  readonly #record = new Float64Array(observationLength);
  readonly #published = new Float64Array(hyperparametersLength);

  constructor(memory: RunMemory, rank: number, controller: Controller) {
    this.#memory = memory;
    this.#rank = rank;
    this.#controller = controller;
    this.#state = controller.init();
  }

  /** The pair published last; never torn. */
  read(): Hyperparameters {
    this.#memory.hyperparameters.read(this.#published);
    return decodeHyperparameters(this.#published);
  }

  /**
   * Posts one observation and runs the tuner if nobody else does just now.
   *
   * @returns What the tuner ordered meanwhile, for this worker to do.
   */
  post(observation: Observation): readonly VectorOrder[] {
    const { observations, tunerLock } = this.#memory;
    encodeObservation(observations.next(), observation, this.#record);
    this.#memory.ring(this.#rank).post(this.#record);
    if (!tunerLock.tryAcquire(this.#rank)) return noOrders;
    try {
      return this.#drain();
    } finally {
      tunerLock.release(this.#rank);
    }
  }

  #drain(): readonly VectorOrder[] {
    const { rings, tunerState, hyperparameters } = this.#memory;
    unflattenState(tunerState, this.#state);
    let next: Hyperparameters | null = null;
    let orders = noOrders;
    drainInOrder(rings, (record) => {
      next = this.#controller.update(this.#state, decodeObservation(record));
      if (next.order !== undefined) orders = [...orders, next.order];
    });
    if (next === null) return noOrders;
    flattenState(this.#state, tunerState);
    encodeHyperparameters(next, this.#published);
    hyperparameters.publish(this.#published);
    return orders;
  }
}
