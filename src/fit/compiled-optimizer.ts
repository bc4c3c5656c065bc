/** The optimizer of a compiled model as one of ours: its kind and its rates. */
import { cannot, YfError } from "../errors.ts";
import type { OptionsInput } from "../options/table.ts";
import { type layers, tf } from "../tfjs/tf.ts";

/** Options that make a run take the steps of an optimizer of TensorFlow.js. */
export type OptimizerOptions = Pick<OptionsInput, "optimizer" | "learningRate" | "momentum">;

/** What optimizers of TensorFlow.js keep, protected or private in their types. */
interface Fields {
  readonly learningRate: number;
  readonly momentum?: number;
  readonly useNesterov?: boolean;
}

/** An optimizer of TensorFlow.js as one of ours, which has its constants for good. */
interface Counterpart {
  options(fields: Fields): OptimizerOptions;
  /** Fields that must have these values. */
  readonly constants: Readonly<Record<string, number | boolean>>;
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
  [tf.AdamOptimizer, { options: rateOnly("adam"), constants: { beta1: 0.9, beta2: 0.999 } }],
  [
    tf.RMSPropOptimizer,
    {
      options: ({ learningRate, momentum }) => ({ optimizer: "rmsprop", learningRate, momentum }),
      constants: { decay: 0.9, centered: false, epsilon: 1e-7 },
    },
  ],
  [tf.AdagradOptimizer, { options: rateOnly("adagrad"), constants: { initialAccumulatorValue: 0.1 } }],
  [
    tf.AdamaxOptimizer,
    {
      options: rateOnly("adamax"),
      constants: { beta1: 0.9, beta2: 0.999, decay: 0, epsilon: 1e-7 },
    },
  ],
  [tf.AdadeltaOptimizer, { options: rateOnly("adadelta"), constants: { rho: 0.95, epsilon: 1e-7 } }],
]);

/**
 * Reads kind and rates off `model.optimizer`, as they are now.
 *
 * @throws {YfError} `BAD_OPTION` for an optimizer of the user's own, or one with other constants than ours has.
 */
export function compiledOptimizer({ optimizer }: layers.LayersModel): OptimizerOptions {
  const counterpart = counterparts.get(optimizer.constructor);
  const ways = "leave optimizer out for the default, or use model.fit";
  if (counterpart === undefined) {
    throw refused(`must be one of tf.train (${ways})`, optimizer.constructor.name);
  }
  const fields = optimizer as unknown as Record<string, unknown>;
  for (const [name, value] of Object.entries(counterpart.constants)) {
    if (fields[name] !== value) throw refused(`its ${name} must be ${value} (${ways})`, fields[name]);
  }
  return counterpart.options(optimizer as unknown as Fields);
}

/** What the compiled Adam adds to its divisor; null of another optimizer. */
export function compiledEpsilon({ optimizer }: layers.LayersModel): number | null {
  const { epsilon } = optimizer as unknown as { readonly epsilon?: number };
  return optimizer instanceof tf.AdamOptimizer ? (epsilon ?? null) : null;
}

function refused(rule: string, received: unknown): YfError {
  return new YfError("BAD_OPTION", cannot("use the compiled optimizer", rule, received), {
    option: "optimizer",
    received,
  });
}
