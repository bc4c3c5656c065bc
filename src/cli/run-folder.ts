/**
 * The folder of one run (`--out DIR`): metrics.jsonl while it goes on, summary.json and weights.safetensors at its end.
 *
 * Owns the names of the files, that results of an earlier run are not overwritten unasked, and what must hold between
 * the files when they are read back.
 */
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { datasetNames } from "../data/load-dataset.ts";
import { cannot, YfError } from "../errors.ts";
import { MetricsLog } from "../report/metrics-log.ts";
import { type OrderFile, writeOrder } from "../report/order-file.ts";
import type { RunSnapshot } from "../report/run-snapshot.ts";
import { type NamedTensor, readSafetensors, writeSafetensors } from "../report/safetensors.ts";
import { type Summary, summaryJson } from "../report/summary.ts";
import { writeFileAtomically } from "../report/write-file-atomically.ts";
import { writing } from "../report/writing.ts";
import { modelNames } from "../tfjs/models/build-model.ts";
import type { layers } from "../tfjs/tf.ts";
import { readWeights } from "../tfjs/weights.ts";

export const files = {
  metrics: "metrics.jsonl",
  summary: "summary.json",
  weights: "weights.safetensors",
  order: "order.bin",
} as const;

export class RunFolder {
  readonly #folder: string;
  #metrics: MetricsLog | null = null;

  /** @throws {YfError} `OUTPUT_EXISTS` if the folder has results and `force` is false. Nothing is written yet. */
  constructor(folder: string, force: boolean) {
    this.#folder = folder;
    const existing = Object.values(files).find((file) => existsSync(join(folder, file)));
    if (existing === undefined || force) return;
    const rule = "it must not hold the results of another run (--force overwrites them)";
    throw new YfError("OUTPUT_EXISTS", cannot(`write to --out ${folder}`, rule, existing), { folder });
  }

  /** Makes the folder and begins the metrics. @throws {YfError} `NOT_WRITABLE`. */
  begin(): void {
    writing(this.#folder, () => mkdirSync(this.#folder, { recursive: true }));
    this.#metrics = new MetricsLog(join(this.#folder, files.metrics));
  }

  record(snapshot: RunSnapshot): void {
    this.#metrics?.append(snapshot);
  }

  /** Writes weights, the recorded order if there is one, and the summary. */
  finish(model: layers.LayersModel, summary: Summary, order: OrderFile | null): void {
    if (order !== null) writeOrder(join(this.#folder, files.order), order);
    writeSafetensors(join(this.#folder, files.weights), namedTensors(model), {
      format: "yf-async",
      model: summary.model ?? "",
    });
    writeFileAtomically(join(this.#folder, files.summary), `${summaryJson(summary)}\n`);
    this.close();
  }

  close(): void {
    this.#metrics?.close();
  }
}

/** What `yf-async evaluate` needs of a finished run. */
export interface FinishedRun {
  readonly model: string;
  readonly data: string;
  readonly tensors: readonly NamedTensor[];
}

/**
 * Reads a finished run back.
 *
 * @throws {YfError} `BAD_WEIGHTS` if a file is missing or damaged.
 */
export function readRunFolder(folder: string): FinishedRun {
  const file = join(folder, files.summary);
  const { data, model } = parseSummary(file);
  return {
    model: nameIn(file, "model", model, modelNames),
    data: nameIn(file, "data", data, datasetNames),
    tensors: readSafetensors(join(folder, files.weights)),
  };
}

function nameIn(file: string, key: string, value: unknown, names: readonly string[]): string {
  const name = names.find((known) => known === value);
  if (name !== undefined) return name;
  const rule = `its ${key} must be one of ${names.join(", ")}`;
  throw new YfError(
    "BAD_WEIGHTS",
    cannot(`use ${file}`, rule, typeof value === "object" ? typeof value : value),
    { file },
  );
}

function parseSummary(file: string): { model?: unknown; data?: unknown } {
  try {
    const parsed: unknown = JSON.parse(readFileSync(file, "utf8"));
    if (typeof parsed === "object" && parsed !== null) return parsed;
    throw new Error("no object");
  } catch (error) {
    const reason = error instanceof Error ? error.message : error;
    throw new YfError(
      "BAD_WEIGHTS",
      cannot(`read ${file}`, "it must be the summary of a run", reason),
      { file },
      error,
    );
  }
}

/** The trainable weights of a model by name. */
function namedTensors(model: layers.LayersModel): NamedTensor[] {
  const { flat, names, shapes } = readWeights(model);
  let offset = 0;
  return names.map((name, i) => {
    const length = shapes[i].reduce((product, size) => product * size, 1);
    const values = flat.subarray(offset, offset + length);
    offset += length;
    return { name, shape: shapes[i], values };
  });
}

/**
 * Puts the tensors of a file in the order of a model's flat weights.
 *
 * @throws {YfError} `BAD_WEIGHTS` if a tensor is missing, has another shape, or is none of the model's.
 */
export function flattenTensors(model: layers.LayersModel, tensors: readonly NamedTensor[]): Float32Array {
  const { flat, names, shapes } = readWeights(model);
  const byName = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  let offset = 0;
  for (const [i, name] of names.entries()) {
    const tensor = byName.get(name);
    const expected = `[${shapes[i].join(", ")}]`;
    const received = tensor === undefined ? "no such tensor" : `[${tensor.shape.join(", ")}]`;
    if (tensor === undefined || received !== expected) {
      const rule = `the model's weight ${name} has the shape ${expected}`;
      throw new YfError("BAD_WEIGHTS", cannot("use the saved weights", rule, received), { name });
    }
    flat.set(tensor.values, offset);
    offset += tensor.values.length;
    byName.delete(name);
  }
  for (const name of byName.keys()) {
    throw new YfError(
      "BAD_WEIGHTS",
      cannot("use the saved weights", "every tensor must be one of the model's", name),
    );
  }
  return flat;
}
