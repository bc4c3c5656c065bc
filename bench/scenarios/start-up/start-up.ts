/**
 * How long sixteen workers take from the start of the process until each has made an update, and what a further worker
 * costs in memory, against as many processes of PyTorch.
 *
 * Memory: ours is the largest resident set of the process, PyTorch's the proportional set of all processes once each has
 * made an update; in both the difference between sixteen workers and two, by fourteen.
 */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { BatchJitter } from "../../../src/data/batch-sizes.ts";
import { root } from "../../harness/places.ts";
import { type Contender, runRounds } from "../../harness/rounds.ts";
import type { ScenarioOptions, ScenarioResult } from "../../harness/scenario.ts";
import { statisticsOf } from "../../harness/statistics.ts";
import { Pytorch, pytorchMissing } from "../../peers/pytorch.ts";

const many = 16;
const few = 2;
const child = fileURLToPath(new URL("dist/bench/scenarios/start-up/child.js", root));

interface StartUp {
  readonly readySeconds: number;
  readonly memoryBytes: number | null;
}

export async function startUp({ quick, peers, cells }: ScenarioOptions): Promise<ScenarioResult> {
  const rounds = quick ? 1 : 4;
  const missing = peers ? pytorchMissing : "PyTorch, left out with --no-peers";
  const starters = new Map<string, (workers: number) => Promise<StartUp>>([
    ["yf-async", (workers) => yfAsync(workers, "exponential")],
    ["yf-async, minibatches of one size", (workers) => yfAsync(workers, "none")],
  ]);
  if (missing === null) {
    starters.set("PyTorch, forked", (workers) => pytorch(workers, "fork"));
    if (!quick) starters.set("PyTorch, spawned as in its example", (workers) => pytorch(workers, "spawn"));
  }
  const megabytesPerWorker = new Map<string, number[]>();
  const contenders = [...starters].map(([name, start]): Contender => {
    const costs: number[] = [];
    megabytesPerWorker.set(name, costs);
    return {
      name,
      measure: async () => {
        const [small, large] = [await start(few), await start(many)];
        if (small.memoryBytes !== null && large.memoryBytes !== null) {
          costs.push((large.memoryBytes - small.memoryBytes) / (many - few) / 2 ** 20);
        }
        return large.readySeconds;
      },
    };
  });
  const title = `LeNet, ${many} workers, each has made its first update`;
  cells.plan(1);
  const measured = await cells.get(title, { rounds, against: [...starters.keys()] }, async () => ({
    comparison: await runRounds(contenders, { title, unit: "s", better: "lower", rounds }),
    megabytes: [...megabytesPerWorker],
  }));
  const rows = measured.megabytes
    .filter(([, costs]) => costs.length > 0)
    .map(([name, costs]) => {
      const { max, median, min } = statisticsOf(costs);
      return [name, median.toFixed(1), `${min.toFixed(1)} … ${max.toFixed(1)}`];
    });
  return {
    parameters: { workers: [few, many], rounds, model: "lenet", batchSize: 64 },
    checks: [],
    comparisons: [measured.comparison],
    skipped: missing === null ? [] : [missing],
    peerVersions: {},
    tables: [{ title: "MiB of memory for each further worker", columns: ["", "median", "min … max"], rows }],
  };
}

async function yfAsync(workers: number, batchJitter: BatchJitter): Promise<StartUp> {
  const { stdout } = await promisify(execFile)(process.execPath, [child, `${workers}`, batchJitter], {
    cwd: fileURLToPath(root),
  });
  const { memoryBytes, readySeconds } = JSON.parse(stdout) as {
    readySeconds: number | null;
    memoryBytes: number;
  };
  if (readySeconds === null) throw new Error(`not every one of ${workers} workers made an update`);
  return { readySeconds, memoryBytes };
}

async function pytorch(workers: number, start: "fork" | "spawn"): Promise<StartUp> {
  const began = Date.now();
  const peer = new Pytorch();
  try {
    const { firstUpdates, memoryBytes } = await peer.train({
      net: "lenet",
      channelsLast: false,
      processes: workers,
      batchSize: 64,
      learningRate: 0.01,
      momentum: 0.5,
      seed: 1,
      maxUpdates: 1e6,
      start,
      targetAccuracy: null,
      evalEverySeconds: 1,
      startUpOnly: true,
    });
    return { readySeconds: Math.max(...firstUpdates) - began / 1000, memoryBytes };
  } finally {
    await peer.close();
  }
}
