/** A finished run for people: a few facts, as aligned lines or for a page. */
import { percent, significant, whole } from "./live-fields.ts";
import type { Summary } from "./summary.ts";

/** One line for each fact that was measured, and advice if there is any, without a line break at the end. */
export function summaryText(summary: Summary): string {
  const lines = summaryFacts(summary).map(([label, text]) => `${label.padEnd(14)} ${text}`);
  return [...lines, ...(summary.advice.length === 0 ? [] : ["", ...summary.advice])].join("\n");
}

/** Label and text of each fact that was measured. */
export function summaryFacts(summary: Summary): [string, string][] {
  const { examplesPerSecond, momentum, staleness, updatesPerSecond } = summary;
  const rows: (readonly [string, string | null])[] = [
    ["Test accuracy", map(summary.testAccuracy, percent)],
    ["Test loss", map(summary.testLoss, significant)],
    ...Object.entries(summary.testMetrics)
      .filter(([name]) => name !== "loss" && name !== "accuracy")
      .map(([name, value]) => [`Test ${name}`, map(value, significant)] as const),
    ["Training loss", map(summary.trainLoss, significant)],
    ["Updates", `${whole(summary.updates)} in ${summary.epochs.toFixed(2)} epochs`],
    [
      "Speed",
      map(
        updatesPerSecond,
        (speed) => `${significant(speed)} updates/s, ${significant(examplesPerSecond ?? 0)} examples/s`,
      ),
    ],
    ["Time", timeText(summary)],
    [
      "Staleness",
      map(
        staleness.mean,
        (mean) =>
          `mean ${mean.toFixed(1)}, median ${staleness.p50}, p90 ${staleness.p90}, max ${staleness.max} updates`,
      ),
    ],
    [
      "Momentum",
      ["applied", "in total", "aimed at"]
        .map((word, i) =>
          map([momentum.algorithmic, momentum.total, momentum.target][i], (m) => `${m.toFixed(3)} ${word}`),
        )
        .filter((text) => text !== null)
        .join(", ") || null,
    ],
    ["Learning rate", map(summary.learningRate, significant)],
    [
      "Skipped",
      summary.skippedGradients === 0
        ? null
        : `${whole(summary.skippedGradients)} gradients that were not finite`,
    ],
    [
      "Dropped",
      summary.droppedGradients === 0
        ? null
        : `${whole(summary.droppedGradients)} gradients that were too stale`,
    ],
    [
      "Went back",
      summary.rollbacks === 0
        ? null
        : `${summary.rollbacks} times, as the model diverged; half the learning rate each time`,
    ],
    ["Faults", summary.faults === 0 ? null : `${summary.faults} worker threads failed and were replaced`],
    [
      "Weights kept",
      summary.keptUpdates === summary.updates
        ? null
        : `those after ${whole(summary.keptUpdates)} updates, the best on the test set`,
    ],
    ["Ended by", endedBy(summary.stopReason)],
  ];
  return rows.filter((row): row is [string, string] => row[1] !== null);
}

/** Parts that add up to the whole, and evaluations, most of which run while training does. */
function timeText({ evaluationSeconds, seconds, startupSeconds, trainingSeconds }: Summary): string {
  const text = (value: number) => `${value.toFixed(1)} s`;
  const end = seconds - startupSeconds - trainingSeconds;
  // A run that was resumed has trained before this call, too.
  const parts =
    end < -0.05
      ? `start ${text(startupSeconds)}; training ${text(trainingSeconds)} with what came before`
      : `start ${text(startupSeconds)}, training ${text(trainingSeconds)}, end ${text(Math.max(0, end))}`;
  if (evaluationSeconds === 0) return `${text(seconds)}: ${parts}`;
  const beside = evaluationSeconds > end + 0.05 ? ", beside training" : "";
  return `${text(seconds)}: ${parts} (evaluations ${text(evaluationSeconds)}${beside})`;
}

/** What ended a run, in words; null for one that made all its updates. */
export function endedBy(stopReason: string): string | null {
  if (stopReason === "completed") return null;
  const words: Readonly<Record<string, string>> = {
    aborted: "a request to stop",
    patience: "evaluations that got no better",
    target: "the target of the monitored metric",
    "target-accuracy": "the target accuracy",
    time: "the limit of seconds",
  };
  return words[stopReason] ?? stopReason;
}

/** `write(value)`, or null where nothing finite was measured. */
function map(value: number | null, write: (value: number) => string): string | null {
  return value === null || !Number.isFinite(value) ? null : write(value);
}
