/**
 * The best explicit momentum by number of workers: asynchrony brings momentum of its own, so that workers want less from
 * the optimizer, and in the end less than none.
 *
 * As in figures 3 and 4 of "Asynchrony begets Momentum" (arXiv:1605.09774), with simulated workers that come at random. A
 * learning rate α with momentum μ moves the parameters by α/(1 − μ) per gradient in the long run; the grid is over that step,
 * so that every momentum has its chance.
 */
import { onSpareCores } from "../../src/grid/on-spare-cores.ts";
import { smoothedLosses, updatesToLoss } from "../../src/grid/updates-to-loss.ts";
import type { OptionsInput } from "../../src/index.ts";
import { curveBlock } from "../../src/shared/run-shape.ts";
import type { FigureTable, ScenarioOptions, ScenarioResult } from "../harness/scenario.ts";
import { checkSchedules, type Outcome, simulate } from "./simulated-run.ts";

const workerCounts = [1, 2, 4, 8, 16, 32];
const momenta = [-0.6, -0.3, 0, 0.3, 0.6, 0.9];
const steps = [0.05, 0.1, 0.2, 0.4];
const seeds = [1, 2];
const maxUpdates = 1_000;
const target = 0.3;

interface Run extends Outcome {
  readonly workers: number;
  readonly momentum: number;
  readonly step: number;
  readonly seed: number;
}

/** A momentum with a number of workers, at its best step. */
interface Best {
  readonly workers: number;
  readonly momentum: number;
  readonly step: number;
  /** Mean over the seeds of the updates to the target, a missed one counted as {@link maxUpdates}. */
  readonly updates: number;
}

export async function optimalMomentum({ cells, quick }: ScenarioOptions): Promise<ScenarioResult> {
  const checks = await checkSchedules("random-worker");
  const counts = quick ? [1, 16] : workerCounts;
  const tried = quick ? momenta.filter((momentum) => momentum !== 0.6 && momentum !== -0.6) : momenta;
  const chosen = quick ? seeds.slice(0, 1) : seeds;
  const sizes = quick ? steps.slice(1, 3) : steps;
  const plan = counts.flatMap((workers) =>
    tried.flatMap((momentum) =>
      sizes.flatMap((step) => chosen.map((seed) => ({ workers, momentum, step, seed }))),
    ),
  );
  cells.plan(plan.length);
  const runs = await onSpareCores(
    plan,
    () => 1,
    async ({ momentum, seed, step, workers }): Promise<Run> => {
      const learningRate = Number((step * (1 - momentum)).toPrecision(6));
      const options: OptionsInput = {
        model: "mlp",
        optimizer: "momentum",
        momentum,
        learningRate,
        maxUpdates,
        seed,
        mode: "random-worker",
        simulateWorkers: workers,
        averaging: false,
      };
      const title = `${workers} workers, momentum ${momentum}, step ${step}, seed ${seed}`;
      return { ...(await simulate(cells, title, [target], options)), workers, momentum, step, seed };
    },
  );
  const bests = counts.flatMap((workers) => tried.map((momentum) => bestStep(runs, workers, momentum)));
  return {
    parameters: {
      model: "mlp",
      data: "mnist",
      batchSize: 64,
      target,
      maxUpdates,
      steps: sizes,
      seeds: chosen,
    },
    checks,
    comparisons: [],
    skipped: [],
    peerVersions: {},
    tables: [table(bests, counts, tried)],
    charts: [
      {
        kind: "lines",
        title: `Updates to a training loss of ${target} at the best step`,
        x: { label: "explicit momentum" },
        y: { label: "updates", scale: "log" },
        series: counts.map((workers) => {
          const own = bests.filter((best) => best.workers === workers);
          const name = `${workers} ${workers === 1 ? "worker" : "workers"}`;
          return { name, x: own.map(({ momentum }) => momentum), y: own.map(({ updates }) => updates) };
        }),
      },
      {
        kind: "lines",
        title: "Best explicit momentum",
        x: { label: "workers", scale: "log" },
        y: { label: "momentum", min: -1, max: 1 },
        series: [
          {
            name: "best of the grid",
            x: counts,
            y: counts.map((workers) => bestOf(bests, workers).momentum),
          },
          {
            name: "that of asynchrony, 1 − 1/M",
            style: "dashed",
            x: counts,
            y: counts.map((workers) => 1 - 1 / workers),
          },
        ],
      },
    ],
    details: { runs: runs.map(({ lossCurve: _, ...run }) => run) },
  };
}

function bestStep(runs: readonly Run[], workers: number, momentum: number): Best {
  const own = runs.filter((run) => run.workers === workers && run.momentum === momentum);
  return [...new Set(own.map(({ step }) => step))]
    .map((step) => {
      const cell = own.filter((run) => run.step === step).map(({ lossCurve }) => updatesBetween(lossCurve));
      return { workers, momentum, step, updates: cell.reduce((sum, n) => sum + n, 0) / cell.length };
    })
    .reduce((a, b) => (b.updates < a.updates ? b : a));
}

/** Updates to the target, interpolated between the places of the curve, where the optimum is flat. */
function updatesBetween(lossCurve: readonly number[]): number {
  const losses = smoothedLosses(lossCurve);
  const after = losses.findIndex((loss) => loss <= target);
  const reached = updatesToLoss(lossCurve, target);
  if (reached === null) return maxUpdates;
  if (after === 0) return reached;
  const share = (target - losses[after]) / (losses[after - 1] - losses[after]);
  return reached - curveBlock * share;
}

function bestOf(bests: readonly Best[], workers: number): Best {
  return bests.filter((best) => best.workers === workers).reduce((a, b) => (b.updates < a.updates ? b : a));
}

function table(bests: readonly Best[], counts: readonly number[], tried: readonly number[]): FigureTable {
  const cell = (workers: number, momentum: number) => {
    const { step, updates } = bests.find(
      (best) => best.workers === workers && best.momentum === momentum,
    ) as Best;
    return updates >= maxUpdates ? "–" : `${updates.toFixed(0)} (${step})`;
  };
  return {
    title:
      `Updates until the mean loss of 100 updates is ${target}, mean of the seeds, at the best step α/(1 − μ), in brackets; ` +
      `“–” if it was not reached within ${maxUpdates}`,
    columns: ["workers", ...tried.map((momentum) => `μ = ${momentum}`), "best μ"],
    rows: counts.map((workers) => [
      `${workers}`,
      ...tried.map((momentum) => cell(workers, momentum)),
      `${Number(bestOf(bests, workers).momentum.toFixed(2))}`,
    ]),
  };
}
