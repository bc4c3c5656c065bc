/** The metrics of a run as CSV (RFC 4180): a row for each snapshot, a column for each number. */
import { type RecordedSnapshot, snapshotFields } from "./metrics-file.ts";

const lists = ["workerUpdates", "workerStaleness", "workerBusySeconds", "workerFaults"] as const;
/** Mean and 90th percentile have columns; the histogram has as many numbers as there are stalenesses. */
const leftOut: readonly string[] = ["stalenessCounts", ...lists];
const numbers = snapshotFields.filter((field) => !leftOut.includes(field));

/**
 * With a heading and CRLF at the end of each line; a cell is empty where nothing was measured.
 *
 * @param read Reads the snapshots anew each time: a run may be longer than memory. @returns Line by line.
 */
export function* metricsCsv(read: () => Iterable<RecordedSnapshot>): Generator<string, void> {
  let workers = 0;
  for (const { workerUpdates } of read()) workers = Math.max(workers, workerUpdates.length);
  const ranks = Array.from({ length: workers }, (_, rank) => rank);
  yield line([...numbers, ...lists.flatMap((list) => ranks.map((rank) => `${list}.${rank}`))]);
  for (const snapshot of read()) {
    yield line([
      ...numbers.map((field) => snapshot[field]),
      ...lists.flatMap((list) => ranks.map((rank) => snapshot[list][rank])),
    ]);
  }
}

const line = (cells: readonly unknown[]) => `${cells.map((value) => value ?? "").join(",")}\r\n`;
