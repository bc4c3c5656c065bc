/** `report.html`: a run, or several side by side, as one page that needs nothing but itself. */
import { chart, charts, facts, prose, section, table } from "../pages/blocks.ts";
import type { Chart } from "../pages/chart.ts";
import type { Html } from "../pages/html.ts";
import { htmlPage } from "../pages/page.ts";
import { clock, percent, significant } from "./live-fields.ts";
import { comparisonCharts, runCharts } from "./run-charts.ts";
import type { RecordedEvent } from "./run-event.ts";
import type { RunRecord } from "./run-record.ts";
import type { Summary } from "./summary.ts";
import { summaryFacts } from "./summary-text.ts";

/** @param runs One or more. @returns The whole page. */
export function runPage(runs: readonly [RunRecord, ...RunRecord[]]): string {
  return runs.length === 1 ? onePage(runs[0]) : comparisonPage(runs);
}

function onePage(run: RunRecord): string {
  const { events, snapshots, summary } = run;
  const { model, data } = summary ?? { model: null, data: null };
  const title = summary === null ? run.name : `${run.name}: ${model ?? "own model"} on ${data ?? "own data"}`;
  const plots = [
    ...Object.entries(runCharts(run)).map(([name, spec]) => chart(spec, name)),
    ...(summary === null ? [] : [chart(phaseChart(summary), "phases")]),
  ];
  return htmlPage({
    title,
    body: [
      ...(summary === null
        ? [prose("This run has no summary: it is still running or was interrupted.")]
        : aboutRun(summary)),
      section("Course", snapshots.length === 0 ? prose("Nothing was recorded.") : charts(...plots)),
      ...(events.length === 0 ? [] : [section("Events", eventTable(events))]),
    ],
  });
}

function aboutRun(summary: Summary): Html[] {
  const { batchSize, device, engine, mode, optimizer, seed, simulatedWorkers, workers } = summary;
  const settings: [string, string][] = [
    ["Optimizer", optimizer],
    ["Mode", mode],
    ["Workers", simulatedWorkers === null ? `${workers}` : `${simulatedWorkers} on ${workers} threads`],
    ["Minibatch", `${batchSize} examples`],
    ["Engine", `${engine} on ${device}`],
    ["Seed", `${seed}`],
  ];
  return [
    ...[...summary.advice, ...summary.dataNotes].map((sentence) => prose(sentence)),
    facts([...summaryFacts(summary), ["Data", summary.dataRead], ...settings]),
  ];
}

function phaseChart({ phaseSeconds }: Summary): Chart {
  const phases = Object.entries(phaseSeconds);
  return {
    kind: "bars",
    title: "Where the time went",
    x: { label: "phase of an update", categories: phases.map(([phase]) => phase) },
    y: { label: "seconds of all workers" },
    series: [{ name: "seconds", y: phases.map(([, seconds]) => seconds) }],
  };
}

/** Beyond so many events a page shows the first and the last. */
const mostEvents = 500;

function eventTable(events: readonly RecordedEvent[]): Html {
  const shown = events.length <= mostEvents ? events : [events[0], ...events.slice(1 - mostEvents)];
  return table({
    ...(shown === events ? {} : { caption: `The first and the last ${mostEvents - 1} of ${events.length}` }),
    columns: ["time", "kind", "what", "updates"],
    left: 3,
    rows: shown.map(({ event, seconds, text, updates }) => [
      clock(seconds),
      event,
      text,
      updates.toLocaleString("en-US"),
    ]),
  });
}

function comparisonPage(runs: readonly RunRecord[]): string {
  const write = (value: number | null | undefined, as: (value: number) => string) =>
    value == null ? "–" : as(value);
  return htmlPage({
    title: `${runs.length} runs compared`,
    body: [
      table({
        columns: [
          "run",
          "model",
          "optimizer",
          "mode",
          "workers",
          "test accuracy",
          "test loss",
          "updates/s",
          "seconds",
          "staleness",
        ],
        left: 4,
        rows: runs.map(({ name, summary }) => [
          name,
          summary?.model ?? "–",
          summary?.optimizer ?? "–",
          summary?.mode ?? "–",
          write(summary?.simulatedWorkers ?? summary?.workers, String),
          write(summary?.testAccuracy, percent),
          write(summary?.testLoss, significant),
          write(summary?.updatesPerSecond, significant),
          write(summary?.trainingSeconds, (seconds) => seconds.toFixed(1)),
          write(summary?.staleness.mean, (mean) => mean.toFixed(1)),
        ]),
      }),
      section(
        "Course",
        charts(...Object.entries(comparisonCharts(runs)).map(([name, spec]) => chart(spec, name))),
      ),
    ],
  });
}
