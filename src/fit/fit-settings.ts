/** What a session is for: settings of the calls, what is trained, and what was compiled. With others a new one begins. */
import { type RunSpec, valuesOf } from "../options/run-spec.ts";
import type { layers } from "../tfjs/tf.ts";
import { compiledVariables } from "./compiled-part.ts";

export interface FitSettings {
  /** Texts of the settings by the names of their options. */
  readonly values: ReadonlyMap<string, string>;
  /** Ids of the variables that are trained. */
  readonly trained: string;
  /** Of the moment of `model.compile`: whoever compiles anew has a list of its own. */
  readonly compiled: unknown;
  readonly optimizer: unknown;
}

/** What is not as it was. */
export interface SettingsChange {
  /** Completes "as ...". */
  readonly reason: string;
  /** Whether TensorFlow.js would go on with the state of its optimizer. */
  readonly keepsOptimizer: boolean;
}

/** Settings that may differ from part to part. */
const free: readonly string[] = ["learningRate"];

/** Kept, since a loop of calls has one spec. */
const texts = new WeakMap<RunSpec, FitSettings["values"]>();

function textsOf(spec: RunSpec): FitSettings["values"] {
  const known = texts.get(spec);
  if (known !== undefined) return known;
  const { faults, interleaving, optimizer, randomness, target } = spec;
  const kept = { ...faults, ...interleaving, ...optimizer, ...randomness, ...target };
  const names = Object.keys(valuesOf(spec)).filter((name) => name in kept && !free.includes(name));
  const values = new Map(
    [...names, "constants"].map((name) => [name, JSON.stringify(kept[name as keyof typeof kept])]),
  );
  texts.set(spec, values);
  return values;
}

export function settingsOf(model: layers.LayersModel, spec: RunSpec): FitSettings {
  return {
    values: textsOf(spec),
    trained: compiledVariables(model)
      .map(({ id }) => id)
      .join(" "),
    compiled: (model as unknown as { metricsTensors: unknown }).metricsTensors,
    optimizer: model.optimizer,
  };
}

/** @returns Null where the session is for both. */
export function changeOf(before: FitSettings, now: FitSettings): SettingsChange | null {
  const changed = [...now.values].flatMap(([name, value]) =>
    before.values.get(name) === value ? [] : [name],
  );
  const isCompiledAnew = before.compiled !== now.compiled;
  if (changed.length === 0 && !isCompiledAnew && before.trained === now.trained) return null;
  if (before.trained !== now.trained) return { reason: "other weights are trained", keepsOptimizer: false };
  const keepsOptimizer = before.optimizer === now.optimizer;
  return {
    reason: changed.length > 0 ? `${changed.join(", ")} changed` : "the model was compiled anew",
    keepsOptimizer,
  };
}
