/** The optimizer of a compiled model as one of ours: its kind, its rates and its constants. */
import { cannot, YfError } from "../errors.ts";
import type { RuleConstants } from "../optimizers/rule-constants.ts";
import type { OptionsInput } from "../options/table.ts";
import { type layers, tf } from "../tfjs/tf.ts";

/** Options that make a run take the steps of an optimizer of TensorFlow.js. */
export type OptimizerOptions = Pick<OptionsInput, "optimizer" | "learningRate" | "momentum">;

/** What optimizers of TensorFlow.js keep, protected or private in their types. */
interface Fields {
  readonly learningRate: number;
  readonly momentum?: number;
  readonly useNesterov?: boolean;
  readonly centered?: boolean;
}

/** An optimizer of TensorFlow.js as one of ours. */
interface Counterpart {
  options(fields: Fields): OptimizerOptions;
  /** The fields that are constants of the rule, and what they are there. */
  readonly constants: Readonly<Record<string, keyof RuleConstants>>;
}

const rateOnly =
  (optimizer: NonNullable<OptimizerOptions["optimizer"]>) =>
  ({ learningRate }: Fields): OptimizerOptions => ({ optimizer, learningRate });

/** By class. A subclass of one's own has a rule that nobody knows. */
const counterparts = new Map<unknown, Counterpart>([
  [tf.SGDOptimizer, { options: rateOnly("sgd"), constants: {} }],
  [
    tf.MomentumOptimizer,
    {
      options: ({ learningRate, momentum, useNesterov }) => ({
        optimizer: useNesterov ? "nesterov" : "momentum",
        learningRate,
        momentum,
      }),
      constants: {},
    },
  ],
  [
    tf.AdamOptimizer,
    { options: rateOnly("adam"), constants: { beta1: "beta1", beta2: "beta2", epsilon: "epsilon" } },
  ],
  [
    tf.RMSPropOptimizer,
    {
      options: ({ learningRate, momentum }) => ({ optimizer: "rmsprop", learningRate, momentum }),
      constants: { decay: "rho", epsilon: "epsilon" },
    },
  ],
  [
    tf.AdagradOptimizer,
    { options: rateOnly("adagrad"), constants: { initialAccumulatorValue: "initialAccumulator" } },
  ],
  [
    tf.AdamaxOptimizer,
    {
      options: rateOnly("adamax"),
      constants: { beta1: "beta1", beta2: "beta2", decay: "decay", epsilon: "epsilon" },
    },
  ],
  [tf.AdadeltaOptimizer, { options: rateOnly("adadelta"), constants: { rho: "rho", epsilon: "epsilon" } }],
]);

/** What each constant must be, in words and in numbers. */
const decay = { rule: "in [0, 1)", isRight: (value: number) => value >= 0 && value < 1 };
const size = { rule: "a number ≥ 0", isRight: (value: number) => value >= 0 && Number.isFinite(value) };
const ranges: Readonly<Record<keyof RuleConstants, typeof decay>> = {
  beta1: decay,
  beta2: decay,
  rho: decay,
  epsilon: size,
  initialAccumulator: size,
  decay: size,
};

/**
 * Reads kind and rates off `model.optimizer`, as they are now.
 *
 * @throws {YfError} `BAD_OPTION` for an optimizer of the user's own, and for the centred RMSProp.
 */
export function compiledOptimizer(model: layers.LayersModel): OptimizerOptions {
  const fields = model.optimizer as unknown as Fields;
  // TensorFlow.js takes the root of a difference that rounds to less than zero.
  if (fields.centered === true) throw refused(`its centered must be false (${ways})`, true);
  return counterpartOf(model).options(fields);
}

/** Its constants, likewise. @throws {YfError} `BAD_OPTION` for one that no rule could have. */
export function compiledConstants(model: layers.LayersModel): RuleConstants {
  const fields = model.optimizer as unknown as Readonly<Record<string, number>>;
  const constants = Object.entries(counterpartOf(model).constants).map(([field, name]) => {
    const { isRight, rule } = ranges[name];
    if (!isRight(fields[field])) throw refused(`its ${field} must be ${rule} (${ways})`, fields[field]);
    return [name, fields[field]] as const;
  });
  return Object.fromEntries(constants);
}

const ways = "leave optimizer out for the default, or use model.fit";

function counterpartOf({ optimizer }: layers.LayersModel): Counterpart {
  const counterpart = counterparts.get(optimizer.constructor);
  if (counterpart !== undefined) return counterpart;
  throw refused(`must be one of tf.train (${ways})`, optimizer.constructor.name);
}

function refused(rule: string, received: unknown): YfError {
  return new YfError("BAD_OPTION", cannot("use the compiled optimizer", rule, received), {
    option: "optimizer",
    received,
  });
}
