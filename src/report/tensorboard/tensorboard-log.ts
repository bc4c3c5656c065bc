/**
 * The file that TensorBoard reads: scalars and histograms of each snapshot, events and settings as text. No native code.
 *
 * Records are framed as TFRecords: length as uint64, its checksum, the data, their checksum. Each is written at once.
 */
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { AppendedFile } from "../appended-file.ts";
import type { RunEvent } from "../run-event.ts";
import type { RunSnapshot } from "../run-snapshot.ts";
import { writing } from "../writing.ts";
import { maskedCrc32c } from "./crc32c.ts";
import {
  encodeStart,
  encodeSummary,
  encodeVersion,
  type Histogram,
  type SummaryValue,
} from "./event-proto.ts";

/** TensorBoard knows its files by this part of their names. */
const fileMark = "events.out.tfevents.";

/** Tags and the numbers that they show; what was not measured is left out. */
const scalars: readonly (readonly [string, (snapshot: RunSnapshot) => number | null])[] = [
  ["loss/train", ({ loss }) => loss],
  ["loss/test", ({ testLoss }) => testLoss],
  ["accuracy/test", ({ testAccuracy }) => testAccuracy],
  ["momentum/algorithmic", ({ momentumAlgorithmic }) => momentumAlgorithmic],
  ["momentum/total", ({ momentumTotal }) => momentumTotal],
  ["momentum/target", ({ momentumTarget }) => momentumTarget],
  ["momentum/predicted", ({ momentumPredicted }) => momentumPredicted],
  ["learning_rate", ({ learningRate }) => learningRate],
  ["staleness/mean", ({ stalenessMean }) => stalenessMean],
  ["staleness/p90", ({ stalenessP90 }) => stalenessP90],
  ["speed/updates_per_second", ({ updatesPerSecond }) => updatesPerSecond],
  ["speed/epoch", ({ epoch }) => epoch],
];

export class TensorBoardLog {
  readonly #file: AppendedFile;

  /**
   * Begins a file in a folder. Those of earlier runs there are removed, those of a resumed run stay.
   *
   * @param settings Of the run, as people write them; shown as a table.
   * @param after Updates at which a run is resumed: TensorBoard forgets what its files tell of later ones. Null for a new run.
   * @throws {YfError} `NOT_WRITABLE`, as every method.
   */
  constructor(folder: string, settings: Readonly<Record<string, unknown>>, after: number | null = null) {
    const wallTime = Date.now() / 1000;
    const there = writing(folder, () => readdirSync(folder).filter((name) => name.startsWith(fileMark)));
    if (after === null) writing(folder, () => there.map((name) => rmSync(join(folder, name))));
    this.#file = new AppendedFile(join(folder, nextName(Math.floor(wallTime), there)), false);
    this.#write(encodeVersion(wallTime));
    if (after !== null) this.#write(encodeStart(wallTime, after + 1));
    const rows = Object.entries(settings).map(([name, value]) => `| ${name} | ${JSON.stringify(value)} |`);
    const text = ["| option | value |", "|---|---|", ...rows].join("\n");
    this.#write(encodeSummary(wallTime, after ?? 0, [{ tag: "settings", text }]));
  }

  append(record: RunSnapshot | RunEvent): void {
    const values =
      "event" in record ? [{ tag: `events/${record.event}`, text: record.text }] : valuesOf(record);
    this.#write(encodeSummary(Date.now() / 1000, record.updates, values));
  }

  /** May be called again. */
  close(): void {
    this.#file.close();
  }

  #write(data: Uint8Array): void {
    this.#file.append(frame(data));
  }
}

/** A name of a file that stands after those that are there: TensorBoard reads them in the order of their names. */
function nextName(seconds: number, there: readonly string[]): string {
  const name = `${fileMark}${seconds}.yf-async`;
  return there.some((other) => other >= name) ? nextName(seconds + 1, there) : name;
}

function frame(data: Uint8Array): Uint8Array {
  const framed = Buffer.alloc(16 + data.length);
  framed.writeBigUInt64LE(BigInt(data.length), 0);
  framed.writeUInt32LE(maskedCrc32c(framed.subarray(0, 8)), 8);
  framed.set(data, 12);
  framed.writeUInt32LE(maskedCrc32c(data), 12 + data.length);
  return framed;
}

function valuesOf(snapshot: RunSnapshot): SummaryValue[] {
  const measured = scalars.flatMap(([tag, numberOf]) => {
    const simpleValue = numberOf(snapshot);
    return simpleValue === null || !Number.isFinite(simpleValue) ? [] : [{ tag, simpleValue }];
  });
  return [
    ...measured,
    { tag: "staleness", histo: countedHistogram(snapshot.stalenessCounts) },
    { tag: "updates_of_workers", histo: valueHistogram(snapshot.workerUpdates) },
  ];
}

/** Of integers 0, 1, …, each in a bucket of its own from half below it to half above. @param counts How often each occurred. */
function countedHistogram(counts: readonly number[]): Histogram {
  const total = (weight: (value: number) => number) =>
    counts.reduce((sum, count, value) => sum + count * weight(value), 0);
  const present = counts.flatMap((count, value) => (count > 0 ? [value] : []));
  return {
    min: present[0] ?? 0,
    max: present.at(-1) ?? 0,
    num: total(() => 1),
    sum: total((value) => value),
    sumSquares: total((value) => value * value),
    // The first bucket is empty: it has no lower end of its own.
    bucketLimit: [-0.5, ...counts.map((_, value) => value + 0.5)],
    bucket: [0, ...counts],
  };
}

const valueBuckets = 20;

/** In buckets of one width from the least value to the largest. */
function valueHistogram(values: readonly number[]): Histogram {
  const min = Math.min(...values);
  const max = Math.max(...values);
  const width = (max - min) / valueBuckets || 1;
  const bucket = new Array<number>(valueBuckets + 1).fill(0);
  for (const value of values) bucket[1 + Math.min(valueBuckets - 1, Math.floor((value - min) / width))]++;
  return {
    min,
    max,
    num: values.length,
    sum: values.reduce((sum, value) => sum + value, 0),
    sumSquares: values.reduce((sum, value) => sum + value * value, 0),
    bucketLimit: bucket.map((_, i) => min + i * width),
    bucket,
  };
}
