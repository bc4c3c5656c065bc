/** The workers of a run as a small table, several beside each other as far as the screen is wide. */
import { whole } from "./live-fields.ts";
import type { RunSnapshot } from "./run-snapshot.ts";

const columns = [
  ["worker", 6],
  ["updates", 8],
  ["stale", 6],
  ["waits", 6],
  ["faults", 7],
] as const;
const gap = "   ";
const cellWidth = columns.reduce((sum, [, width]) => sum + width, 0);

/**
 * Lines of the table: a heading, then the workers down one column after the other.
 *
 * @param width Characters in a line. @param height Lines at most, ≥ 2; workers for whom there is no room are counted.
 */
export function workerTable(snapshot: RunSnapshot, width: number, height: number): string[] {
  const workers = snapshot.workerUpdates.length;
  const beside = Math.floor((width + gap.length) / (cellWidth + gap.length));
  if (beside === 0) return [];
  const least = Math.ceil(workers / beside);
  // The last line is for those that are left out.
  const rows = least < height ? least : height - 2;
  const used = Math.min(beside, Math.ceil(workers / Math.max(1, rows)));
  const line = (cells: readonly string[]) => cells.join(gap).trimEnd();
  const heading = columns.map(([name, size]) => name.padStart(size)).join("");
  const lines = Array.from({ length: rows }, (_, row) =>
    line(Array.from({ length: used }, (_, column) => cell(snapshot, column * rows + row))),
  );
  const shown = Math.min(workers, used * rows);
  return [
    line(Array.from({ length: used }, () => heading)),
    ...lines,
    ...(shown < workers ? [`and ${workers - shown} more`] : []),
  ];
}

/** Nothing where there is no such worker. */
function cell(
  { seconds, workerBusySeconds, workerFaults, workerStaleness, workerUpdates }: RunSnapshot,
  rank: number,
): string {
  if (rank >= workerUpdates.length) return "";
  const staleness = workerStaleness[rank];
  const waits = seconds === 0 ? 0 : Math.min(1, Math.max(0, 1 - workerBusySeconds[rank] / seconds));
  const texts = [
    `${rank}`,
    compact(workerUpdates[rank]),
    Number.isFinite(staleness) ? staleness.toFixed(1) : "–",
    `${Math.round(100 * waits)}%`,
    `${workerFaults[rank] ?? 0}`,
  ];
  return columns.map(([, size], i) => texts[i].padStart(size)).join("");
}

const compact = (count: number) =>
  count < 100_000
    ? whole(count)
    : count < 1e8
      ? `${Math.round(count / 1000)}k`
      : `${Math.round(count / 1e6)}M`;
