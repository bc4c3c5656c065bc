/** Where the time of an update goes: the seven phases of a LeNet step, and the main thread beside them. */
import { performance } from "node:perf_hooks";
import type { Summary } from "../../src/report/summary.ts";
import { train } from "../../src/train.ts";
import type { FigureTable, ScenarioOptions, ScenarioResult } from "../harness/scenario.ts";
import { type Net, nets } from "./nets.ts";

const updates = { "mlp-small": 20_000, "mlp-large": 1500, lenet: 3000 };
const never = 1e6;

interface Shares {
  readonly net: string;
  readonly workers: number;
  readonly microsecondsPerUpdate: number;
  /** Of the workers' time, in [0, 1]. */
  readonly phases: Readonly<Record<string, number>>;
  /** All that is not the gradient. */
  readonly overhead: number;
  /** Share of one core that the main thread used to watch the run. */
  readonly watching: number;
}

export async function phases({ quick, cells }: ScenarioOptions): Promise<ScenarioResult> {
  const measured: Shares[] = [];
  cells.plan(2 * nets.length);
  for (const net of nets) {
    for (const workers of [1, 2]) {
      const maxUpdates = Math.ceil(updates[net.name] / (quick ? 100 : 1));
      const title = `${net.title}, ${workers} ${workers === 1 ? "worker" : "workers"}`;
      const key = { net: net.name, workers, maxUpdates };
      measured.push(await cells.get(title, key, () => sharesOf(net, workers, maxUpdates)));
    }
  }
  const names = Object.keys(measured[0].phases);
  const table: FigureTable = {
    title: "Share of the workers' time by phase, and of one core that the main thread takes",
    columns: ["", "workers", "µs/update", ...names, "not gradient", "main thread"],
    rows: measured.map(({ net, workers, microsecondsPerUpdate, phases, overhead, watching }) => [
      net,
      `${workers}`,
      microsecondsPerUpdate.toFixed(0),
      ...names.map((name) => percent(phases[name])),
      percent(overhead),
      percent(watching),
    ]),
  };
  return {
    parameters: { updates, seed: 1 },
    checks: [],
    comparisons: [],
    skipped: [],
    peerVersions: {},
    tables: [table],
    details: measured,
  };
}

const percent = (share: number) => `${(100 * share).toFixed(2)} %`;

async function sharesOf(
  { batchSize, build, title }: Net,
  workers: number,
  maxUpdates: number,
): Promise<Shares> {
  const model = build(1);
  const yields: ReturnType<typeof performance.eventLoopUtilization>[] = [];
  const { summary } = await train({
    model,
    data: "mnist",
    workers,
    batchSize,
    maxUpdates,
    evalEverySeconds: never,
    callbacks: { onYield: () => yields.push(performance.eventLoopUtilization()) },
  });
  model.dispose();
  const total = sum(Object.values(summary.phaseSeconds));
  const shares = Object.entries(summary.phaseSeconds).map(
    ([phase, seconds]) => [phase, seconds / total] as const,
  );
  return {
    net: title,
    workers,
    microsecondsPerUpdate: (1e6 * total) / summary.updates,
    phases: Object.fromEntries(shares),
    overhead: gradientless(summary, total),
    // From the first look at the run to the last, so that neither start-up nor the evaluation at the end counts.
    watching:
      yields.length < 2
        ? 0
        : performance.eventLoopUtilization(yields[yields.length - 1], yields[0]).utilization,
  };
}

const gradientless = ({ phaseSeconds }: Summary, total: number) => 1 - phaseSeconds.gradient / total;

const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
