/** The schedule of a deterministic mode. */
import { randomWorker } from "./random-worker.ts";
import { roundRobin } from "./round-robin.ts";
import type { Schedule } from "./schedule.ts";
import { sync } from "./sync.ts";
import { type StepTimeLaw, timed } from "./timed.ts";

/** Modes whose updates come in an order that does not depend on how fast threads are. */
export const orderedModes = ["sync", "round-robin", "random-worker", "timed"] as const;

export type OrderedMode = (typeof orderedModes)[number];

export function isOrdered(mode: string): mode is OrderedMode {
  return (orderedModes as readonly string[]).includes(mode);
}

/** Gradients in one update. */
export function gradientsPerUpdate(mode: string, workers: number): number {
  return mode === "sync" ? workers : 1;
}

export interface ScheduleSettings {
  readonly mode: OrderedMode;
  /** Simulated workers. */
  readonly workers: number;
  /** Minibatches to hand out, all workers together. */
  readonly maxMinibatches: number;
  readonly seed: number;
  /** Of mode `timed`. */
  readonly stepTime: StepTimeLaw;
  /** Of mode `timed`: relative speeds of the workers. */
  readonly speeds: readonly number[];
  /** Size of a minibatch in examples. */
  sizeOf(minibatch: number): number;
}

export function createSchedule(settings: ScheduleSettings): Schedule {
  const { maxMinibatches, mode, seed, sizeOf, speeds, stepTime, workers } = settings;
  switch (mode) {
    case "sync":
      return sync(workers, maxMinibatches);
    case "round-robin":
      return roundRobin(workers, maxMinibatches);
    case "random-worker":
      return randomWorker(workers, maxMinibatches, seed);
    case "timed":
      return timed(workers, maxMinibatches, { law: stepTime, speeds, seed, sizeOf });
  }
}
