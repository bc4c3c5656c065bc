/** What a text of the option `--model` stands for: a built-in model, a saved one, or a module of the user's. */
import { loadModel } from "../saved/load-model.ts";
import { buildModel, modelNames } from "./build-model.ts";
import { type FoundModel, loadModule } from "./load-module.ts";

/**
 * @param text A built-in name, the path of a `model.json`, or the path of a module.
 * @throws {YfError} `BAD_MODEL`, `BAD_LOSS`.
 */
export async function findModel(text: string): Promise<FoundModel> {
  if (modelNames.some((name) => name === text)) {
    return { ready: null, make: async (options) => buildModel(text, options), variables: [], loss: null };
  }
  if (!text.endsWith(".json")) return loadModule(text);
  const ready = await loadModel(text);
  return { ready, make: async () => ready, variables: [], loss: null };
}
