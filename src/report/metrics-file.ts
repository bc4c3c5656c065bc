/**
 * Reads `metrics.jsonl` back: the snapshots and the events of a run.
 *
 * The file is data from anywhere: only what is known is taken over, and only if it is what it should be. A last line that
 * was cut off, as a killed run leaves it, is left out.
 */
import { cannot, YfError } from "../errors.ts";
import { DownsampledList } from "./downsampled-list.ts";
import { readLines } from "./read-lines.ts";
import type { RecordedEvent, RunEventKind } from "./run-event.ts";
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
  readonly events: readonly RecordedEvent[];
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

/** Of a long run so many records are read at least of each kind, evenly over it; of others all. */
const leastRead = 2000;
/** Kinds of events that come again and again; of others there are few. */
const frequentEvents: readonly string[] = ["evaluation", "checkpoint"];

/**
 * Reads what plots and tables need: of a long run not all.
 *
 * @throws {YfError} `BAD_RUN` if the file cannot be read or a line is not one of ours.
 */
export function readMetrics(file: string): Metrics {
  const snapshots = new DownsampledList<Read<RecordedSnapshot>>(leastRead);
  const evaluated = new DownsampledList<Read<RecordedSnapshot>>(leastRead);
  const frequent = new DownsampledList<Read<RecordedEvent>>(leastRead);
  const rare: Read<RecordedEvent>[] = [];
  let testLoss = "";
  let last: Read<Buffer> | null = null;
  for (const { bytes, line } of recordLines(file)) {
    if (isEvent(bytes)) {
      const event = { line, record: eventOf(parsed(file, bytes, line)) };
      if (frequentEvents.includes(event.record.event)) frequent.push(event);
      else rare.push(event);
      continue;
    }
    const before = testLoss;
    testLoss = testLossIn(bytes);
    const list = testLoss === before ? snapshots : evaluated;
    if (list.takesNext) list.push({ line, record: snapshotOf(parsed(file, bytes, line)) });
    else list.skip();
    // Bytes are good until the next line is read.
    last = { line, record: Buffer.from(bytes) };
  }
  const kept = [...snapshots.items, ...evaluated.items];
  if (last !== null && !kept.some(({ line }) => line === last.line)) {
    kept.push({ line: last.line, record: snapshotOf(parsed(file, last.record, last.line)) });
  }
  return { snapshots: inOrder(kept), events: inOrder([...frequent.items, ...rare]) };
}

/** Every snapshot of a run of any length, one at a time. @throws {YfError} `BAD_RUN`. */
export function* readSnapshots(file: string): Generator<RecordedSnapshot, void> {
  for (const { bytes, line } of recordLines(file)) {
    if (!isEvent(bytes)) yield snapshotOf(parsed(file, bytes, line));
  }
}

/** Something with the number of its line. */
interface Read<T> {
  readonly line: number;
  readonly record: T;
}

const inOrder = <T>(read: readonly Read<T>[]): T[] =>
  [...read].sort((a, b) => a.line - b.line).map(({ record }) => record);

const [brace, closingBrace] = Buffer.from("{}");

/** Whole lines that look like records, counted from 1. @throws {YfError} `BAD_RUN`. */
function* recordLines(file: string): Generator<{ readonly bytes: Buffer; readonly line: number }, void> {
  const lines = readLines(file);
  for (let line = 1; ; line++) {
    const { done, value: bytes } = nextOf(file, lines);
    if (done || bytes === undefined) return;
    if (bytes[0] !== brace || bytes.at(-1) !== closingBrace) throw noRecord(file, bytes, line);
    yield { bytes, line };
  }
}

function nextOf(file: string, lines: Generator<Buffer, void>) {
  try {
    return lines.next() as { readonly done?: boolean; readonly value?: Buffer };
  } catch (error) {
    throw badRun(file, "must be the metrics of a run", (error as Error).message, error);
  }
}

const eventKey = Buffer.from('"event":');
const isEvent = (bytes: Buffer) => bytes.includes(eventKey);

const testLossKey = Buffer.from('"testLoss":');

/** The text of the number, without parsing the rest of the line. */
function testLossIn(bytes: Buffer): string {
  const at = bytes.lastIndexOf(testLossKey);
  return at < 0 ? "" : bytes.toString("latin1", at, bytes.indexOf(",", at));
}

function parsed(file: string, bytes: Buffer, line: number): Record<string, unknown> {
  const record = parseObject(bytes.toString());
  if (record === null) throw noRecord(file, bytes, line);
  return record;
}

const noRecord = (file: string, bytes: Buffer, line: number) =>
  badRun(file, `line ${line} must be a record of a run`, bytes.toString("utf8", 0, 60));

function badRun(file: string, rule: string, received?: unknown, cause?: unknown): YfError {
  return new YfError("BAD_RUN", cannot(`read ${file}`, rule, received), { file }, cause);
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

function eventOf({ event, seconds, text, updates }: Record<string, unknown>): RecordedEvent {
  return {
    event: event as RunEventKind,
    seconds: numberOf(seconds) ?? 0,
    updates: numberOf(updates) ?? 0,
    text: String(text),
  };
}
