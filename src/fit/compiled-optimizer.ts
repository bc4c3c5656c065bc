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
  readonly beta1?: number;
  readonly beta2?: number;
}

/** The classes whose rules there are. A subclass of one's own has a rule that nobody knows. */
const readers = new Map<unknown, (fields: Fields) => OptimizerOptions>([
  [tf.SGDOptimizer, ({ learningRate }) => ({ optimizer: "sgd", learningRate })],
  [
    tf.MomentumOptimizer,
    ({ learningRate, momentum, useNesterov }) => ({
      optimizer: useNesterov ? "nesterov" : "momentum",
      learningRate,
      momentum,
    }),
  ],
  [
    tf.AdamOptimizer,
    ({ beta1, beta2, learningRate }) => {
      if (beta1 === 0.9 && beta2 === 0.999) return { optimizer: "adam", learningRate };
      throw refused("the decays of adam must be 0.9 and 0.999", `${beta1} and ${beta2}`);
    },
  ],
]);

/**
 * Reads kind and rates off `model.optimizer`, as they are now.
 *
 * @throws {YfError} `BAD_OPTION` for an optimizer whose rule there is not, or of the user's own.
 */
export function compiledOptimizer({ optimizer }: layers.LayersModel): OptimizerOptions {
  const reader = readers.get(optimizer.constructor);
  if (reader !== undefined) return reader(optimizer as unknown as Fields);
  const known = "it must be sgd, momentum or adam of tf.train";
  throw refused(
    `${known} (leave optimizer out for the default, or use model.fit)`,
    optimizer.constructor.name,
  );
}

function refused(rule: string, received: string): YfError {
  return new YfError("BAD_OPTION", cannot("use the compiled optimizer", rule, received), {
    option: "optimizer",
    received,
  });
}
