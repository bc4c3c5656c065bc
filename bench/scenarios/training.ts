/**
 * Updates per second of whole training on MNIST: two workers against PyTorch's Hogwild with two processes.
 *
 * Both copy minibatches, compute gradients, apply updates without locks and count them. We also tune: our side is the
 * default optimizer, and SGD with momentum as PyTorch's. Start-up and evaluation are not part of the time on either side.
 */
import { type TrainOptions, train } from "../../src/train.ts";
import { type Comparison, type Contender, runRounds } from "../harness/rounds.ts";
import type { Check, ScenarioOptions, ScenarioResult } from "../harness/scenario.ts";
import { Pytorch, pytorchMissing } from "../peers/pytorch.ts";
import { type Net, nets } from "./nets.ts";

const workers = 2;
const seed = 1;

/** Updates of one measurement: a few seconds each. */
const updates: Readonly<Record<string, number>> = { "mlp-small": 12_000, "mlp-large": 1200, lenet: 1500 };

/** So that nothing is evaluated before the end. */
const never = 1e6;

/** What both sides must have learned after their updates. */
const leastAccuracy = 0.9;

const ratesOfBoth = { learningRate: 0.01, momentum: 0.9 };

export async function training({ quick, peers, cells, log }: ScenarioOptions): Promise<ScenarioResult> {
  const rounds = quick ? 1 : 6;
  const missing = peers ? pytorchMissing : "PyTorch, left out with --no-peers";
  const pytorch = missing === null ? new Pytorch() : null;
  const checks: Check[] = [];
  const comparisons: Comparison[] = [];
  cells.plan(nets.length);
  try {
    for (const net of nets) {
      log(missing === null ? net.title : `${net.title}, without ${missing}`);
      const maxUpdates = Math.ceil(updates[net.name] / (quick ? 100 : 1));
      const found: Check[] = [];
      const learned = (name: string, accuracy: number) => {
        const claim = `${net.title}: ${name} has learned`;
        if (accuracy < leastAccuracy && !quick) throw new Error(`${claim} (got accuracy ${accuracy})`);
        found.push({ claim, error: 1 - accuracy, tolerance: 1 - leastAccuracy });
      };
      const contenders: Contender[] = [
        { name: `yf-async, ${workers} workers`, measure: () => ours(net, maxUpdates, learned, {}) },
        {
          name: `yf-async, ${workers} workers, SGD with momentum`,
          measure: () => ours(net, maxUpdates, learned, { optimizer: "momentum", ...ratesOfBoth }),
        },
        ...(pytorch === null ? [] : peersOf(net, maxUpdates, pytorch, learned)),
      ];
      const { comparison, checks: agreed } = await cells.get(
        net.title,
        { net: net.name, rounds, maxUpdates, against: contenders.map(({ name }) => name) },
        async () => {
          const rule = { title: net.title, unit: "updates/s", better: "higher", rounds } as const;
          return { comparison: await runRounds(contenders, rule), checks: found };
        },
      );
      comparisons.push(comparison);
      checks.push(...agreed);
    }
    return {
      parameters: {
        workers,
        seed,
        rounds,
        updates,
        batch: nets.map(({ batchSize }) => batchSize),
        ratesOfBoth,
      },
      checks,
      comparisons,
      skipped: missing === null ? [] : [missing],
      peerVersions: (await pytorch?.versions()) ?? {},
    };
  } finally {
    await pytorch?.close();
  }
}

/** What differs between our two contenders. */
type Rates = Pick<TrainOptions, "optimizer" | "learningRate" | "momentum">;

type Learned = (name: string, accuracy: number) => void;

async function ours(
  { batchSize, build }: Net,
  maxUpdates: number,
  learned: Learned,
  rates: Rates,
): Promise<number> {
  const model = build(seed);
  const { summary } = await train({
    model,
    data: "mnist",
    workers,
    batchSize,
    maxUpdates,
    seed,
    evalEverySeconds: never,
    ...rates,
  });
  model.dispose();
  learned("yf-async", summary.testAccuracy ?? 0);
  return summary.updatesPerSecond ?? 0;
}

function peersOf(
  { batchSize, convolutional, name: net }: Net,
  maxUpdates: number,
  pytorch: Pytorch,
  learned: Learned,
) {
  return (convolutional ? [false, true] : [false]).map((channelsLast): Contender => {
    const name = `PyTorch, ${workers} processes${channelsLast ? ", channels last" : ""}`;
    return {
      name,
      measure: async () => {
        const { accuracy, updatesPerSecond } = await pytorch.train({
          net,
          channelsLast,
          processes: workers,
          batchSize,
          ...ratesOfBoth,
          seed,
          maxUpdates,
          start: "fork",
          targetAccuracy: null,
          evalEverySeconds: never,
          startUpOnly: false,
        });
        learned(name, accuracy);
        return updatesPerSecond;
      },
    };
  });
}
