/**
 * What it costs to watch a run and to save it: updates per second while it is shown and recorded, while somebody looks at its
 * dashboard, and while it writes checkpoints, each against those of the seconds before and after, in which it is left alone.
 *
 * Who looks at the dashboard is a process of its own and shares the cores with the workers.
 */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DashboardHistory } from "../../../src/dashboard/state.ts";
import type { RunSnapshot } from "../../../src/report/run-snapshot.ts";
import { train } from "../../../src/train.ts";

import type { FigureTable, ScenarioOptions, ScenarioResult } from "../../harness/scenario.ts";
import { medianInterval, statisticsOf } from "../../harness/statistics.ts";
import { extraNames, type Stretch, watchedRun } from "./watched-run.ts";

const workers = 2;
const hourOfRecords = 3600;

export async function watching({ quick, cells }: ScenarioOptions): Promise<ScenarioResult> {
  const runs = quick ? 1 : 2;
  const rounds = quick ? 2 : 8;
  const folder = mkdtempSync(join(tmpdir(), "yf-async-watching-"));
  try {
    cells.plan(runs + 1);
    const stretches: Stretch[][] = extraNames.map(() => []);
    for (let run = 1; run <= runs; run++) {
      const place = join(folder, `${run}`);
      mkdirSync(place);
      const options = { workers, rounds };
      const measured = await cells.get(`run ${run} of ${runs}`, { ...options, run }, () =>
        watchedRun({ ...options, folder: place, signal: cells.signal }),
      );
      for (const [i, own] of measured.entries()) stretches[i].push(...own);
    }
    const page = await cells.get("a page after an hour", { hourOfRecords }, () => pageAfterAnHour(quick));
    return {
      parameters: { workers, runs, rounds, hourOfRecords },
      checks: [{ claim: "records, states and checkpoints came as they should", error: 0, tolerance: 0 }],
      comparisons: [],
      skipped: [],
      peerVersions: {},
      tables: [costTable(stretches), pageTable(page)],
      details: { stretches, page },
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface PageCost {
  /** To make one state and to write it as JSON, each time. */
  readonly milliseconds: readonly number[];
  readonly bytes: number;
}

/** What a page gets once a second when a run has trained for an hour. */
async function pageAfterAnHour(quick: boolean): Promise<PageCost> {
  const { history: records } = await train({ workers, maxSeconds: quick ? 2 : 5 });
  const history = new DashboardHistory([]);
  history.start({ title: "an hour", maxSeconds: null });
  for (let second = 1; second <= hourOfRecords; second++) {
    const record = records[second % records.length] as RunSnapshot;
    history.record({ ...record, seconds: second, updates: 500 * second });
  }
  let bytes = 0;
  const milliseconds = Array.from({ length: 50 }, () => {
    const from = performance.now();
    bytes = Buffer.byteLength(JSON.stringify(history.state(null)));
    return performance.now() - from;
  });
  return { milliseconds, bytes };
}

function costTable(stretches: readonly (readonly Stretch[])[]): FigureTable {
  const median = (values: readonly number[]) => statisticsOf(values).median;
  return {
    title: `LeNet, batch 64, ${workers} workers: updates/s, and the cost in % with the interval that has its median with 95 %`,
    columns: ["beside the run", "updates/s", "alone", "cost in %", "95 %"],
    rows: stretches.map((own, i) => {
      const costs = own.map(({ alone, speed }) => 100 * (1 - speed / alone));
      const [low, high] = medianInterval(costs);
      return [
        extraNames[i],
        median(own.map(({ speed }) => speed)).toFixed(1),
        median(own.map(({ alone }) => alone)).toFixed(1),
        median(costs).toFixed(2),
        `${low.toFixed(2)} … ${high.toFixed(2)}`,
      ];
    }),
  };
}

function pageTable({ bytes, milliseconds }: PageCost): FigureTable {
  const { max, median, min } = statisticsOf(milliseconds);
  return {
    title: "What the dashboard sends once a second, after an hour",
    columns: ["", "median", "min … max"],
    rows: [
      ["milliseconds to make it", median.toFixed(2), `${min.toFixed(2)} … ${max.toFixed(2)}`],
      ["KiB", (bytes / 1024).toFixed(0), ""],
    ],
  };
}
