/**
 * How many cores and how much memory this process may use: the one place that asks the system.
 *
 * Cores are those of the machine, less what the affinity of the process and the CPU quota of its container leave out.
 * Node.js 20 knows the affinity alone, so that a container with two of 64 cores would get 64 workers.
 */
import { availableParallelism, cpus, freemem, totalmem } from "node:os";
import { cannot, YfError } from "../errors.ts";
import { readControlGroup } from "./control-group.ts";

/** Environment variable with the number of cores to reckon with, where the system's answer is not what is wanted. */
export const coresVariable = "YF_ASYNC_CORES";

/** Largest value of {@link coresVariable}. */
const mostCores = 1024;

/** What there is to ask of a system. */
export interface SystemFacts {
  /** Model of each core. */
  readonly models: readonly string[];
  /** Cores that the process may be scheduled on. */
  readonly affinity: number;
  readonly totalBytes: number;
  readonly freeBytes: number;
  /** Folder that holds `proc` and `sys`. */
  readonly root: string;
  /** Value of {@link coresVariable}. */
  readonly given: string | undefined;
}

const thisSystem = (): SystemFacts => ({
  models: cpus().map(({ model }) => model.trim()),
  affinity: availableParallelism(),
  totalBytes: totalmem(),
  freeBytes: freemem(),
  root: "/",
  given: process.env[coresVariable],
});

export interface Cores {
  /** Cores that threads may keep busy, ≥ 1. */
  readonly usable: number;
  /** Cores of the machine. */
  readonly installed: number;
  /** Model of the processor; null where the system does not say. */
  readonly model: string | null;
  /** Why not all are usable; null where they are. */
  readonly limit: { readonly by: "variable" | "affinity" } | QuotaLimit | null;
}

interface QuotaLimit {
  readonly by: "quota";
  /** Cores' worth of time, which need not be whole. */
  readonly quota: number;
}

/** @throws {YfError} `BAD_OPTION` if {@link coresVariable} is no integer in [1, 1024]. */
export function readCores(system: SystemFacts = thisSystem()): Cores {
  const { affinity, given, models, root } = system;
  const installed = Math.max(models.length, affinity);
  const found = { installed, model: models[0] || null };
  if (given !== undefined && given !== "") {
    return { ...found, usable: coresFrom(given), limit: { by: "variable" } };
  }
  const { cores: quota } = readControlGroup(root);
  // Threads beyond the whole cores of a quota would be halted together when it is used up.
  const whole = Math.max(1, Math.floor(quota ?? Number.POSITIVE_INFINITY));
  if (quota !== null && whole < affinity) return { ...found, usable: whole, limit: { by: "quota", quota } };
  return { ...found, usable: affinity, limit: affinity < installed ? { by: "affinity" } : null };
}

/** Cores that threads may keep busy, ≥ 1. @throws {YfError} As {@link readCores}. */
export function usableCores(): number {
  return readCores().usable;
}

function coresFrom(given: string): number {
  const cores = /^\d+$/.test(given) ? Number(given) : Number.NaN;
  if (cores >= 1 && cores <= mostCores) return cores;
  const rule = `must be an integer in [1, ${mostCores}]`;
  throw new YfError("BAD_OPTION", cannot(`use ${coresVariable}`, rule, given), { variable: coresVariable });
}

export interface Memory {
  /** Bytes that this process and those beside it in its container may use together. */
  readonly usableBytes: number;
  /** Bytes of {@link usableBytes} that nothing uses now. */
  readonly freeBytes: number;
  /** Bytes of the machine. */
  readonly installedBytes: number;
}

export function readMemory(system: SystemFacts = thisSystem()): Memory {
  const { freeBytes, root, totalBytes } = system;
  const { memory } = readControlGroup(root);
  if (memory === null || memory.limitBytes >= totalBytes) {
    return { usableBytes: totalBytes, freeBytes, installedBytes: totalBytes };
  }
  const { limitBytes, usedBytes } = memory;
  return {
    usableBytes: limitBytes,
    freeBytes: Math.max(0, Math.min(freeBytes, limitBytes - usedBytes)),
    installedBytes: totalBytes,
  };
}
