/**
 * Imports a user's module that exports `model`, and perhaps `variables` and `loss`. Its code runs in this process.
 *
 * Owns what such a module may export and the sentences about what it must not.
 */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { cannot, YfError } from "../../errors.ts";
import { type Loss, lossNames } from "../losses.ts";
import type { ModelFunction } from "../model-function.ts";
import { layers, tf } from "../tf.ts";
import { lossTerms } from "../total-loss.ts";
import type { BuiltInModelOptions } from "./build-model.ts";

/** What there is to train, as a text on the command line or a user's module gives it, before the data is known. */
export interface FoundModel {
  /** Null where the model is made for the data. */
  readonly ready: layers.LayersModel | ModelFunction | null;
  /** Makes it for the data; the one that is ready, where there is one. */
  readonly make: (options: BuiltInModelOptions) => Promise<layers.LayersModel | ModelFunction>;
  /** What to train where the model is a function; else []. */
  readonly variables: readonly tf.Variable[];
  /** Null where the module leaves the loss to the options. */
  readonly loss: Loss | null;
}

/**
 * Imports a module of the user's.
 *
 * It exports `model`: a LayersModel; a function of `{ inputShape, classes, seed }` that returns one, perhaps later; or,
 * beside `variables`, a function of the features. It may export `loss`, all that the option `loss` may be.
 *
 * @param file Path, relative to the working folder.
 * @returns A model whose `make` throws `BAD_MODEL` if the module's function throws or returns something else.
 * @throws {YfError} `BAD_MODEL` if there is no such file, this Node.js cannot import it, it throws, or it exports
 *   something else; `BAD_LOSS` for its loss.
 */
export async function loadModule(file: string): Promise<FoundModel> {
  const { loss: exportedLoss, model, variables } = await importModule(file);
  const loss = checkedLoss(file, exportedLoss);
  if (variables !== undefined) {
    if (!Array.isArray(variables) || !variables.every((variable) => variable instanceof tf.Variable)) {
      throw refuse(file, "its export variables must be an array of tf.Variable", describe(variables));
    }
    if (typeof model !== "function") {
      throw refuse(file, "beside variables its export model must be a function", describe(model));
    }
    return { ready: model as ModelFunction, make: async () => model as ModelFunction, variables, loss };
  }
  if (model instanceof layers.LayersModel) {
    return { ready: model, make: async () => model, variables: [], loss };
  }
  if (typeof model === "function") {
    const make = (options: BuiltInModelOptions) => build(file, model as ModelBuilder, options);
    return { ready: null, make, variables: [], loss };
  }
  throw refuse(
    file,
    "must export model, a LayersModel of this package's copy of TensorFlow.js or a function that returns one",
    describe(model),
  );
}

function checkedLoss(file: string, loss: unknown = null): Loss | null {
  if (typeof loss === "object" && loss !== null) {
    // Whether they are those of the outputs shows when there are outputs.
    lossTerms(loss as Loss, Object.keys(loss), Object.keys(loss).length);
  } else if (loss !== null && typeof loss !== "function" && !lossNames.some((name) => name === loss)) {
    const rule = `its export loss must be a function or one of ${lossNames.join(", ")}`;
    throw new YfError("BAD_LOSS", cannot(`use the module ${file}`, rule, describe(loss)), { file });
  }
  return loss as Loss | null;
}

type ModelBuilder = (options: BuiltInModelOptions) => unknown;

async function build(
  file: string,
  builder: ModelBuilder,
  options: BuiltInModelOptions,
): Promise<layers.LayersModel> {
  const built = await running(file, "its function model must not throw", () => builder(options));
  if (built instanceof layers.LayersModel) return built;
  throw refuse(file, "its function model must return a LayersModel", describe(built));
}

async function importModule(file: string): Promise<Record<string, unknown>> {
  const path = resolve(file);
  if (!existsSync(path)) throw refuse(file, "must exist");
  const exported = (await running(file, "must not throw", () => import(pathToFileURL(path).href))) as Record<
    string,
    unknown
  >;
  // A CommonJS module whose exports Node.js could not see in its text has them all in its default.
  const { default: fallback } = exported;
  const inDefault = !("model" in exported) && typeof fallback === "object" && fallback !== null;
  return inDefault ? (fallback as Record<string, unknown>) : exported;
}

/** Runs code of the user's; what it throws becomes one sentence. */
async function running(file: string, rule: string, run: () => unknown): Promise<unknown> {
  try {
    return await run();
  } catch (error) {
    if ((error as NodeJS.ErrnoException | null)?.code === "ERR_UNKNOWN_FILE_EXTENSION") {
      const rules = "this Node.js does not strip types (22.18 or later does; else compile it to JavaScript)";
      throw refuse(file, rules, process.version, error);
    }
    const message = error instanceof Error ? `${error.message}`.split("\n")[0] : String(error);
    const parses = `this Node.js must be able to parse it (node ${file} shows where it cannot)`;
    throw refuse(file, isUnparsed(error) ? parses : rule, message, error);
  }
}

/** Whether it was not the module's own code that threw a SyntaxError, as `JSON.parse` does. */
function isUnparsed(error: unknown): boolean {
  return (
    error instanceof Error && error.name === "SyntaxError" && !/\n +at .*file:\/\//.test(error.stack ?? "")
  );
}

function refuse(file: string, rule: string, received?: unknown, cause?: unknown): YfError {
  return new YfError("BAD_MODEL", cannot(`use the module ${file}`, rule, received), { file }, cause);
}

function describe(value: unknown): string {
  if (value === null || value === undefined) return "nothing";
  if (typeof value !== "object") return typeof value === "string" ? value : `a ${typeof value}`;
  return Array.isArray(value) ? "an array" : `an object of class ${value.constructor?.name ?? "null"}`;
}
