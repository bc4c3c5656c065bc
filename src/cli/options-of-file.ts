/**
 * Options that come out of a file, a checkpoint or a recorded order, which somebody else may have made.
 *
 * What a run computes, and for how long, is taken from there. Where it writes, what it serves and what code it runs is for
 * whoever types the command to say.
 */
import { cannot, YfError } from "../errors.ts";
import { attributeName, withCurrentNames } from "../options/resolve-options.ts";
import { type OptionName, optionRows } from "../options/table.ts";
import type { WrittenOptions } from "../resume/checkpointer.ts";

const places: readonly OptionName[] = ["checkpointDir", "resume", "force"];

/** A path is that of a module unless it is that of a saved model; words are built-in models. */
const isModule = (model: string) => /\.[cm]?[jt]s$/.test(model);

const rowByKey = new Map(optionRows.map(([name, row]) => [attributeName(row.flag), { name, row }]));

/** Whether an option reaches beyond the numbers of a run. Unknown ones stay, and are refused where options are read. */
function reachesBeyond(key: string): boolean {
  const option = rowByKey.get(key);
  return option !== undefined && (option.row.group === "terminal" || places.includes(option.name));
}

export interface OptionsOfFile<V> {
  readonly options: Readonly<Record<string, V>>;
  /** Flags of options that were not taken over and are not given anew. */
  readonly leftOut: readonly string[];
}

/**
 * @param file It comes from. @param found Options in it. @param given On the command line.
 * @throws {YfError} `BAD_OPTION` if its model is a module, which is code, and no one names that on the command line.
 */
export function optionsOfFile<V extends WrittenOptions[string]>(
  file: string,
  found: Readonly<Record<string, V>>,
  given: Readonly<Record<string, unknown>>,
): OptionsOfFile<V> {
  const { model } = found;
  if (given.model === undefined && typeof model === "string" && isModule(model)) {
    const rule = `a module is code, and runs only if it is named on the command line: --model ${model}`;
    throw new YfError("BAD_OPTION", cannot(`run the module that ${file} names`, rule), {
      option: "--model",
      file,
      model,
    });
  }
  const entries = Object.entries(withCurrentNames(found, "cli"));
  return {
    options: Object.fromEntries(entries.filter(([key]) => !reachesBeyond(key))),
    leftOut: entries
      .filter(([key]) => reachesBeyond(key) && given[key] === undefined)
      .map(([key]) => rowByKey.get(key)?.row.flag as string),
  };
}
