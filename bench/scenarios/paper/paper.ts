/**
 * The two nets of YellowFin's asynchronous experiments, small: ResNet-20 on CIFAR-10 and a character LSTM on
 * tinyshakespeare, with sixteen simulated workers in turn. The default has nothing tuned; Adam and SGD with momentum 0.9
 * have the best rate of a grid, searched on a seed that is not counted, by the loss that the paper compares: the lowest
 * of the mean over 1,000 updates. Two contenders are compared at the lowest such loss that both of them reach.
 *
 * The paper trains for tens of thousands of updates. Here each net has as many as let all of its runs fit into less than an
 * hour of two cores.
 *
 * Source: Zhang, Mitliagkas, Ré, arXiv:1706.03471, §5.2 and its appendix on tuning grids.
 */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { onSpareCores } from "../../../src/grid/on-spare-cores.ts";
import type { OptionsInput } from "../../../src/index.ts";
import { root } from "../../harness/places.ts";
import type { FigureTable, ScenarioOptions, ScenarioResult } from "../../harness/scenario.ts";
import { lossChart } from "../loss-curves.ts";
import { checkSchedules, type Outcome, simulate } from "../simulated-run.ts";
import { lowestLoss, meanCurve, updatesToCommonLowest } from "./paper-losses.ts";

const workers = 16;
const seeds = [1, 2, 3];
const gridSeed = 101;
/** What the paper reports for its nets, with sixteen workers. */
const paperRatio = 2.69;

interface Problem {
  readonly title: string;
  /** Its folder in `.cache/data`, or what is linked to from there. */
  readonly data: "cifar10" | "tinyshakespeare";
  readonly options: OptionsInput;
  readonly maxUpdates: number;
  /** Learning rates of the grids: around the best of the paper's, and smaller ones, as stale gradients want them. */
  readonly rates: Readonly<Record<Optimizer, readonly number[]>>;
}

/** Those whose rates are searched. */
const optimizers = ["adam", "momentum"] as const;

type Optimizer = (typeof optimizers)[number];

const problems: readonly Problem[] = [
  {
    title: "ResNet-20 on CIFAR-10 (JPEG)",
    data: "cifar10",
    options: { model: "resnet20", batchSize: 32, augment: ["crop", "flip"] },
    maxUpdates: 6000,
    rates: { adam: [0.00003, 0.0001, 0.001, 0.01], momentum: [0.0003, 0.001, 0.01, 0.1] },
  },
  {
    title: "char-LSTM on tinyshakespeare",
    data: "tinyshakespeare",
    options: { model: "char-lstm", batchSize: 50, sequenceLength: 50 },
    maxUpdates: 4000,
    rates: { adam: [0.0002, 0.0005, 0.001, 0.005], momentum: [0.01, 0.05, 0.1, 0.5] },
  },
];

const yellowfin = "yellowfin, closed loop (default)";
const contenderName = { adam: "adam, best rate", momentum: "momentum 0.9, best rate" } as const;

interface Run extends Outcome {
  readonly problem: string;
  readonly contender: string;
  readonly learningRate: number | null;
  readonly seed: number;
}

