/**
 * Turns what a user gave into settings: parses texts, checks values, refuses what does not go together, fills in
 * defaults.
 *
 * Owns the rules between options; what one option takes is in `table.ts`. Errors name the flag on the command line and
 * the property in the library.
 */
import { availableParallelism } from "node:os";
import { cannot, YfError } from "../errors.ts";
import { type OptionName, type OptionRow, type OptionValues, optionRows, trainingTable } from "./table.ts";

/** Where options come from: texts of a command line, or values of a program. */
export type OptionSource = "cli" | "library";

/** Complete, checked settings of a run. */
export interface TrainSettings extends OptionValues {
  readonly workers: number;
  readonly batchJitter: "none" | "two";
  readonly backOff: boolean;
}

/** Passes over the training examples where nothing limits a run. */
const defaultEpochs = 5;

/** From so many workers on minibatches are of two sizes: with sixteen it pays, with two there is little to gain. */
const jitterFromWorkers = 8;

/** Largest number of workers, as the table has it. */
const maxWorkers = 256;

/**
 * Validates options and fills in defaults.
 *
 * @param raw On the command line flags in camel case (`evalEvery`) to texts, as commander gives them; in the library
 *   properties to values. What is undefined counts as absent.
 * @throws {YfError} `BAD_OPTION`, one sentence, for the first option that is unknown, breaks its rule, or does not go
 *   with another.
 * @example
 * ```ts
 * validateOptions({ batchSize: "32", updates: "100" }, "cli").maxUpdates; // → 100
 * ```
 */
export function validateOptions(raw: Readonly<Record<string, unknown>>, source: OptionSource): TrainSettings {
  const given = readGiven(raw, source);
  refuseConflicts(given, source);
  return withDefaults(given);
}

/** How errors and users write an option. */
function writtenName(name: OptionName, source: OptionSource): string {
  return source === "cli" ? rowOf(name).flag : name;
}

/** `--eval-every` as commander's `evalEvery`. */
function attributeName(flag: string): string {
  return flag.slice(2).replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}

function rowOf(name: OptionName): OptionRow<unknown, unknown> {
  return (optionRows.find(([other]) => other === name) as (typeof optionRows)[number])[1];
}

function readGiven(raw: Readonly<Record<string, unknown>>, source: OptionSource): Partial<OptionValues> {
  const rows =
    source === "cli" ? optionRows : optionRows.filter(([name]) => Object.hasOwn(trainingTable, name));
  const key = (name: OptionName, { flag }: OptionRow<unknown, unknown>) =>
    source === "cli" ? attributeName(flag) : name;
  const known = new Map(rows.map(([name, row]) => [key(name, row), { name, row }]));
  const given: Record<string, unknown> = {};
  for (const [rawKey, rawValue] of Object.entries(raw)) {
    if (rawValue === undefined) continue;
    const option = known.get(rawKey);
    if (option === undefined) {
      const names = rows.map(([name, { flag }]) => (source === "cli" ? flag : name));
      throw bad("use an option", `it must be one of ${names.join(", ")}`, rawKey);
    }
    const { kind } = option.row;
    const value =
      typeof rawValue === "string" && source === "cli" ? kind.fromText(rawValue) : kind.fromValue(rawValue);
    if (value === undefined) {
      const written = writtenName(option.name, source);
      throw source === "cli"
        ? bad(`parse ${written}`, kind.rule, rawValue)
        : bad(`use ${written}`, kind.libraryRule ?? kind.rule, rawValue);
    }
    given[option.name] = value;
  }
  return given as Partial<OptionValues>;
}

function refuseConflicts(given: Partial<OptionValues>, source: OptionSource): void {
  const written = (name: OptionName) => writtenName(name, source);
  const refuse = (name: OptionName, rule: string): never => {
    throw bad(`use ${written(name)}`, rule, given[name]);
  };
  const { learningRate, loop, mode, momentum, optimizer = "yellowfin", workers } = given;
  if (learningRate != null && optimizer.startsWith("yellowfin")) {
    refuse("learningRate", `${optimizer} sets it by itself (scale it with ${written("learningRateFactor")})`);
  }
  if (momentum != null && optimizer !== "momentum") {
    refuse("momentum", `only the optimizer momentum takes it and ${written("optimizer")} is ${optimizer}`);
  }
  if (loop !== undefined && optimizer !== "yellowfin") {
    refuse("loop", `only the optimizer yellowfin has a loop and ${written("optimizer")} is ${optimizer}`);
  }
  if (mode === "serial" && workers != null && workers > 1) {
    refuse("workers", "serial mode has one worker");
  }
  if (given.force === true && given.out == null) {
    refuse("force", `there is nothing to overwrite without ${written("out")}`);
  }
}

function withDefaults(given: Partial<OptionValues>): TrainSettings {
  const fallbacks = Object.fromEntries(optionRows.map(([name, row]) => [name, row.fallback]));
  const values = { ...(fallbacks as unknown as OptionValues), ...given };
  const unlimited = values.epochs === null && values.maxUpdates === null && values.maxSeconds === null;
  const workers =
    values.workers ?? (values.mode === "serial" ? 1 : Math.min(maxWorkers, availableParallelism()));
  return {
    ...values,
    epochs: unlimited ? defaultEpochs : values.epochs,
    workers,
    batchJitter: values.batchJitter ?? (workers >= jitterFromWorkers ? "two" : "none"),
    backOff: values.backOff ?? (values.optimizer === "yellowfin" && values.loop === "closed"),
  };
}

function bad(action: string, rule: string, received: unknown): YfError {
  // No option takes an object, and an object's own toString() may throw.
  const shown = Object(received) === received ? Object.prototype.toString.call(received) : received;
  return new YfError("BAD_OPTION", cannot(action, rule, shown));
}
