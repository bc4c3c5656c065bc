/**
 * The optimizers, one row each: every fact that options, controllers and update rules ask about them.
 *
 * An optimizer is an update rule, which changes the parameters, and a controller, which sets learning rate and momentum.
 * The choice of `--optimizer`, its defaults and its conflicts follow from the rows.
 */
import type { LoopName } from "./loop.ts";

interface OptimizerRow {
  /** How a gradient changes the parameters: a rule of `update/update-rule.ts`. */
  readonly rule: string;
  /** What sets learning rate and momentum: a controller of `tuner/create-controller.ts`. */
  readonly controller: string;
  /** Default of the learning rate; absent where the controller sets it. */
  readonly learningRate?: number;
  /** Default of the momentum; absent where there is none to choose. */
  readonly momentum?: number;
  /** Default of the decoupled weight decay; absent where there is none to choose. */
  readonly weightDecay?: number;
  /** Whether `--loop` chooses how its momentum is controlled. */
  readonly hasLoop?: boolean;
  /** Whether the staleness policy `closed-loop` can hold its total momentum at the one chosen. */
  readonly holdsMomentum?: boolean;
  /** Whether its steps are μ times the last one less α·g, which the measurement of total momentum takes for granted. */
  readonly measuresMomentum?: boolean;
  /** Whether it evaluates an average of its own, which also takes the place of a schedule of the learning rate. */
  readonly hasOwnAverage?: boolean;
  /** Whether it has a back-off of its own. */
  readonly hasOwnBackOff?: boolean;
  /** Staleness policy that belongs to it where gradients are stale; absent for none. */
  readonly stalenessPolicy?: "gap-aware";
  /** What `--help` says of it, to follow its name. */
  readonly note?: string;
}

const rows = {
  auto: {
    rule: "auto",
    controller: "auto",
    hasOwnBackOff: true,
    stalenessPolicy: "gap-aware",
    note: "the default, has nothing to tune",
  },
  yellowfin: { rule: "momentum", controller: "yellowfin", hasLoop: true, measuresMomentum: true },
  "yellowfin-no-momentum": { rule: "sgd", controller: "yellowfin-no-momentum", measuresMomentum: true },
  sgd: { rule: "sgd", controller: "fixed", learningRate: 0.05, measuresMomentum: true },
  momentum: {
    rule: "momentum",
    controller: "fixed",
    learningRate: 0.01,
    momentum: 0.9,
    holdsMomentum: true,
    measuresMomentum: true,
  },
  nesterov: { rule: "nesterov", controller: "fixed", learningRate: 0.01, momentum: 0.9 },
  adam: { rule: "adam", controller: "fixed", learningRate: 0.001 },
  adamw: { rule: "adam", controller: "fixed", learningRate: 0.001, weightDecay: 0.01 },
  rmsprop: { rule: "rmsprop", controller: "fixed", learningRate: 0.001, momentum: 0 },
  adagrad: { rule: "adagrad", controller: "fixed", learningRate: 0.01 },
  adamax: { rule: "adamax", controller: "fixed", learningRate: 0.002 },
  adadelta: { rule: "adadelta", controller: "fixed", learningRate: 1 },
  dog: { rule: "sgd-from-start", controller: "dog", measuresMomentum: true },
  "schedule-free": {
    rule: "schedule-free",
    controller: "fixed",
    learningRate: 0.0025,
    hasOwnAverage: true,
  },
  "schedule-free-sgd": {
    rule: "schedule-free-sgd",
    controller: "fixed",
    learningRate: 0.5,
    hasOwnAverage: true,
  },
} as const satisfies Readonly<Record<string, OptimizerRow>>;

export type OptimizerName = keyof typeof rows;
/** Names of the update rules. */
export type RuleName = (typeof rows)[OptimizerName]["rule"];
/** Names of the controllers. */
export type ControllerName = (typeof rows)[OptimizerName]["controller"];

interface Optimizer extends OptimizerRow {
  readonly rule: RuleName;
  readonly controller: ControllerName;
}

export const optimizers: Readonly<Record<OptimizerName, Optimizer>> = rows;

/** In the order of `--help`. */
export const optimizerNames = Object.keys(rows) as readonly OptimizerName[];

/** The optimizers of which `fact` is stated, and is not false. */
export function optimizersWith(fact: keyof OptimizerRow): OptimizerName[] {
  return optimizerNames.filter((name) => (optimizers[name][fact] ?? false) !== false);
}

/** Whether the back-off is on unless the user says otherwise: it belongs to the corrected loop. */
export function usesBackOff(optimizer: OptimizerName, loop: LoopName): boolean {
  return optimizers[optimizer].hasLoop === true && loop === "corrected";
}
