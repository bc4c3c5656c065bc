/**
 * Workers that finish when their simulated step times say so: staleness as a machine of that kind would have it, but
 * repeatable.
 *
 * A step takes as long as its minibatch is large, divided by the worker's speed, times a random factor of mean 1.
 */
import { mix } from "../math/mix.ts";
import type { GradientTask, Schedule } from "./schedule.ts";
import { turns } from "./turns.ts";

/** Law of the random factor: none, or exponential. */
export type StepTimeLaw = "constant" | "exponential";

export interface TimedOptions {
  readonly law: StepTimeLaw;
  /** Relative speeds > 0, of worker 0, 1, …; begins anew after the last. */
  readonly speeds: readonly number[];
  /** Seed of the random factors. */
  readonly seed: number;
  /** Size of a minibatch in examples. */
  sizeOf(minibatch: number): number;
}

const range = 2 ** 32;

export function timed(
  workers: number,
  maxMinibatches: number,
  { law, seed, sizeOf, speeds }: TimedOptions,
): Schedule {
  const duration = ({ minibatch, worker }: GradientTask) => {
    const bits = mix(mix(seed ^ 0x3c6ef372) + minibatch) >>> 0;
    const factor = law === "constant" ? 1 : -Math.log((bits + 1) / range);
    return (factor * sizeOf(minibatch)) / speeds[worker % speeds.length];
  };
  // State: when each worker finishes what it does, or has finished what it did last.
  return turns(workers, maxMinibatches, {
    stateLength: workers,
    begin(task, _step, state) {
      state[task.worker] += duration(task);
      return state[task.worker];
    },
    turn: (_step, state, working) =>
      working.reduce((first, other) => (state[other] < state[first] ? other : first)),
  });
}