export async function paper({ cells, log, quick }: ScenarioOptions): Promise<ScenarioResult> {
  const checks = await checkSchedules("round-robin");
  const found = problems.filter(({ data }) => existsSync(folderOf(data)));
  const skipped = problems
    .filter((problem) => !found.includes(problem))
    .map(({ data, title }) => `${title}, whose files are not in .cache/data/${data}`);
  for (const what of skipped) log(`without ${what}`);
  const counted = quick ? seeds.slice(0, 1) : seeds;
  const simulated = quick ? 4 : workers;
  const searched: Run[] = [];
  const runs: Run[] = [];
  const gridOf = ({ rates }: Problem) =>
    optimizers.flatMap((optimizer) => rates[optimizer].map((learningRate) => ({ optimizer, learningRate })));
  const searches = (problem: Problem) => (quick ? 0 : gridOf(problem).length);
  cells.plan(found.reduce((sum, problem) => sum + searches(problem) + 3 * counted.length, 0));

  for (const problem of found) {
    const { data, title } = problem;
    const maxUpdates = quick ? 100 : problem.maxUpdates;
    const measure = async (contender: string, options: OptionsInput, seed: number): Promise<Run> => {
      const outcome = await simulate(cells, `${title}, ${contender}, seed ${seed}`, [], {
        ...problem.options,
        ...options,
        data,
        dataDir: folderOf(data),
        mode: "round-robin",
        simulateWorkers: simulated,
        // The test set is for the end.
        evalEverySeconds: 1e6,
        maxUpdates,
        seed,
      });
      const { learningRate = null } = options;
      return { ...outcome, problem: title, contender, learningRate, seed };
    };
    const rated = quick ? [] : gridOf(problem);
    const grid = await onSpareCores(
      rated,
      () => 1,
      (options) => measure(`${options.optimizer}, ${options.learningRate}`, options, gridSeed),
    );
    searched.push(...grid);
    const best = (optimizer: Optimizer) => {
      const ranked = grid
        .filter((_, i) => rated[i].optimizer === optimizer)
        .sort((a, b) => lowestLoss(a.lossCurve) - lowestLoss(b.lossCurve));
      return { optimizer, learningRate: ranked[0]?.learningRate ?? problem.rates[optimizer][1] };
    };
    const contenders: [string, OptionsInput][] = [
      [yellowfin, {}],
      [contenderName.adam, best("adam")],
      [contenderName.momentum, best("momentum")],
    ];
    const plan = contenders.flatMap(([name, options]) => counted.map((seed) => ({ name, options, seed })));
    runs.push(
      ...(await onSpareCores(
        plan,
        () => 1,
        ({ name, options, seed }) => measure(name, options, seed),
      )),
    );
  }
  return {
    parameters: {
      workers: simulated,
      mode: "round-robin",
      seeds: counted,
      gridSeed,
      paperRatio,
      problems: found.map(({ maxUpdates, options, rates, title }) => ({
        title,
        ...options,
        maxUpdates: quick ? 100 : maxUpdates,
        rates,
      })),
    },
    checks,
    comparisons: [],
    skipped,
    peerVersions: {},
    tables: found.map(({ title }) => table(title, ofProblem(runs, title))),
    charts: found.map(({ title }) => lossChart(title, ofProblem(runs, title))),
    details: { runs, searched },
  };
}

/** Files of a data set in a checkout. */
function folderOf(data: Problem["data"]): string {
  return fileURLToPath(new URL(`.cache/data/${data}`, root));
}

const ofProblem = (runs: readonly Run[], title: string) => runs.filter(({ problem }) => problem === title);

function table(title: string, runs: readonly Run[]): FigureTable {
  const names = [...new Set(runs.map(({ contender }) => contender))];
  const curves = new Map(
    names.map((name) => [
      name,
      meanCurve(runs.filter(({ contender }) => contender === name).map(({ lossCurve }) => lossCurve)),
    ]),
  );
  const adam = curves.get(contenderName.adam) ?? [];
  return {
    title: `${title}: updates to the lowest loss that both Adam and a contender reach, of the mean of the seeds; the paper has up to ${paperRatio}× for its nets`,
    columns: ["", "learning rate", "lowest loss", "updates", "Adam's updates", "ratio", "test accuracy"],
    rows: names.map((name) => {
      const own = runs.filter(({ contender }) => contender === name);
      const curve = curves.get(name) ?? [];
      const [updates, adamUpdates] = updatesToCommonLowest(curve, adam);
      const accuracies = own.map(({ testAccuracy }) => 100 * testAccuracy);
      const mean = accuracies.reduce((sum, x) => sum + x, 0) / accuracies.length;
      const ratio = updates === null || adamUpdates === null ? "–" : `${(adamUpdates / updates).toFixed(2)}×`;
      return [
        name,
        own[0].learningRate === null ? "not tuned" : `${own[0].learningRate}`,
        lowestLoss(curve).toPrecision(4),
        `${updates ?? "–"}`,
        `${adamUpdates ?? "–"}`,
        ratio,
        `${mean.toFixed(1)} %`,
      ];
    }),
  };
}
