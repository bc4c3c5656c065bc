/**
 * Seconds until 97 % test accuracy of LeNet on MNIST, start-up included: two workers against PyTorch's Hogwild with two
 * processes at its best learning rate and momentum.
 *
 * Both sides are fresh processes: the clock runs from their start to their answer. Ours is the default with nothing
 * tuned; PyTorch's rates are the best of a grid, by the same clock, on a seed that is not counted. Both evaluate the
 * whole test set as often, beside the training.
 */
import { type Contender, runRounds } from "../harness/rounds.ts";
import type { FigureTable, ScenarioOptions, ScenarioResult } from "../harness/scenario.ts";
import { Pytorch, pytorchMissing } from "../peers/pytorch.ts";
import { trainCommand } from "./command.ts";

const workers = 2;
const batchSize = 64;
/** Five epochs, after which a run has failed. */
const maxUpdates = 4690;
const evalEverySeconds = 0.25;
const gridSeed = 101;
const grid = [0.01, 0.02, 0.05, 0.1, 0.2].flatMap((learningRate) =>
  [0, 0.5, 0.9].map((momentum) => ({ learningRate, momentum })),
);

type Rates = (typeof grid)[number];

export async function timeToAccuracy({ quick, peers, cells }: ScenarioOptions): Promise<ScenarioResult> {
  const target = quick ? 0.8 : 0.97;
  const rounds = quick ? 1 : 7;
  const missing = peers ? pytorchMissing : "PyTorch, left out with --no-peers";
  const searched: (Rates & { seconds: number | null })[] = [];
  const rated = missing !== null ? [] : quick ? grid.slice(4, 5) : grid;
  cells.plan(rated.length + 1);
  for (const rates of rated) {
    const name = `PyTorch at learning rate ${rates.learningRate}, momentum ${rates.momentum}`;
    const search = () => pytorch(rates, gridSeed, target);
    const seconds = await cells.get(name, { ...rates, gridSeed, target }, search, show);
    searched.push({ ...rates, seconds });
  }
  const best = searched
    .filter((entry): entry is Rates & { seconds: number } => entry.seconds !== null)
    .sort((a, b) => a.seconds - b.seconds)[0];
  const contenders: Contender[] = [
    { name: `yf-async, ${workers} workers, nothing tuned`, measure: rising(yfAsync) },
  ];
  if (best !== undefined) {
    const { learningRate, momentum } = best;
    const name = `PyTorch, ${workers} processes, learning rate ${learningRate}, momentum ${momentum}`;
    contenders.push({ name, measure: rising((seed) => pytorch(best, seed, target)) });
  }

  /** Another seed at each call, so that the rounds differ in more than the load of the machine. */
  function rising(measure: (seed: number, target: number) => Promise<number | null>): () => Promise<number> {
    let seed = 0;
    return async () => {
      const seconds = await measure(seed++, target);
      if (seconds === null)
        throw new Error(`seed ${seed - 1} did not reach ${target} in ${maxUpdates} updates`);
      return seconds;
    };
  }

  const title = `${100 * target} % on MNIST, LeNet`;
  const comparison = await cells.get(title, { rounds, target, best: best ?? null }, () =>
    runRounds(contenders, { title, unit: "s, start-up included", better: "lower", rounds }),
  );
  const table: FigureTable = {
    title: `PyTorch's seconds to ${100 * target} % by learning rate and momentum (seed ${gridSeed})`,
    columns: ["learning rate", "momentum", "seconds"],
    rows: searched.map(({ learningRate, momentum, seconds }) => [
      `${learningRate}`,
      `${momentum}`,
      show(seconds),
    ]),
  };
  return {
    parameters: {
      workers,
      batchSize,
      maxUpdates,
      evalEverySeconds,
      target,
      rounds,
      gridSeed,
      seeds: `0 … ${rounds}`,
    },
    checks: [],
    comparisons: [comparison],
    skipped: missing === null ? [] : [missing],
    peerVersions: missing === null ? await versions() : {},
    ...(searched.length === 0 ? {} : { tables: [table] }),
  };
}

const show = (seconds: number | null) => (seconds === null ? "not reached" : seconds.toFixed(2));

/** @returns Seconds, or null when the target was not reached. */
async function yfAsync(seed: number, target: number): Promise<number | null> {
  const { summary, wallSeconds } = await trainCommand([
    ...[
      "--workers",
      `${workers}`,
      "--batch-size",
      `${batchSize}`,
      "--updates",
      `${maxUpdates}`,
      "--seed",
      `${seed}`,
    ],
    ...["--target-accuracy", `${target}`, "--eval-every", `${evalEverySeconds}`],
  ]);
  return summary.stopReason === "target-accuracy" ? wallSeconds : null;
}

/** As {@link yfAsync}. Channels last is PyTorch's faster layout here. */
async function pytorch(rates: Rates, seed: number, target: number): Promise<number | null> {
  const began = performance.now();
  const peer = new Pytorch();
  try {
    const { reachedSeconds } = await peer.train({
      net: "lenet",
      channelsLast: true,
      processes: workers,
      batchSize,
      ...rates,
      seed,
      maxUpdates,
      start: "fork",
      targetAccuracy: target,
      evalEverySeconds,
      startUpOnly: false,
    });
    return reachedSeconds === null ? null : (performance.now() - began) / 1000;
  } finally {
    await peer.close();
  }
}

async function versions(): Promise<Record<string, string>> {
  const peer = new Pytorch();
  try {
    return await peer.versions();
  } finally {
    await peer.close();
  }
}
