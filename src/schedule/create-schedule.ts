/** The schedule of a deterministic mode. */
import { randomWorker } from "./random-worker.ts";
import { type RecordedOrder, replay } from "./replay.ts";
import { roundRobin } from "./round-robin.ts";
import type { Schedule } from "./schedule.ts";
import { sync } from "./sync.ts";
import { type StepTimeLaw, timed } from "./timed.ts";

/** Modes whose updates come in an order that does not depend on how fast threads are. */
export const orderedModes = ["sync", "round-robin", "random-worker", "timed"] as const;

/** Those, and the order of a recorded run. */
export type OrderedMode = (typeof orderedModes)[number] | "replay";

export function isOrdered(mode: string): mode is OrderedMode {
  return mode === "replay" || (orderedModes as readonly string[]).includes(mode);
}

/** Gradients in one update. */
export function gradientsPerUpdate(mode: string, workers: number): number {
  return mode === "sync" ? workers : 1;
}

/** Who takes turns, and by which law. */
export interface ScheduleLaw {
  readonly mode: OrderedMode;
  readonly simulateWorkers: number;
  /** Of mode `timed`. */
  readonly stepTime: StepTimeLaw;
  /** Of mode `timed`: relative speeds of the workers. */
  readonly speeds: readonly number[];
  /** Of mode `replay`; null in others. */
  readonly order: RecordedOrder | null;
}

/** What the turns are about. */
export interface ScheduledWork {
  /** Minibatches to hand out, all workers together. */
  readonly maxMinibatches: number;
  readonly seed: number;
  /** Size of a minibatch in examples. */
  sizeOf(minibatch: number): number;
}

export function createSchedule(
  { mode, order, simulateWorkers: workers, speeds, stepTime }: ScheduleLaw,
  { maxMinibatches, seed, sizeOf }: ScheduledWork,
): Schedule {
  switch (mode) {
    case "sync":
      return sync(workers, maxMinibatches);
    case "round-robin":
      return roundRobin(workers, maxMinibatches);
    case "random-worker":
      return randomWorker(workers, maxMinibatches, seed);
    case "replay":
      if (order === null) throw new TypeError("Cannot replay: there must be an order");
      return replay(order);
    case "timed":
      return timed(workers, maxMinibatches, { law: stepTime, speeds, seed, sizeOf });
  }
}
