/** What `fit()` and its like take besides model and data, and the settings of a run that follow. */
import type { ColumnSources } from "../data/from-arrays.ts";
import { cannot, YfError } from "../errors.ts";
import { resolveOptions } from "../options/resolve-options.ts";
import type { RunSpec } from "../options/run-spec.ts";
import type { OptionsInput } from "../options/table.ts";
import type { RunEvent } from "../report/run-event.ts";
import type { RunSnapshot } from "../report/run-snapshot.ts";
import type { BatchDataset } from "../tfjs/collect-batches.ts";
import type { layers } from "../tfjs/tf.ts";
import { compiledConstants, compiledOptimizer } from "./compiled-optimizer.ts";
import type { ExampleWeights } from "./example-weights.ts";

/** The options of `train()` that mean the same here. */
const shared = [
  "augment",
  "averaging",
  "backOff",
  "clipNorm",
  "clipValue",
  "device",
  "engine",
  "learningRate",
  "loop",
  "maxFaults",
  "maxRollbacks",
  "momentum",
  "nesterov",
  "seed",
  "weightDecay",
  "workers",
] as const satisfies readonly (keyof OptionsInput)[];

/** A callback of TensorFlow.js: an instance of `tf.Callback` or of one of its kinds. */
export type CallbackInstance = Pick<layers.Callback, "setModel" | "setParams">;

/** A callback: of TensorFlow.js, or an object with some of its functions. */
export type FitCallback = CallbackInstance | FitCallbackFunctions;

/** Functions that TensorFlow.js awaits one after the other. */
export type FitCallbackFunctions = Pick<
  layers.CustomCallbackArgs,
  "onTrainBegin" | "onTrainEnd" | "onEpochBegin" | "onEpochEnd" | "onBatchBegin" | "onBatchEnd" | "onYield"
>;

/** What has no counterpart in TensorFlow.js. */
export interface FitExtras extends Pick<OptionsInput, (typeof shared)[number]> {
  /**
   * `"compiled"` takes kind and rates of `model.optimizer`; default `"auto"`, which needs no rates and of which one line
   * tells.
   */
  readonly optimizer?: OptionsInput["optimizer"] | "compiled";
  /** Free threads without or with a lock, or `"serial"`, one thread with the same bits in every run. Default `"hogwild"`. */
  readonly mode?: "hogwild" | "locked" | "serial" | undefined;
  /** Ends the run early; the call resolves with what was trained until then. */
  readonly signal?: AbortSignal | undefined;
  /** For each second of training, and the end of each epoch. */
  readonly onRecord?: ((snapshot: RunSnapshot) => void) | undefined;
  /** Whatever people should know; without it warnings are printed unless `verbose` is 0. */
  readonly onEvent?: ((event: RunEvent) => void) | undefined;
}

/** What {@link FitConfig} and {@link FitDatasetConfig} have alike. */
export interface FitRunConfig extends FitExtras {
  /** Number of the epoch to end before; default 1. */
  readonly epochs?: number | undefined;
  /** Number of the first epoch; default 0. */
  readonly initialEpoch?: number | undefined;
  /** 0 prints nothing; default 1. */
  readonly verbose?: 0 | 1 | 2 | layers.ModelFitArgs["verbose"] | undefined;
  /**
   * One, or a list. With one for minibatches, threads meet after each minibatch of theirs, which costs time; its `loss` is
   * then the mean over as many minibatches as there are workers.
   */
  readonly callbacks?: FitCallback | readonly FitCallback[] | undefined;
}

/** Options of {@link fit}: those of `LayersModel.fit`, and more. */
export interface FitConfig extends FitRunConfig, ExampleWeights {
  /** Examples in a minibatch; default 32. The last one of an epoch has what is left. */
  readonly batchSize?: number | undefined;
  /** Whether each epoch uses the examples in another order; default true. */
  readonly shuffle?: boolean | undefined;
  /** Share in (0, 1) of the examples to validate with: the last ones, as they were given. */
  readonly validationSplit?: number | undefined;
  /** Examples to validate with after each epoch: `[x, y]`, or a dataset of minibatches, which is read once. */
  readonly validationData?: readonly [x: ColumnSources, y: ColumnSources] | BatchDataset | undefined;
  /** Examples at a time; the means are the same for any. Taken for its likeness, and without effect. */
  readonly validationBatchSize?: number | undefined;
  /** Minibatches that make an epoch; default as many as use all examples. */
  readonly stepsPerEpoch?: number | undefined;
}

