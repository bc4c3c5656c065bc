/** All workers at the same parameters, their gradients averaged into one update: what asynchrony is compared with. */
import type { DueTask, Schedule } from "./schedule.ts";

export function sync(workers: number, maxMinibatches: number): Schedule {
  // State: the next minibatch, and how many workers are at work.
  return {
    workers,
    stateLength: 2,
    begin(_made, _step, state) {
      const count = Math.min(workers, maxMinibatches - state[0]);
      const tasks = Array.from(
        { length: count },
        (_, worker): DueTask => ({ worker, minibatch: state[0] + worker, due: worker }),
      );
      state[0] += count;
      state[1] = count;
      return tasks;
    },
    next: (_step, state) => Array.from({ length: state[1] }, (_, worker) => worker),
  };
}
