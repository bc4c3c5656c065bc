/**
 * How much memory a run will take, before any of it is taken, and what can be done where there is less.
 *
 * Owns the estimate for ONNX Runtime on processor cores; other engines and devices keep their memory where it cannot be measured.
 * The figures are of Linux on x64, and within 20 % of the most that LeNet, an MLP, ResNet-20, ResNet-110 and the char-LSTM took
 * with one to four workers (`test/run/memory-need.test.ts` has them).
 */
import type { Column, DataSplit, Dataset } from "../data/dataset.ts";
import type { Program } from "../engine/engine.ts";
import { cannot, YfError } from "../errors.ts";
import { type Memory, readMemory } from "../machine/machine.ts";
import type { OptionSource } from "../options/conflicts.ts";
import { writtenName } from "../options/resolve-options.ts";
import { whole } from "../report/live-fields.ts";

const MiB = 2 ** 20;

/** Node.js, TensorFlow.js, ONNX Runtime and what tracing a small model leaves. */
const processBytes = 160 * MiB;
/** Of a thread: its heap and stack, and the modules that it has loaded. */
const threadBytes = 15 * MiB;
/** Of one kernel of a program that is traced, lowered and held ready. */
const kernelBytes = 11 * 1024;
/** What ONNX Runtime's arena has for a program, in units of what lives at a time: a block beside what the first run needed, or that alone. */
const arenaShare = { planned: 1.8, unplanned: 0.95 };
/** The estimate may be as wrong as this: beyond it a run cannot fit. */
const tolerance = 0.3;

/** Bytes of each part. */
export interface MemoryNeed {
  readonly process: number;
  /** All programs, once for all threads. */
  readonly programs: number;
  /** Examples to train on and to test with. */
  readonly data: number;
  /** What the workers share, and the copies of it that checkpoints and returns from divergence are made of. */
  readonly parameters: number;
  /** Each thread, with what its program keeps in between. */
  readonly worker: number;
  readonly workers: number;
  /** Minibatches of evaluations, on the main thread. */
  readonly evaluation: number;
}

export interface RunParts {
  readonly data: DataSplit;
  readonly train: readonly Program[];
  readonly evaluate: readonly Program[];
  /** Threads. */
  readonly workers: number;
  /** Whether threads take turns on the cores, so that their programs are run with less memory. */
  readonly lowMemory: boolean;
  /** Bytes of the memory that all workers share, with the copies of it. */
  readonly sharedBytes: number;
}

/** @returns Null where it is not known for the engine and the device. */
export function memoryNeed(run: RunParts): MemoryNeed | null {
  const { data, evaluate, lowMemory, sharedBytes, train, workers } = run;
  const all = [...train, ...evaluate];
  if (all.some(({ device, engine }) => engine !== "ort" || device !== "cpu")) return null;
  const most = (programs: readonly Program[]) => Math.max(0, ...programs.map(({ liveBytes }) => liveBytes));
  const arena = most(train) * (lowMemory ? arenaShare.unplanned : arenaShare.planned);
  return {
    process: processBytes,
    programs: kernelBytes * all.reduce((sum, { kernels }) => sum + kernels, 0),
    data: bytesOf([data.train, ...(data.test === null ? [] : [data.test])]),
    parameters: sharedBytes,
    worker: threadBytes + arena,
    workers,
    evaluation: arenaShare.unplanned * most(evaluate),
  };
}

/** Columns may be views of one memory. */
function bytesOf(datasets: readonly Dataset[]): number {
  const columns: readonly Column[] = datasets.flatMap(({ features, labels }) => [...features, ...labels]);
  const buffers = new Set(columns.map(({ data }) => data.buffer));
  return [...buffers].reduce((sum, { byteLength }) => sum + byteLength, 0);
}

/** All of it. @param workers Default as many as the run has. */
export function totalBytes(need: MemoryNeed, workers: number = need.workers): number {
  const { data, evaluation, parameters, process, programs, worker } = need;
  return process + programs + data + parameters + evaluation + workers * worker;
}

/** In one line: the sum and its parts. */
export function memoryText(need: MemoryNeed): string {
  const { data, evaluation, parameters, process, programs, worker, workers } = need;
  const parts = [
    `process ${inMiB(process + programs)}`,
    `data ${inMiB(data)}`,
    `parameters ${inMiB(parameters)}`,
    `${workers} × ${inMiB(worker)} for workers`,
    `evaluations ${inMiB(evaluation)}`,
  ];
  return `Memory: about ${inMiB(totalBytes(need))} MiB (${parts.join(", ")})`;
}

/**
 * @param source How options are written. @param memory Of this machine by default.
 * @returns A sentence where the run may not fit in what is free now; null where it fits.
 * @throws {YfError} `NO_MEMORY` where it cannot fit in what the process may use, even if a third less is needed.
 */
export function requireMemory(
  need: MemoryNeed,
  source: OptionSource,
  memory: Memory = readMemory(),
): string | null {
  const { freeBytes, usableBytes } = memory;
  const wanted = totalBytes(need);
  if ((1 - tolerance) * wanted > usableBytes) {
    const rule = `the run must fit into the ${inMiB(usableBytes)} MiB that the process may use: ${remedy(need, source, usableBytes)}`;
    const details = { neededBytes: wanted, usableBytes };
    throw new YfError("NO_MEMORY", cannot("train", rule, `about ${inMiB(wanted)} MiB`), details);
  }
  if (wanted <= freeBytes) return null;
  return (
    `The run takes about ${inMiB(wanted)} MiB of memory, and ${inMiB(freeBytes)} MiB are free: ` +
    `if the system ends it, ${remedy(need, source, freeBytes)}.`
  );
}

function remedy(need: MemoryNeed, source: OptionSource, bytes: number): string {
  const fitting = Math.floor((bytes - totalBytes(need, 0)) / need.worker);
  if (fitting < 1) return `a smaller ${writtenName("batchSize", source)} takes less`;
  const workers = Math.min(fitting, need.workers - 1);
  return workers < 1
    ? `a smaller ${writtenName("batchSize", source)} takes less`
    : `${writtenName("workers", source)} ${workers} takes about ${inMiB(totalBytes(need, workers))} MiB`;
}

const inMiB = (bytes: number) => whole(Math.round(bytes / MiB));
