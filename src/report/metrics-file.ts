/**
 * Reads `metrics.jsonl` back: the snapshots and the events of a run.
 *
 * The file is data from anywhere: only what is known is taken over, and only if it is what it should be. A last line that
 * was cut off, as a killed run leaves it, is left out.
 */
import { readFileSync } from "node:fs";
import { cannot, YfError } from "../errors.ts";
import type { RunEvent } from "./run-event.ts";
import type { RunSnapshot } from "./run-snapshot.ts";

/** A snapshot as read: null for what was not measured, which JSON cannot tell from NaN. */
export type RecordedSnapshot = {
  readonly [K in keyof RunSnapshot]: RunSnapshot[K] extends readonly number[]
    ? readonly (number | null)[]
    : number | null;
};

export interface Metrics {
  /** In order of time. */
  readonly snapshots: readonly RecordedSnapshot[];
  readonly events: readonly RunEvent[];
}

const columns: Readonly<Record<keyof RunSnapshot, "number" | "list">> = {
  seconds: "number",
  updates: "number",
  totalUpdates: "number",
  epoch: "number",
  examples: "number",
  updatesPerSecond: "number",
  loss: "number",
  testLoss: "number",
  testAccuracy: "number",
  stalenessMean: "number",
  stalenessP90: "number",
  stalenessCounts: "list",
  momentumTarget: "number",
  momentumTotal: "number",
  momentumAlgorithmic: "number",
  momentumPredicted: "number",
  learningRate: "number",
  skippedGradients: "number",
  droppedGradients: "number",
  missedObservations: "number",
  faults: "number",
  workerUpdates: "list",
  workerStaleness: "list",
  workerBusySeconds: "list",
  workerFaults: "list",
};

/** Fields of a snapshot in the order in which people see them. */
export const snapshotFields = Object.keys(columns) as (keyof RunSnapshot)[];

/** @throws {YfError} `BAD_RUN` if the file cannot be read or a line is not one of ours. */
export function readMetrics(file: string): Metrics {
  const fail = (rule: string, received?: unknown, cause?: unknown) =>
    new YfError("BAD_RUN", cannot(`read ${file}`, rule, received), { file }, cause);
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw fail("must be the metrics of a run", (error as Error).message, error);
  }
  const snapshots: RecordedSnapshot[] = [];
  const events: RunEvent[] = [];
  const lines = text.split("\n");
  // What follows the last line break is empty or was cut off.
  for (const [i, line] of lines.slice(0, -1).entries()) {
    const record = parseObject(line);
    if (record === null) throw fail(`line ${i + 1} must be a record of a run`, line.slice(0, 60));
    if (typeof record.event === "string") events.push(eventOf(record));
    else snapshots.push(snapshotOf(record));
  }
  return { snapshots, events };
}

function parseObject(line: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}

const numberOf = (value: unknown) => (typeof value === "number" ? value : null);

function snapshotOf(record: Record<string, unknown>): RecordedSnapshot {
  const entries = Object.entries(columns).map(([name, kind]) => {
    const value = record[name];
    return [name, kind === "number" ? numberOf(value) : Array.isArray(value) ? value.map(numberOf) : []];
  });
  return Object.fromEntries(entries) as RecordedSnapshot;
}

function eventOf({ event, seconds, text, updates }: Record<string, unknown>): RunEvent {
  return {
    event: event as RunEvent["event"],
    seconds: numberOf(seconds) ?? 0,
    updates: numberOf(updates) ?? 0,
    text: String(text),
  };
}
