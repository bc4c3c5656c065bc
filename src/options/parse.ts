/**
 * Turns what a user gave into settings: parses texts, checks values, refuses what does not go together, fills in
 * defaults.
 *
 * Owns the rules between options; what one option takes is in `table.ts`. Errors name the flag on the command line and
 * the property in the library.
 */
import { availableParallelism } from "node:os";
import { cannot, YfError } from "../errors.ts";
import { isOrdered } from "../schedule/create-schedule.ts";
import type { WorkerDelay } from "./kinds.ts";
import {
  namedData,
  type OptionName,
  type OptionRow,
  type OptionValues,
  optionRows,
  trainingTable,
} from "./table.ts";

/** Where options come from: texts of a command line, or values of a program. */
export type OptionSource = "cli" | "library";

/** Complete, checked settings of a run. */
export interface TrainSettings extends Omit<OptionValues, "mode"> {
  /** As given, or `replay`, which an order brings about. */
  readonly mode: OptionValues["mode"] | "replay";
  /** Threads. */
  readonly workers: number;
  /** Workers of the run: simulated ones in the mode of a schedule, else the threads. */
  readonly simulateWorkers: number;
  readonly speeds: readonly number[];
  readonly batchJitter: "none" | "two" | "exponential";
  readonly delay: readonly WorkerDelay[];
  readonly averaging: boolean;
  readonly backOff: boolean;
  readonly keepBest: boolean;
}

/** Passes over the training examples where nothing limits a run. */
const defaultEpochs = 5;

/** From so many workers on minibatches are of several sizes: with sixteen it pays, with two there is little to gain. */
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
  refuseConflicts(given, raw, source);
  const settings = withDefaults(given);
  refuseStaleness(settings, source);
  return settings;
}

/** How errors and users write an option. */
export function writtenName(name: OptionName, source: OptionSource): string {
  return source === "cli" ? rowOf(name).flag : name;
}

