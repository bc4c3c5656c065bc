/**
 * Gradients per second and staleness by number of threads: free, with a lock, and in step, beside PyTorch's Hogwild.
 *
 * A gradient is one update, but in step (`sync`), where an update averages one gradient of every worker. Start-up and
 * evaluation are not part of the time on any side. Minibatches are of one size.
 */
import { type OptionsInput, train } from "../../src/index.ts";
import { summarizeStaleness } from "../../src/report/staleness.ts";
import { gradientsPerUpdate } from "../../src/schedule/create-schedule.ts";
import { type Comparison, type Contender, runRounds } from "../harness/rounds.ts";
import type { FigureTable, ScenarioOptions, ScenarioResult } from "../harness/scenario.ts";
import { Pytorch, pytorchMissing } from "../peers/pytorch.ts";
import { addCounts, stalenessChart } from "./geometric-law.ts";
import { type Net, nets } from "./nets.ts";
import { checkSchedules } from "./simulated-run.ts";

const threadCounts = [1, 2, 4, 8, 16];
const modes = ["hogwild", "locked", "sync"] as const;
const seed = 1;
const never = 1e6;

/** Of PyTorch, which ends by updates and not by time: about as long as ours, on two cores. */
const peerUpdates = { "mlp-small": 4_000, "mlp-large": 400, lenet: 400 };

interface Measured {
  readonly comparison: Comparison;
  /** Updates by staleness and mode, all rounds together. */
  readonly staleness: Readonly<Record<string, readonly number[]>>;
}

interface Entry extends Measured {
  readonly net: string;
  readonly threads: number;
}

export async function scaling({ cells, peers, quick, seconds }: ScenarioOptions): Promise<ScenarioResult> {
  const checks = await checkSchedules("sync");
  const rounds = quick ? 2 : 4;
  const length = seconds ?? (quick ? 0.4 : 1.5);
  const missing = peers ? pytorchMissing : "PyTorch, left out with --no-peers";
  const chosen = nets.filter(({ name }) => name === "mlp-small" || (name === "lenet" && !quick));
  const counts = quick ? [1, 2, 16] : threadCounts;
  const pytorch = missing === null && !quick ? new Pytorch() : null;
  const entries: Entry[] = [];
  cells.plan(chosen.length * counts.length);
  try {
    for (const net of chosen) {
      for (const threads of counts) {
        const title = `${net.title}, ${threads} ${threads === 1 ? "thread" : "threads"}`;
        const key = { net: net.name, threads, rounds, length, pytorch: pytorch !== null };
        const measure = () => measureAt(title, net, threads, { rounds, length, pytorch }, cells.signal);
        entries.push({ ...(await cells.get(title, key, measure)), net: net.title, threads });
      }
    }
    return {
      parameters: { seed, rounds, seconds: length, threads: counts, nets: chosen.map(({ title }) => title) },
      checks,
      comparisons: entries.map(({ comparison }) => comparison),
      skipped: missing === null ? [] : [missing],
      peerVersions: (await pytorch?.versions()) ?? {},
      tables: [speeds(entries), stalenessTable(entries)],
      charts: chosen.flatMap(({ title }) =>
        chartsOf(
          title,
          entries.filter(({ net }) => net === title),
        ),
      ),
      details: entries.map(({ net, staleness, threads }) => ({ net, threads, staleness })),
    };
  } finally {
    await pytorch?.close();
  }
}

