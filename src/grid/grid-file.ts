/**
 * A grid of runs as a JSON file describes it: which options vary, over which values, for which seeds.
 *
 * ```json
 * {
 *   "options": { "model": "mlp", "mode": "random-worker", "simulateWorkers": 16, "maxUpdates": 1500 },
 *   "grid": [
 *     { "optimizer": ["sgd"], "learningRate": [0.05, 0.1, 0.2] },
 *     { "optimizer": ["momentum"], "learningRate": [0.01, 0.03], "momentum": [0, 0.5, 0.9] }
 *   ],
 *   "seeds": [1, 2, 3],
 *   "targets": [0.25]
 * }
 * ```
 */
import { readFileSync } from "node:fs";
import { cannot, YfError } from "../errors.ts";
import { resolveOptions } from "../options/resolve-options.ts";
import type { RunSpec } from "../options/run-spec.ts";
import { isOrdered } from "../schedule/create-schedule.ts";

/** Options of one run but its seed, by their names in the library. */
export type CellOptions = Readonly<Record<string, unknown>>;

export interface Grid {
  /** In the order of the file, the last option of a grid varying fastest; none twice. */
  readonly cells: readonly {
    /** All options but the seed. */
    readonly options: CellOptions;
    /** Those of them that the grid varies. */
    readonly varied: CellOptions;
    /** Threads that it takes. */
    readonly workers: number;
  }[];
  readonly seeds: readonly number[];
  /** Training losses that are to be reached. */
  readonly targets: readonly number[];
}

const keys = ["options", "grid", "seeds", "targets"];

/** @throws {YfError} `BAD_GRID` if the file cannot be read or anything in it cannot be run. */
export function readGrid(file: string): Grid {
  const { grid, options = {}, seeds = [1], targets = [] } = parse(file);
  const refuse = (rule: string, received?: unknown): never => {
    const shown = typeof received === "object" ? JSON.stringify(received) : received;
    throw new YfError("BAD_GRID", cannot(`use ${file}`, rule, shown), { file });
  };
  if (!isRecord(options)) refuse("options must be an object", options);
  const axes = Array.isArray(grid) ? grid : [grid];
  if (axes.length === 0 || !axes.every(isAxes)) {
    refuse("grid must be an object of non-empty lists, by option, or a list of such objects", grid);
  }
  if (!isList(seeds, (seed) => Number.isInteger(seed)) || seeds.length === 0) {
    refuse("seeds must be a list of integers", seeds);
  }
  if (!isList(targets, (target) => target > 0 && Number.isFinite(target))) {
    refuse("targets must be a list of losses > 0", targets);
  }
  const fixed = options as CellOptions;
  const cells = new Map<string, Grid["cells"][number]>();
  for (const varied of (axes as Axes[]).flatMap(product)) {
    const cell = { ...fixed, ...varied };
    const [spec] = (seeds as number[]).map((seed) => validate({ ...cell, seed }, file));
    const { mode, simulateWorkers, workers } = spec.interleaving;
    // The bits of a schedule do not depend on threads, so that other runs may have the other cores.
    const oneThread = isOrdered(mode) && cell.workers === undefined;
    const all = oneThread ? { ...cell, workers: 1, simulateWorkers } : cell;
    cells.set(JSON.stringify(all), {
      options: all,
      varied,
      workers: oneThread ? 1 : workers,
    });
  }
  return { cells: [...cells.values()], seeds: seeds as number[], targets: targets as number[] };
}

type Axes = Readonly<Record<string, readonly unknown[]>>;

function parse(file: string): Readonly<Record<string, unknown>> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    const { message } = error as Error;
    throw new YfError("BAD_GRID", cannot(`read ${file}`, "must be a grid in JSON", message), { file }, error);
  }
  const unknown = isRecord(parsed) ? Object.keys(parsed).find((key) => !keys.includes(key)) : "no object";
  if (!isRecord(parsed) || unknown !== undefined) {
    const rule = `must be an object with the keys ${keys.join(", ")}`;
    throw new YfError("BAD_GRID", cannot(`use ${file}`, rule, unknown), { file });
  }
  return parsed;
}

/** @throws {YfError} `BAD_GRID` that names the file, and the option as `resolveOptions()` does. */
function validate(options: CellOptions, file: string): RunSpec {
  try {
    return resolveOptions(options, "library").spec;
  } catch (error) {
    if (!(error instanceof YfError)) throw error;
    const message = error.message.replace(": ", ` of ${file}: `);
    throw new YfError("BAD_GRID", message, { ...error.details, file }, error);
  }
}

/** Every choice of one value for each option. */
function product(axes: Axes): CellOptions[] {
  return Object.entries(axes).reduce<CellOptions[]>(
    (cells, [name, values]) => cells.flatMap((cell) => values.map((value) => ({ ...cell, [name]: value }))),
    [{}],
  );
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isAxes = (value: unknown): value is Axes =>
  isRecord(value) &&
  Object.keys(value).length > 0 &&
  Object.values(value).every((values) => Array.isArray(values) && values.length > 0);

const isList = (value: unknown, accepts: (item: number) => boolean): value is readonly number[] =>
  Array.isArray(value) && value.every((item) => typeof item === "number" && accepts(item));
