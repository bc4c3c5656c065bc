/**
 * What makes two calls the same run: what decides its numbers, but not how long it goes, where its files are, and on how
 * many threads a schedule runs.
 */
import { basename } from "node:path";
import { crc32 } from "node:zlib";
import { badCheckpoint } from "../checkpoint/checkpoint-file.ts";
import type { Column, Dataset } from "../data/dataset.ts";
import type { OptionSource } from "../options/conflicts.ts";
import type { Kind } from "../options/kinds.ts";
import { withCurrentNames, writtenName } from "../options/resolve-options.ts";
import { type RunSpec, valuesOf } from "../options/run-spec.ts";
import { type OptionName, optionRows, trainingTable } from "../options/table.ts";
import { isOrdered } from "../schedule/create-schedule.ts";
import type { Programs } from "../task/compile-programs.ts";

export interface RunIdentity {
  /** Settings that decide the numbers, by name. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Elements of each trained tensor, then of each that is state, in the order of the flat vectors. */
  readonly lengths: readonly number[];
  readonly trainingExamples: number;
  /** CRC-32 of the beginning and the end of the data. */
  readonly data: number;
}

const decisive = optionRows.filter(([, { affectsNumbers }]) => affectsNumbers).map(([name]) => name);

/** How minibatches are cut out of the examples. */
const ofBatches: readonly OptionName[] = ["batchSize", "batchJitter"];

/** Bytes at each end of a column that stand for all of it. */
const sampledBytes = 2 ** 20;

export function identityOf(spec: RunSpec, programs: Programs, train: Dataset): RunIdentity {
  const [{ parameters, state }] = programs.train;
  const values = valuesOf(spec);
  return {
    settings: Object.fromEntries(decisive.map((name) => [name, values[name]])),
    lengths: [...parameters, ...state].map(({ length }) => length),
    trainingExamples: train.length,
    data: [...train.features, ...train.labels].reduce(checksum, 0),
  };
}

function checksum(sum: number, { data }: Column): number {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  // A copy, as native code takes no shared memory.
  const ends = [bytes.slice(0, sampledBytes), bytes.slice(-sampledBytes)];
  return ends.reduce((sum, end) => crc32(end, sum), sum);
}

/**
 * @param found Of the checkpoint `file`; from a file, so of any form.
 * @throws {YfError} `BAD_CHECKPOINT` that names the first thing that is not the same.
 */
export function requireSameRun(file: string, found: unknown, own: RunIdentity, source: OptionSource): void {
  const { data, lengths, trainingExamples, ...kept } = (found ?? {}) as Partial<RunIdentity>;
  const settings = withCurrentNames(kept.settings ?? {}, "library");
  for (const name of decisive) {
    if (isSame(currentValue(name, settings[name]), own.settings[name])) continue;
    if (isMoved(name, settings[name], own.settings[name])) continue;
    // Of few examples they follow from the data, which are compared below.
    if (ofBatches.includes(name) && trainingExamples !== own.trainingExamples) continue;
    // Free threads are as many as their workers.
    const ordered = isOrdered(String(own.settings.mode));
    const written = writtenName(name === "simulateWorkers" && !ordered ? "workers" : name, source);
    const rule = `${written} must be as in its run, ${shown(settings[name])}`;
    throw badCheckpoint(file, rule, shown(own.settings[name]));
  }
  if (!isSame(lengths, own.lengths)) {
    throw badCheckpoint(
      file,
      `the model must be that of its run, with tensors of ${shown(lengths)}`,
      own.lengths,
    );
  }
  if (trainingExamples !== own.trainingExamples) {
    throw badCheckpoint(
      file,
      `the data must be that of its run, ${trainingExamples} examples`,
      own.trainingExamples,
    );
  }
  if (data !== own.data) throw badCheckpoint(file, "the data must be that of its run");
}

/** A kept value as it is written today: earlier words have new ones, and an option that there was not then was off. */
function currentValue(name: OptionName, kept: unknown): unknown {
  const { fromValue } = trainingTable[name as keyof typeof trainingTable].kind as Kind<unknown>;
  return fromValue(kept) ?? kept ?? null;
}

/** Files that a run reads. */
const places: readonly OptionName[] = ["data", "testData", "model"];

/** Whether it is a file of one name that may lie elsewhere by now; what is in it is compared by itself. */
function isMoved(name: OptionName, one: unknown, other: unknown): boolean {
  if (!places.includes(name) || typeof one !== "string" || typeof other !== "string") return false;
  const { words = [] } = trainingTable[name as keyof typeof trainingTable].kind as Kind<unknown>;
  return !words.some((word) => word === one || word === other) && basename(one) === basename(other);
}

const isSame = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other);

const shown = (value: unknown) => (typeof value === "string" ? value : (JSON.stringify(value) ?? "nothing"));