/** Options of {@link fitDataset}: those of `LayersModel.fitDataset`, and more. */
export interface FitDatasetConfig extends FitRunConfig, Pick<ExampleWeights, "classWeight"> {
  /** Minibatches that make an epoch; default until the dataset ends. */
  readonly batchesPerEpoch?: number | undefined;
  /** As in {@link FitConfig}. */
  readonly validationData?: FitConfig["validationData"];
  /** Minibatches of such a dataset to validate with; default all. */
  readonly validationBatches?: number | undefined;
  /** As in {@link FitConfig}. */
  readonly validationBatchSize?: number | undefined;
}

const ofAll = [
  ...shared,
  "callbacks",
  "classWeight",
  "epochs",
  "initialEpoch",
  "mode",
  "onEvent",
  "onRecord",
  "optimizer",
  "signal",
  "validationBatchSize",
  "validationData",
  "verbose",
];

/** The keys that each function takes. */
export const configKeys = {
  fit: [...ofAll, "batchSize", "sampleWeight", "shuffle", "stepsPerEpoch", "validationSplit"],
  fitDataset: [...ofAll, "batchesPerEpoch", "validationBatches"],
  trainOnBatch: [
    "clipNorm",
    "clipValue",
    "engine",
    "learningRate",
    "momentum",
    "nesterov",
    "onEvent",
    "optimizer",
    "seed",
    "verbose",
    "weightDecay",
  ],
} satisfies Readonly<Record<string, readonly string[]>>;

/** @throws {YfError} `BAD_OPTION` for the first key that is not known, or number that is none. */
export function checkConfig(call: keyof typeof configKeys, config: object): void {
  const unknown = Object.keys(config).find(
    (key) => !configKeys[call].includes(key) && (config as Record<string, unknown>)[key] !== undefined,
  );
  if (unknown !== undefined)
    throw bad(`use ${unknown} in ${call}()`, `it takes ${configKeys[call].join(", ")}`, unknown);
  const whole = {
    epochs: 1,
    initialEpoch: 0,
    stepsPerEpoch: 1,
    batchesPerEpoch: 1,
    validationBatches: 1,
    validationBatchSize: 1,
  };
  for (const [key, least] of Object.entries(whole)) {
    const value = (config as Record<string, unknown>)[key];
    if (value === undefined || value === null) continue;
    if (!Number.isInteger(value) || (value as number) < least) {
      throw bad(`use ${key}`, `must be an integer ≥ ${least}`, key, value);
    }
  }
}

/** @throws {YfError} `BAD_OPTION` for what is no share. */
export function checkShare(validationSplit: unknown): asserts validationSplit is number {
  if (typeof validationSplit === "number" && validationSplit > 0 && validationSplit < 1) return;
  throw bad("use validationSplit", "must be in (0, 1)", "validationSplit", validationSplit);
}

/** The last settings of a model. Those of most calls in a loop are the same, and resolving takes as long as a small update. */
const resolved = new WeakMap<
  layers.LayersModel,
  { readonly key: readonly unknown[]; readonly spec: RunSpec }
>();

/** The settings of a run of a compiled model; the same object where they are the same as before. @throws {YfError} `BAD_OPTION`. */
export function specOf(
  model: layers.LayersModel,
  config: FitExtras & { readonly batchSize?: number | undefined; readonly shuffle?: boolean | undefined },
): RunSpec {
  const { batchSize = 32, mode, optimizer, shuffle = true } = config;
  if (mode !== undefined && !["hogwild", "locked", "serial"].includes(mode)) {
    const rule = "must be one of hogwild, locked, serial (train() has the others)";
    throw bad("use mode", rule, "mode", mode);
  }
  const own = Object.fromEntries(shared.map((name) => [name, config[name]]));
  const twice =
    optimizer === "compiled"
      ? (["learningRate", "momentum", "nesterov"] as const).find((name) => own[name] !== undefined)
      : undefined;
  if (twice !== undefined)
    throw bad(`use ${twice}`, "the compiled optimizer brings its own", twice, own[twice]);
  const steps =
    optimizer === "compiled"
      ? { ...compiledOptimizer(model), averaging: own.averaging ?? false }
      : { optimizer };
  const constants = optimizer === "compiled" ? { constants: compiledConstants(model) } : {};
  const given = { mode, batchSize, batchJitter: "none" as const, ...own, ...steps };
  const key = [shuffle, ...Object.entries({ ...given, ...constants.constants }).flat()];
  const known = resolved.get(model);
  const isKnown = known?.key.length === key.length && key.every((value, i) => Object.is(value, known.key[i]));
  if (known !== undefined && isKnown) return known.spec;
  const { spec } = resolveOptions(given, "library");
  const whole = {
    ...spec,
    batching: { ...spec.batching, shuffle, cutAtEpochs: true },
    optimizer: { ...spec.optimizer, ...constants },
  };
  resolved.set(model, { key, spec: whole });
  return whole;
}

function bad(action: string, rule: string, option: string, received?: unknown): YfError {
  return new YfError("BAD_OPTION", cannot(action, rule, received), { option, received });
}
