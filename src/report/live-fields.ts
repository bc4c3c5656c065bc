/** A snapshot of a run in words: the fields of the live line, most telling first. */
import type { RunSnapshot } from "./run-snapshot.ts";

/** Share of the run that is done, in [0, 1], by the limit that is nearest; null if there is none. */
export function fractionDone(snapshot: RunSnapshot, maxSeconds: number | null): number | null {
  const { seconds, totalUpdates, updates } = snapshot;
  const byUpdates = totalUpdates === null ? 0 : updates / totalUpdates;
  const bySeconds = maxSeconds === null ? 0 : seconds / maxSeconds;
  return totalUpdates === null && maxSeconds === null ? null : Math.min(1, Math.max(byUpdates, bySeconds));
}

/** How far and how fast, step size included. */
export function paceFields(snapshot: RunSnapshot, fraction: number | null): string[] {
  const { epoch, learningRate, seconds, updatesPerSecond } = snapshot;
  const left = fraction === null || fraction === 0 ? null : (seconds / fraction) * (1 - fraction);
  return [
    ...(fraction === null ? [] : [`${Math.floor(100 * fraction)}%`]),
    `epoch ${epoch.toFixed(2)}`,
    ...(Number.isFinite(updatesPerSecond) ? [`${significant(updatesPerSecond)} updates/s`] : []),
    ...(left === null ? [] : [`${clock(left)} left`]),
    `lr ${significant(learningRate)}`,
  ];
}

/** How well. What is not known yet is left out. */
export function stateFields(snapshot: RunSnapshot): string[] {
  const { loss, momentumAlgorithmic, momentumTarget, momentumTotal } = snapshot;
  const { droppedGradients, faults, skippedGradients, stalenessMean, stalenessP90, testAccuracy } = snapshot;
  const total = Number.isFinite(momentumTotal) ? `→${momentumTotal.toFixed(2)}` : "";
  return [
    ...(Number.isFinite(loss) ? [`loss ${significant(loss)}`] : []),
    ...(testAccuracy === null ? [] : [`acc ${percent(testAccuracy)}`]),
    ...(skippedGradients === 0 ? [] : [`${whole(skippedGradients)} gradients skipped`]),
    ...(droppedGradients === 0 ? [] : [`${whole(droppedGradients)} gradients dropped`]),
    ...(faults === 0 ? [] : [`${faults} workers replaced`]),
    ...(Number.isFinite(stalenessMean) ? [`staleness ${stalenessMean.toFixed(1)} p90 ${stalenessP90}`] : []),
    `momentum ${momentumAlgorithmic.toFixed(2)}${total} of ${momentumTarget.toFixed(2)}`,
  ];
}

/** As many fields as fit in `width` characters, in order; the first whatever its length. */
export function joinFields(fields: readonly string[], width: number): string {
  const [first = "", ...rest] = fields;
  let line = first;
  for (const field of rest) {
    if (line.length + 2 + field.length > width) break;
    line += `  ${field}`;
  }
  return line;
}

/** Three significant digits, never in exponents that a reader has to count. */
export function significant(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return String(value);
  const magnitude = Math.abs(value);
  return magnitude >= 1000 ? whole(Math.round(value)) : String(Number(value.toPrecision(3)));
}

/** 2640 as "2,640". */
export function whole(value: number): string {
  return value.toLocaleString("en-US");
}

/** 0.98765 as "98.77%", rounded. */
export function percent(value: number): string {
  return `${(100 * value).toFixed(2)}%`;
}

/** 75.2 as "1:15", 3675 as "1:01:15". */
export function clock(seconds: number): string {
  const whole = Math.ceil(seconds);
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const [first, ...rest] = parts[0] === 0 ? parts.slice(1) : parts;
  return [String(first), ...rest.map((part) => String(part).padStart(2, "0"))].join(":");
}
