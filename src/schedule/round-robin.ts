/** Workers in turn: every gradient is as stale as there are other workers. Simulated workers of exactly one speed. */
import type { Schedule } from "./schedule.ts";
import { turns } from "./turns.ts";

export function roundRobin(workers: number, maxMinibatches: number): Schedule {
  return turns(workers, maxMinibatches, {
    stateLength: 0,
    begin: ({ minibatch }) => minibatch,
    turn: (step) => step % workers,
  });
}