/** The key of an option in what {@link validateOptions} takes. */
function rawName(name: OptionName, source: OptionSource): string {
  return source === "cli" ? attributeName(rowOf(name).flag) : name;
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
  const known = new Map(rows.map(([name, row]) => [rawName(name, source), { name, row }]));
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

function refuseConflicts(
  given: Partial<OptionValues>,
  raw: Readonly<Record<string, unknown>>,
  source: OptionSource,
): void {
  const written = (name: OptionName) => writtenName(name, source);
  const refuse = (name: OptionName, rule: string): never => {
    // Lists are shown as they were written.
    const received = Object(given[name]) === given[name] ? raw[rawName(name, source)] : given[name];
    throw bad(`use ${written(name)}`, rule, received);
  };
  const { learningRate, loop, mode = "hogwild", momentum, optimizer = "yellowfin", workers } = given;
  const { data = "mnist", device = "cpu", engine = "ort" } = given;
  if (device !== "cpu" && engine !== "ort" && !(device === "cuda" && engine === "tensorflow")) {
    const engines = device === "cuda" ? "engines ort and tensorflow have" : "engine ort has";
    refuse("device", `only the ${engines} it and ${written("engine")} is ${engine}`);
  }
  if (namedData.some((name) => name === data)) {
    const rule = `only data in files takes it and ${written("data")} is ${data}`;
    for (const name of ["testData", "testShare", "labelColumn", "imageSize"] as const) {
      if (given[name] != null) refuse(name, rule);
    }
  }
  if (given.testData != null && given.testShare != null) {
    refuse("testShare", `${written("testData")} is all that is tested with`);
  }
  if (
    learningRate != null &&
    (optimizer.startsWith("yellowfin") || optimizer === "dog" || optimizer === "auto")
  ) {
    refuse("learningRate", `${optimizer} sets it by itself (scale it with ${written("learningRateFactor")})`);
  }
  if (momentum != null && optimizer !== "momentum" && optimizer !== "nesterov") {
    const takers = "only the optimizers momentum and nesterov take it";
    refuse("momentum", `${takers} and ${written("optimizer")} is ${optimizer}`);
  }
  if (given.weightDecay != null && optimizer !== "adamw") {
    refuse("weightDecay", `only the optimizer adamw takes it and ${written("optimizer")} is ${optimizer}`);
  }
  if (given.averaging === true && hasOwnAverage(optimizer)) {
    refuse("averaging", `${optimizer} has an average of its own`);
  }
  refuseSchedule(given, refuse, written);
  if (given.backOff != null && optimizer === "auto") {
    refuse("backOff", "auto has a back-off of its own");
  }
  if (
    given.stalenessPolicy != null &&
    given.stalenessPolicy !== "none" &&
    (mode === "serial" || mode === "sync")
  ) {
    refuse("stalenessPolicy", `nothing is stale in mode ${mode}`);
  }
  if (given.stalenessPolicy === "drop" && given.maxStaleness == null) {
    refuse("stalenessPolicy", `nothing is too stale without ${written("maxStaleness")}`);
  }
  if (given.stalenessPolicy === "drop" && given.onStale === "wait") {
    refuse("stalenessPolicy", `${written("onStale")} is wait`);
  }
  if (given.stalenessPolicy === "closed-loop" && optimizer !== "momentum") {
    const rule = `it steers the optimizer momentum and ${written("optimizer")} is ${optimizer}`;
    refuse("stalenessPolicy", optimizer === "yellowfin" ? `${rule}, which has ${written("loop")}` : rule);
  }
  if (given.momentumEstimator != null && !isMeasured(optimizer)) {
    refuse("momentumEstimator", `no momentum is measured of the optimizer ${optimizer}`);
  }
  if (loop !== undefined && optimizer !== "yellowfin") {
    refuse("loop", `only the optimizer yellowfin has a loop and ${written("optimizer")} is ${optimizer}`);
  }
  if (mode === "serial" && workers != null && workers > 1) {
    refuse("workers", "serial mode has one worker");
  }
  if (given.simulateWorkers != null && !isOrdered(mode)) {
    refuse("simulateWorkers", `only a schedule simulates workers and ${written("mode")} is ${mode}`);
  }
  const free = mode === "hogwild" || mode === "locked";
  if (given.delay != null && !free)
    refuse("delay", `only free threads can be slow and ${written("mode")} is ${mode}`);
  if (given.maxStaleness != null && !free && mode !== "round-robin") {
    refuse("maxStaleness", `only free threads can drop or wait and ${written("mode")} is ${mode}`);
  }
  if (given.onStale != null && given.maxStaleness == null) {
    refuse("onStale", `nothing is too stale without ${written("maxStaleness")}`);
  }
  for (const name of ["speeds", "stepTime"] as const) {
    if (given[name] != null && mode !== "timed") {
      refuse(name, `only mode timed has step times and ${written("mode")} is ${mode}`);
    }
  }
  if (given.record === true && !free) {
    refuse("record", `a schedule has its order from the seed and ${written("mode")} is ${mode}`);
  }
  if (given.record === true && given.maxSeconds != null && given.epochs == null && given.maxUpdates == null) {
    refuse("record", `room for the order needs ${written("epochs")} or ${written("maxUpdates")}`);
  }
  if (given.record === true && source === "cli" && given.out == null) {
    refuse("record", `there is nowhere to keep it without ${written("out")}`);
  }
  if (given.supervise === true && given.keepCheckpoints === 0) {
    refuse("supervise", `there is nothing to go on from with ${written("keepCheckpoints")} 0`);
  }
  if (given.supervise === true && given.out == null && given.checkpointDir == null && given.resume == null) {
    refuse("supervise", `there is nowhere to keep checkpoints without ${written("out")}`);
  }
  if (given.tensorboard === true && given.out == null) {
    refuse("tensorboard", `there is nowhere to write without ${written("out")}`);
  }
  if (given.force === true && given.out == null) {
    refuse("force", `there is nothing to overwrite without ${written("out")}`);
  }
}

function refuseSchedule(
  given: Partial<OptionValues>,
  refuse: (name: OptionName, rule: string) => never,
  written: (name: OptionName) => string,
): void {
  const { optimizer = "yellowfin", schedule = "constant" } = given;
  if (schedule !== "constant" && hasOwnAverage(optimizer)) {
    refuse("schedule", `${optimizer} needs none: its average takes the place of one`);
  }
  for (const name of ["decay", "decayEvery"] as const) {
    if (given[name] != null && schedule !== "step" && schedule !== "epoch-decay") {
      refuse(
        name,
        `only the schedules step and epoch-decay have steps and ${written("schedule")} is ${schedule}`,
      );
    }
  }
  const needsEnd = schedule === "cosine" || (schedule === "step" && given.decayEvery == null);
  if (needsEnd && given.maxSeconds != null && given.epochs == null && given.maxUpdates == null) {
    refuse("schedule", `its end must be known, by ${written("epochs")} or ${written("maxUpdates")}`);
  }
}

/** Round-robin's staleness follows from its number of workers, which may be a default. */
function refuseStaleness({ maxStaleness, mode, simulateWorkers }: TrainSettings, source: OptionSource): void {
  const staleness = simulateWorkers - 1;
  if (mode !== "round-robin" || maxStaleness === null || maxStaleness >= staleness) return;
  const rule = `round-robin has a staleness of ${staleness}, one less than its workers`;
  throw bad(`use ${writtenName("maxStaleness", source)}`, rule, maxStaleness);
}

function withDefaults(given: Partial<OptionValues>): TrainSettings {
  const fallbacks = Object.fromEntries(optionRows.map(([name, row]) => [name, row.fallback]));
  const values = { ...(fallbacks as unknown as OptionValues), ...given };
  const unlimited = values.epochs === null && values.maxUpdates === null && values.maxSeconds === null;
  const { mode } = values;
  const most = mode === "serial" ? 1 : (values.simulateWorkers ?? maxWorkers);
  const workers = values.workers ?? Math.min(most, availableParallelism());
  const simulateWorkers = values.simulateWorkers ?? workers;
  // Where no worker can overtake another, sizes change nothing.
  const overtaking = mode === "hogwild" || mode === "locked" || mode === "timed";
  const absent = values.delay?.find(({ rank }) => rank >= workers);
  if (absent !== undefined) {
    throw bad("delay a worker", `ranks must be below the number of workers, ${workers}`, absent.rank);
  }
  return {
    ...values,
    epochs: unlimited ? defaultEpochs : values.epochs,
    workers,
    simulateWorkers,
    speeds: values.speeds ?? [1],
    delay: values.delay ?? [],
    batchJitter:
      values.batchJitter ?? (overtaking && simulateWorkers >= jitterFromWorkers ? "exponential" : "none"),
    averaging: values.averaging ?? !hasOwnAverage(values.optimizer),
    keepBest: values.keepBest ?? values.patience !== null,
    backOff: values.backOff ?? (values.optimizer === "yellowfin" && values.loop === "closed"),
  };
}

/** Whether its steps are μ times the last one and a multiple of the gradient, as the measurement takes for granted. */
function isMeasured(optimizer: OptionValues["optimizer"]): boolean {
  return optimizer.startsWith("yellowfin") || ["sgd", "momentum", "dog"].includes(optimizer);
}

function hasOwnAverage(optimizer: OptionValues["optimizer"]): boolean {
  return optimizer.startsWith("schedule-free") || optimizer === "auto";
}

function bad(action: string, rule: string, received: unknown): YfError {
  // No option takes an object, and an object's own toString() may throw.
  const shown = Object(received) === received ? Object.prototype.toString.call(received) : received;
  return new YfError("BAD_OPTION", cannot(action, rule, shown));
}
