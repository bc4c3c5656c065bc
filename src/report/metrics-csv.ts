/** The metrics of a run as CSV (RFC 4180): a row for each snapshot, a column for each number. */
import { type RecordedSnapshot, snapshotFields } from "./metrics-file.ts";

const lists = ["workerUpdates", "workerStaleness", "workerBusySeconds", "workerFaults"] as const;
/** Mean and 90th percentile have columns; the histogram has as many numbers as there are stalenesses. */
const leftOut: readonly string[] = ["stalenessCounts", ...lists];
const numbers = snapshotFields.filter((field) => !leftOut.includes(field));

/** With a heading and CRLF at the end of each line; a cell is empty where nothing was measured. */
export function metricsCsv(snapshots: readonly RecordedSnapshot[]): string {
  const workers = Math.max(0, ...snapshots.map(({ workerUpdates }) => workerUpdates.length));
  const ranks = Array.from({ length: workers }, (_, rank) => rank);
  const heading = [...numbers, ...lists.flatMap((list) => ranks.map((rank) => `${list}.${rank}`))];
  const rows = snapshots.map((snapshot) => [
    ...numbers.map((field) => snapshot[field]),
    ...lists.flatMap((list) => ranks.map((rank) => snapshot[list][rank] ?? null)),
  ]);
  return [heading, ...rows.map((row) => row.map((value) => value ?? ""))]
    .map((row) => `${row.join(",")}\r\n`)
    .join("");
}
