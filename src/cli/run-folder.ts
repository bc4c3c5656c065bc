/**
 * The folder of one run (`--out DIR`): metrics.jsonl while it trains; at its end summary.json, weights.safetensors,
 * report.html, and the model for TensorFlow.js (model.json and its shards) and ONNX (model.onnx).
 *
 * Owns the names of the files, that results of an earlier run are not overwritten unasked, and what must hold between
 * the files when they are read back.
 */
import { existsSync, readFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { checkpointsName } from "../checkpoint/checkpoint-folder.ts";
import { FolderLock, type LockOptions } from "../checkpoint/folder-lock.ts";
import type { AlikeOptions } from "../data/read-alike.ts";
import { saveOnnx } from "../engine/save-onnx.ts";
import { cannot, YfError } from "../errors.ts";
import type { DataDescription } from "../formats/data-description.ts";
import { type RunSpec, valuesOf } from "../options/run-spec.ts";
import { trainingTable } from "../options/table.ts";
import { makeFolder } from "../report/make-folder.ts";
import { readMetrics } from "../report/metrics-file.ts";
import { MetricsLog } from "../report/metrics-log.ts";
import { type OrderFile, writeOrder } from "../report/order-file.ts";
import type { RunEvent } from "../report/run-event.ts";
import { runPage } from "../report/run-page.ts";
import type { RunRecord } from "../report/run-record.ts";
import type { RunSnapshot } from "../report/run-snapshot.ts";
import { type NamedTensor, readSafetensors } from "../report/safetensors.ts";
import { summaryJson } from "../report/summary.ts";
import { readSummary } from "../report/summary-file.ts";
import { TensorBoardLog } from "../report/tensorboard/tensorboard-log.ts";
import { writeFileAtomically } from "../report/write-file-atomically.ts";
import { weightSource } from "../task/compile-programs.ts";
import type { LossName } from "../tfjs/losses.ts";
import { modelFile, saveModel } from "../tfjs/saved/save-model.ts";
import { saveWeights } from "../tfjs/saved/weights-file.ts";
import type { TrainResult } from "../train.ts";
import { foundFromHere, workingFolderFrom } from "./working-folder.ts";

export const files = {
  metrics: "metrics.jsonl",
  summary: "summary.json",
  weights: "weights.safetensors",
  order: "order.bin",
  model: modelFile,
  onnx: "model.onnx",
  report: "report.html",
  checkpoints: checkpointsName,
} as const;

/** What the folder must know of a run that is resumed. */
export interface RunToResume {
  /** Updates that it has made. */
  readonly updates: number;
  /** Folder of its results; null where its checkpoints lie in none. */
  readonly runFolder: string | null;
}

/** Why files of a finished run are not there. */
export interface Unsaved {
  /** The folder did not take them. */
  readonly unwritten: readonly YfError[];
  /** What they are made of has no such form: the model may have no ONNX graph, the records of before may be damaged. */
  readonly unfit: readonly YfError[];
}

export class RunFolder {
  readonly #folder: string;
  readonly #resumedAt: number | null;
  readonly #lock: FolderLock;
  #logs: (MetricsLog | TensorBoardLog)[] = [];
  /** Those that took the newest record in vain. */
  readonly #failing = new Set<MetricsLog | TensorBoardLog>();
  #warn: (text: string) => void = () => undefined;

  /**
   * Locks the folder, until {@link release}; nothing else is written yet.
   *
   * @param force Whether results of another run may be overwritten. @param resumed The run that is resumed; null for a new one.
   * @throws {YfError} `OUTPUT_EXISTS` if the folder has results of another run and they must stay, `IN_USE` if another
   *   process trains into it, `NOT_WRITABLE`, `BAD_OPTION` for `force` where the run is resumed into its own folder.
   */
  constructor(folder: string, force: boolean, resumed: RunToResume | null = null, locking: LockOptions = {}) {
    this.#folder = folder;
    this.#lock = FolderLock.take(folder, locking);
    try {
      this.#resumedAt = this.#updatesBefore(folder, force, resumed);
    } catch (error) {
      this.release();
      throw error;
    }
  }

  /** Others may write to the folder from now on. */
  release(): void {
    this.#lock.release();
  }

  /** @returns Updates of the run that is resumed into its own folder; null for one that is new there. */
  #updatesBefore(folder: string, force: boolean, resumed: RunToResume | null): number | null {
    // Checkpoints that lie somewhere else do not tell which folder is theirs: it is the one that is named.
    const isOwn =
      resumed !== null && (resumed.runFolder === null || resolve(resumed.runFolder) === resolve(folder));
    if (force && isOwn && resumed.runFolder !== null) {
      const rule = "must not be combined with --resume into the same folder";
      throw new YfError("BAD_OPTION", cannot("use --force", rule), { option: "--force" });
    }
    if (isOwn) return resumed.updates;
    const existing = Object.values(files).find((file) => existsSync(join(folder, file)));
    if (existing === undefined || force) return null;
    const rule =
      resumed === null
        ? "must not hold the results of another run (--force overwrites them)"
        : "a resumed run must use its own folder or a new one (--force overwrites another)";
    throw new YfError("OUTPUT_EXISTS", cannot(`write to --out ${folder}`, rule, existing), { folder });
  }

  /**
   * Makes the folder and begins the metrics, for TensorBoard too if `tensorboard`.
   *
   * @param warn Hears what cannot be written from then on, which does not end the run. @throws {YfError} `NOT_WRITABLE`.
   */
  begin(spec: RunSpec, tensorboard: boolean, warn: (text: string) => void): void {
    this.#warn = warn;
    makeFolder(this.#folder);
    const opened = [
      () => new MetricsLog(join(this.#folder, files.metrics), this.#resumedAt),
      ...(tensorboard ? [() => new TensorBoardLog(this.#folder, valuesOf(spec), this.#resumedAt)] : []),
    ].map((open) => this.#unlessResumed<MetricsLog | TensorBoardLog>(open));
    this.#logs = opened.filter((log) => log !== null);
  }

  /** A checkpoint is worth more than what was measured before it: a run resumes without a log that cannot. */
  #unlessResumed<T>(open: () => T): T | null {
    try {
      return open();
    } catch (error) {
      if (this.#resumedAt === null || !(error instanceof YfError)) throw error;
      this.#warn(`${error.message}; the run continues without it`);
      return null;
    }
  }

  record(record: RunSnapshot | RunEvent): void {
    for (const log of this.#logs) {
      try {
        log.append(record);
        this.#failing.delete(log);
      } catch (error) {
        if (!(error instanceof YfError)) throw error;
        if (!this.#failing.has(log)) this.#warn(`${error.message}; training continues`);
        this.#failing.add(log);
      }
    }
  }

  /**
   * Writes weights, the recorded order if there is one, the summary, the page that shows it all, and a LayersModel for
   * TensorFlow.js and ONNX, which name its classes and features. What cannot be written keeps nothing else from being written.
   */
  async finish(
    { model, summary, variables }: Pick<TrainResult, "model" | "summary" | "variables">,
    order: OrderFile | null,
    preprocessing: boolean,
  ): Promise<Unsaved> {
    const at = (name: keyof typeof files) => join(this.#folder, files[name]);
    const source = weightSource({ model, variables });
    const workingFolder = workingFolderFrom(this.#folder);
    const problems = await problemsOf([
      () => order !== null && writeOrder(at("order"), order),
      () => saveWeights(source, at("weights"), { model: summary.model ?? "" }),
      () => writeFileAtomically(at("summary"), `${summaryJson(summary, { workingFolder })}\n`),
      () => this.close(),
      () => writeFileAtomically(at("report"), runPage([readRunRecord(this.#folder)])),
    ]);
    const { dataDescription: description } = summary;
    if (typeof model !== "function") {
      const ofModel = await problemsOf([
        () => saveModel(model, this.#folder, description),
        () => saveOnnx(model, at("onnx"), { description, preprocessing }),
      ]);
      problems.push(...ofModel);
    }
    const isUnwritten = ({ code }: YfError) => code === "NOT_WRITABLE";
    return {
      unwritten: problems.filter(isUnwritten),
      unfit: problems.filter((problem) => !isUnwritten(problem)),
    };
  }

  close(): void {
    for (const log of this.#logs) log.close();
  }
}

/** Does everything in order. @returns What failed, without keeping the rest from being done. */
async function problemsOf(steps: readonly (() => unknown)[]): Promise<YfError[]> {
  const problems: YfError[] = [];
  for (const step of steps) {
    try {
      await step();
    } catch (error) {
      if (!(error instanceof YfError)) throw error;
      problems.push(error);
    }
  }
  return problems;
}

/** The records of a run, finished or not. @throws {YfError} `BAD_RUN` if a file is missing or none of ours. */
export function readRunRecord(folder: string): RunRecord {
  const summary = join(folder, files.summary);
  return {
    name: basename(resolve(folder)),
    ...readMetrics(join(folder, files.metrics)),
    summary: existsSync(summary) ? readSummary(summary) : null,
  };
}

/** What `yf-async evaluate` needs of a finished run. */
export interface FinishedRun {
  /** Path of the summary that says the rest. */
  readonly file: string;
  /** Model and data, and how they were read, as the run was given them; paths lead there from the current folder. */
  readonly options: Readonly<Record<string, string>>;
  /** The model that it left, null where that is a function. */
  readonly modelFile: string | null;
  /** What computed its gradients, and evaluates it. */
  readonly engine: string;
  /** Undefined where it is not one of the built-in ones. */
  readonly loss: LossName | undefined;
  readonly tensors: readonly NamedTensor[];
}

/**
 * Reads a finished run back.
 *
 * @throws {YfError} `BAD_WEIGHTS` if a file is missing or damaged.
 */
export function readRunFolder(folder: string): FinishedRun {
  const file = join(folder, files.summary);
  const { data, dataOptions, engine, loss, model, workingFolder } = parseSummary(file);
  const options = {
    ...(dataOptions as Record<string, string>),
    data: optionIn(file, "data", data),
    model: optionIn(file, "model", model),
  };
  const saved = join(folder, files.model);
  return {
    file,
    modelFile: existsSync(saved) ? saved : null,
    engine: engine === undefined ? "ort" : optionIn(file, "engine", engine),
    // A loss that has no name is the one that the model's module exports.
    loss: loss == null ? undefined : (optionIn(file, "loss", loss) as LossName),
    tensors: readSafetensors(join(folder, files.weights)),
    options: foundFromHere(options, folder, workingFolder),
  };
}

/** What other data of the same form need of a finished run. */
export interface RunForm {
  readonly description: DataDescription;
  readonly engine: string;
  /** Undefined where it is not one of the built-in ones. */
  readonly loss: LossName | undefined;
  /** How arrays and images were found. */
  readonly alike: Omit<AlikeOptions, "hasLabels">;
}

/** @throws {YfError} `BAD_WEIGHTS` if the summary is missing, damaged, or does not say how data were read. */
export function readRunForm(folder: string): RunForm {
  const file = join(folder, files.summary);
  const { dataDescription, dataOptions, engine, loss } = parseSummary(file);
  const description = dataDescription as DataDescription | undefined;
  const isWhole =
    Array.isArray(description?.inputs) &&
    Array.isArray(description.targets) &&
    description.reading !== undefined;
  if (!isWhole) {
    const rule = "must say how the data were read (train again: an earlier version did not keep it)";
    throw new YfError("BAD_WEIGHTS", cannot(`use ${file}`, rule), { file });
  }
  const options = (dataOptions ?? {}) as Readonly<Record<string, unknown>>;
  const nameIn = (name: string) => (typeof options[name] === "string" ? options[name] : null);
  return {
    description,
    engine: engine === undefined ? "ort" : optionIn(file, "engine", engine),
    loss: loss == null ? undefined : (optionIn(file, "loss", loss) as LossName),
    alike: {
      featuresArray: nameIn("featuresArray"),
      labelsArray: nameIn("labelsArray"),
      scalesImages: options.imageSize != null,
    },
  };
}

function optionIn(file: string, name: "model" | "data" | "engine" | "loss", value: unknown): string {
  const { fromValue, rule } = trainingTable[name].kind;
  const text = fromValue(value);
  if (text !== undefined) return text;
  const received = typeof value === "object" ? undefined : value;
  throw new YfError(
    "BAD_WEIGHTS",
    cannot(`use ${file}`, rule.replace("must be", `its ${name} must be`), received),
    { file },
  );
}

function parseSummary(file: string): {
  data?: unknown;
  dataDescription?: unknown;
  dataOptions?: unknown;
  engine?: unknown;
  loss?: unknown;
  model?: unknown;
  workingFolder?: unknown;
} {
  try {
    const parsed: unknown = JSON.parse(readFileSync(file, "utf8"));
    if (typeof parsed === "object" && parsed !== null) return parsed;
    throw new Error("no object");
  } catch (error) {
    const reason = error instanceof Error ? error.message : error;
    throw new YfError(
      "BAD_WEIGHTS",
      cannot(`read ${file}`, "must be the summary of a run", reason),
      { file },
      error,
    );
  }
}
