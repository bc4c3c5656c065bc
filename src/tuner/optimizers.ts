/** The optimizers by name: who decides, how it is applied, and the defaults where the user decides. */

/** Names of the update rules in `update/`. */
export type RuleName =
  | "plain"
  | "momentum"
  | "nesterov"
  | "adam"
  | "schedule-free"
  | "schedule-free-plain"
  | "auto"
  | "plain-from-start";

interface Optimizer {
  /** How a gradient changes the parameters. */
  readonly rule: RuleName;
  /** What sets learning rate and momentum; null where the user does. */
  readonly tuner: "yellowfin" | "auto" | "dog" | null;
  /** Default of the learning rate; null where a tuner sets it. */
  readonly learningRate: number | null;
  /** Default of the momentum; null where there is none to choose. */
  readonly momentum: number | null;
  /** Default of the weight decay; null where there is none to choose. */
  readonly weightDecay: number | null;
}

export type OptimizerName =
  | "yellowfin"
  | "yellowfin-no-momentum"
  | "sgd"
  | "momentum"
  | "nesterov"
  | "adam"
  | "adamw"
  | "dog"
  | "schedule-free"
  | "schedule-free-sgd"
  | "auto";

const noDefaults = { learningRate: null, momentum: null, weightDecay: null };

export const optimizers: Readonly<Record<OptimizerName, Optimizer>> = {
  yellowfin: { ...noDefaults, rule: "momentum", tuner: "yellowfin" },
  "yellowfin-no-momentum": { ...noDefaults, rule: "plain", tuner: "yellowfin" },
  sgd: { ...noDefaults, rule: "plain", tuner: null, learningRate: 0.05 },
  momentum: { ...noDefaults, rule: "momentum", tuner: null, learningRate: 0.01, momentum: 0.9 },
  nesterov: { ...noDefaults, rule: "nesterov", tuner: null, learningRate: 0.01, momentum: 0.9 },
  adam: { ...noDefaults, rule: "adam", tuner: null, learningRate: 0.001 },
  adamw: { ...noDefaults, rule: "adam", tuner: null, learningRate: 0.001, weightDecay: 0.01 },
  dog: { ...noDefaults, rule: "plain-from-start", tuner: "dog" },
  "schedule-free": { ...noDefaults, rule: "schedule-free", tuner: null, learningRate: 0.0025 },
  "schedule-free-sgd": { ...noDefaults, rule: "schedule-free-plain", tuner: null, learningRate: 0.5 },
  auto: { ...noDefaults, rule: "auto", tuner: "auto" },
};