async function measureAt(
  title: string,
  net: Net,
  threads: number,
  { length, pytorch, rounds }: { rounds: number; length: number; pytorch: Pytorch | null },
  signal: AbortSignal,
): Promise<Measured> {
  const histograms = new Map<string, (readonly number[])[]>(modes.map((mode) => [mode, []]));
  const ours = modes.map((mode): Contender => {
    const options: OptionsInput = {
      ...{ mode, workers: threads, seed, batchSize: net.batchSize, batchJitter: "none" },
      ...{ maxSeconds: length, evalEverySeconds: never },
    };
    return {
      name: mode,
      measure: async () => {
        signal.throwIfAborted();
        const model = net.build(seed);
        const { stalenessCounts, summary } = await train({ ...options, model, data: "mnist", signal });
        model.dispose();
        histograms.get(mode)?.push(stalenessCounts.slice(0, 1 + (summary.staleness.max ?? -1)));
        return (summary.updates * gradientsPerUpdate(mode, threads)) / summary.trainingSeconds;
      },
    };
  });
  const peer: Contender[] =
    pytorch === null
      ? []
      : [{ name: "PyTorch, processes", measure: () => peerSpeed(pytorch, net, threads, signal) }];
  const comparison = await runRounds([...ours, ...peer], {
    title,
    unit: "gradients/s",
    better: "higher",
    rounds,
  });
  const staleness = [...histograms].map(([mode, counts]) => [mode, addCounts(counts)] as const);
  return { comparison, staleness: Object.fromEntries(staleness) };
}

async function peerSpeed(pytorch: Pytorch, { batchSize, name }: Net, processes: number, signal: AbortSignal) {
  signal.throwIfAborted();
  const { updatesPerSecond } = await pytorch.train({
    ...{ net: name, channelsLast: false, processes, batchSize, learningRate: 0.01, momentum: 0.9, seed },
    ...{ maxUpdates: peerUpdates[name], start: "fork", targetAccuracy: null, evalEverySeconds: never },
    startUpOnly: false,
  });
  return updatesPerSecond;
}

const medianOf = ({ comparison }: Entry, name: string): number | null =>
  comparison.contenders.find((contender) => contender.name === name)?.median ?? null;

const contendersOf = (entries: readonly Entry[]): string[] => [
  ...new Set(entries.flatMap(({ comparison }) => comparison.contenders.map(({ name }) => name))),
];

function speeds(entries: readonly Entry[]): FigureTable {
  const counts = [...new Set(entries.map(({ threads }) => threads))];
  const rows = [...new Set(entries.map(({ net }) => net))].flatMap((net) =>
    contendersOf(entries).map((name) => {
      const own = entries.filter((entry) => entry.net === net);
      const speedAt = (threads: number) =>
        medianOf(own.find((entry) => entry.threads === threads) as Entry, name);
      const alone = speedAt(counts[0]);
      return [
        net,
        name,
        ...counts.map((threads) => {
          const speed = speedAt(threads);
          return speed === null || alone === null ? "" : (speed / alone).toFixed(2);
        }),
      ];
    }),
  );
  return {
    title: "Gradients per second as a multiple of one thread's, medians",
    columns: ["", "", ...counts.map((threads) => `${threads}`)],
    rows,
    left: 2,
  };
}

function stalenessTable(entries: readonly Entry[]): FigureTable {
  return {
    title: "Staleness in updates: mean, median … 90th percentile … largest",
    columns: ["", "threads", ...modes],
    rows: entries.map(({ net, staleness, threads }) => [
      net,
      `${threads}`,
      ...modes.map((mode) => {
        const { max, mean, p50, p90 } = summarizeStaleness(staleness[mode]);
        return mean === null ? "–" : `${mean.toFixed(1)}, ${p50} … ${p90} … ${max}`;
      }),
    ]),
    left: 1,
  };
}

function chartsOf(net: string, entries: readonly Entry[]) {
  const x = entries.map(({ threads }) => threads);
  const most = entries[entries.length - 1];
  const named = (["hogwild", "locked"] as const).map((mode) => ({
    name: mode,
    counts: most.staleness[mode],
  }));
  return [
    {
      kind: "lines",
      title: `${net}: gradients per second`,
      x: { label: "threads", scale: "log" },
      y: { label: "gradients/s", min: 0 },
      series: contendersOf(entries).map((name) => ({
        name,
        x,
        y: entries.map((entry) => medianOf(entry, name)),
      })),
    } as const,
    stalenessChart(`${net}: staleness with ${most.threads} threads`, most.threads, named),
  ];
}
