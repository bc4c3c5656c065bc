/** The optimizers by name: who decides, how it is applied, and the defaults where the user decides. */

/** Names of the update rules in `update/`. */
export type RuleName = "plain" | "momentum" | "adam";

interface Optimizer {
  /** How a gradient changes the parameters. */
  readonly rule: RuleName;
  /** Whether YellowFin sets learning rate and momentum. */
  readonly tuned: boolean;
  /** Default of the learning rate; null where YellowFin sets it. */
  readonly learningRate: number | null;
  /** Default of the momentum; null where there is none to choose. */
  readonly momentum: number | null;
}

export type OptimizerName = "yellowfin" | "yellowfin-no-momentum" | "sgd" | "momentum" | "adam";

export const optimizers: Readonly<Record<OptimizerName, Optimizer>> = {
  yellowfin: { rule: "momentum", tuned: true, learningRate: null, momentum: null },
  "yellowfin-no-momentum": { rule: "plain", tuned: true, learningRate: null, momentum: null },
  sgd: { rule: "plain", tuned: false, learningRate: 0.05, momentum: null },
  momentum: { rule: "momentum", tuned: false, learningRate: 0.01, momentum: 0.9 },
  adam: { rule: "adam", tuned: false, learningRate: 0.001, momentum: null },
};
