/** The built-in models by name. */
import { cannot, YfError } from "../../errors.ts";
import type { layers } from "../tf.ts";
import { charLstm } from "./char-lstm.ts";
import { lenet } from "./lenet.ts";
import { logistic, mlp } from "./mlp.ts";
import { resnet } from "./resnet.ts";

export interface BuiltInModelOptions {
  /** Shape of one example, of its first column where there are several. */
  readonly inputShape: readonly number[];
  /** Number of classes (logits) of the first column of labels, an integer ≥ 1. */
  readonly classes: number;
  /** Seed of the initial weights, an integer ≥ 0. */
  readonly seed: number;
}

const builders = {
  lenet: ({ inputShape, classes, seed }: BuiltInModelOptions) => {
    if (`${inputShape}` !== "28,28,1" || classes !== 10) {
      const rule = "the data must be examples [28,28,1] of 10 classes";
      throw new YfError("BAD_MODEL", cannot("build lenet", rule, `[${inputShape}] of ${classes} classes`), {
        inputShape,
        classes,
      });
    }
    return lenet(seed);
  },
  mlp: ({ inputShape, classes, seed }: BuiltInModelOptions) => mlp(seed, inputShape, [128], classes),
  resnet20: ({ inputShape, classes, seed }: BuiltInModelOptions) => resnet(20, inputShape, classes, seed),
  resnet110: ({ inputShape, classes, seed }: BuiltInModelOptions) => resnet(110, inputShape, classes, seed),
  "char-lstm": ({ inputShape, classes, seed }: BuiltInModelOptions) => charLstm(inputShape, classes, seed),
  logistic: ({ inputShape, classes, seed }: BuiltInModelOptions) => logistic(seed, inputShape, classes),
};

export type ModelName = keyof typeof builders;

/** Names of the built-in models. */
export const modelNames = Object.keys(builders) as readonly ModelName[];

/**
 * Builds a built-in model: `lenet`, `mlp` (one hidden layer of 128 units), `resnet20`, `resnet110`, `char-lstm` or
 * `logistic`.
 *
 * @throws {YfError} `BAD_MODEL` if there is no model of that name or it does not fit the data.
 * @example
 * ```ts
 * buildModel("logistic", { inputShape: [4], classes: 2, seed: 1 }).countParams(); // → 10
 * ```
 */
export function buildModel(name: string, options: BuiltInModelOptions): layers.LayersModel {
  if (Object.hasOwn(builders, name)) return builders[name as ModelName](options);
  throw new YfError(
    "BAD_MODEL",
    cannot("build the model", `its name must be one of ${modelNames.join(", ")}`, name),
    {
      name,
    },
  );
}
