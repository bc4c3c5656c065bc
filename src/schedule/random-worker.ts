/**
 * A worker drawn at random makes each update: staleness is geometric, P(τ = l) = (1/M)(1 − 1/M)^l with mean M − 1.
 *
 * It is what workers do whose steps take independent, exponentially distributed times.
 * Source: Mitliagkas, Zhang, Hadjis, Ré, "Asynchrony begets Momentum", arXiv:1605.09774, Theorem 3.
 */
import { mix } from "../math/mix.ts";
import type { Schedule } from "./schedule.ts";
import { turns } from "./turns.ts";

const range = 2 ** 32;

/** @param seed Of the draws, an integer; the draw of each step depends on it and the step alone. */
export function randomWorker(workers: number, maxMinibatches: number, seed: number): Schedule {
  const turn = (step: number) => Math.floor((uniform(seed, step) * workers) / range);
  return turns(workers, maxMinibatches, {
    stateLength: 0,
    // The draws to come are known: computing first what is used first keeps all threads at work.
    begin({ worker }, step) {
      let due = step;
      while (turn(due) !== worker) due++;
      return due;
    },
    turn,
  });
}

/** 32 random bits that only `seed` and `step` decide. */
function uniform(seed: number, step: number): number {
  return mix(mix(mix(seed ^ 0x51ed270b) + step) ^ Math.floor(step / range)) >>> 0;
}
