/** What a text of the option `--model` stands for: a built-in model, a saved one, or a module of the user's. */
import { loadModel } from "../saved/load-model.ts";
import { type BuiltInModelOptions, buildModel, modelNames } from "./build-model.ts";
import { loadModule, type ResolvedModel } from "./load-module.ts";

/**
 * @param text A built-in name, the path of a `model.json`, or the path of a module.
 * @param options Of the data: what a built-in model is built for, and a module's function is told.
 * @throws {YfError} `BAD_MODEL`, `BAD_LOSS`.
 */
export async function resolveModel(text: string, options: BuiltInModelOptions): Promise<ResolvedModel> {
  if (modelNames.some((name) => name === text)) {
    return { model: buildModel(text, options), variables: [], loss: null };
  }
  if (text.endsWith(".json")) return { model: await loadModel(text), variables: [], loss: null };
  return loadModule(text, options);
}
