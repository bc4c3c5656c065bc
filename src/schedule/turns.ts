/** Schedules in which one worker at a time applies its gradient and reads again at once: they differ in whose turn it is. */
import type { DueTask, GradientTask, Schedule } from "./schedule.ts";

export interface TurnRule {
  /** float64 numbers of state of its own. */
  readonly stateLength: number;
  /**
   * Notes that a worker begins the gradient of a minibatch after `step` updates.
   *
   * @returns When it is due: any number that is lower for what is used sooner.
   */
  begin(task: GradientTask, step: number, state: Float64Array): number;
  /**
   * Whose turn it is at `step`. A worker that has nothing left to do passes its turn on to the next one.
   *
   * @param working Workers that have something to do, by rank; at least one.
   */
  turn(step: number, state: Float64Array, working: readonly number[]): number;
}

/** @param maxMinibatches Minibatches to hand out, all workers together. */
export function turns(workers: number, maxMinibatches: number, rule: TurnRule): Schedule {
  // State: minibatch + 1 of each worker (0 for none), the next minibatch, then what the rule keeps.
  const own = workers + 1;
  const all = Array.from({ length: workers }, (_, worker) => worker);
  return {
    workers,
    stateLength: own + rule.stateLength,
    begin(made, step, state) {
      const atStart = state[workers] === 0;
      const tasks: DueTask[] = [];
      for (const worker of atStart ? all : made) {
        const minibatch = state[workers];
        state[worker] = 0;
        if (minibatch === maxMinibatches) continue;
        state[worker] = minibatch + 1;
        state[workers]++;
        const task = { worker, minibatch };
        tasks.push({ ...task, due: rule.begin(task, step, state.subarray(own)) });
      }
      return tasks;
    },
    next(step, state) {
      const working = all.filter((worker) => state[worker] > 0);
      if (working.length === 0) return [];
      const turn = rule.turn(step, state.subarray(own), working);
      return [working.find((worker) => worker >= turn) ?? working[0]];
    },
  };
}
