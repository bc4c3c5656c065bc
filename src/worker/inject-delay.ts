/** Makes a worker slow on purpose. */
import { setTimeout as sleep } from "node:timers/promises";
import { mix } from "../math/mix.ts";
import type { WorkerDelay } from "../options/kinds.ts";
import type { PhaseClock } from "./phase-clock.ts";

/** A longer wait is made in parts, between which the thread gives a sign of life. */
const longestPartMs = 1000;

/** Waits between gradient and update, as long as `seed` and the minibatch say. */
export async function injectDelay(
  { law, ms }: WorkerDelay,
  seed: number,
  minibatch: number,
  clock: PhaseClock,
): Promise<void> {
  const bits = mix(mix(seed ^ 0x1b873593) + minibatch) >>> 0;
  let left = law === "constant" ? ms : -Math.log((bits + 1) / 2 ** 32) * ms;
  do {
    await sleep(Math.min(left, longestPartMs));
    left -= longestPartMs;
    // Idle time belongs to no phase.
    clock.start();
  } while (left > 0);
}
