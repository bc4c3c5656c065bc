/**
 * Gradients per second on one thread: the `ort` engine against PyTorch, at the same parameters and minibatch: of MNIST, or
 * random where only the shapes matter.
 *
 * Before anything is measured, the engine must agree with the interpreter and with PyTorch. Then each side repeats that
 * one gradient in a loop that ends by the clock, ours in this process and PyTorch's in one of its own that idles in
 * between. Parameters and minibatch lie where the runtime reads them; nobody copies or updates anything.
 */
import type { GradientEngine } from "../../src/engine/engine.ts";
import { relativeError } from "../harness/relative-error.ts";
import { type Comparison, type Contender, runRounds } from "../harness/rounds.ts";
import type { Check, ScenarioOptions, ScenarioResult } from "../harness/scenario.ts";
import { Pytorch, pytorchMissing } from "../peers/pytorch.ts";
import { openAtStart, type TimedNet, timedNets } from "./nets.ts";

const seed = 1;

/**
 * Of loss and gradient, float32 against float32 or float64. Windows that tie in max-pooling hold the same background
 * pixels here, so it does not matter that each side may pick another one.
 */
const tolerance = 1e-4;

/**
 * The same of deep nets: float32 of two runtimes puts some activations on the other side of a relu's kink, and a gradient
 * of ResNet-20 is about as far from float64 in either.
 */
const deepTolerance = 2e-2;

interface Settings {
  readonly rounds: number;
  /** Of one measurement. */
  readonly seconds: number;
}

/** PyTorch with images in one of its layouts. */
interface Peer {
  readonly name: string;
  readonly channelsLast: boolean;
  readonly process: Pytorch;
}

interface Answer {
  readonly loss: number;
  readonly gradient: Float32Array;
}

export async function gradients({
  quick,
  seconds,
  peers,
  cells,
  log,
}: ScenarioOptions): Promise<ScenarioResult> {
  const settings = { rounds: quick ? 2 : 10, seconds: seconds ?? (quick ? 0.02 : 2) };
  const missing = peers ? pytorchMissing : "PyTorch, left out with --no-peers";
  const checks: Check[] = [];
  const comparisons: Comparison[] = [];
  let peerVersions: Record<string, string> = {};
  cells.plan(timedNets.length);
  for (const net of timedNets) {
    log(missing === null ? net.title : `${net.title}, without ${missing}`);
    const [engine, interpreter] = await openAtStart(net, seed, "ort", "reference");
    const started = missing === null ? startPeers(net) : [];
    try {
      checks.push(...(await checkAnswers(net, engine, interpreter, started)));
      const key = { net: net.name, ...settings, against: started.map(({ name }) => name) };
      comparisons.push(await cells.get(net.title, key, () => compare(net, engine, started, settings)));
      for (const { process } of started) peerVersions = await process.versions();
    } finally {
      await Promise.all(started.map(({ process }) => process.close()));
      await engine.dispose();
    }
  }
  return {
    parameters: { seed, ...settings, threads: 1 },
    checks,
    comparisons,
    skipped: missing === null ? [] : [missing],
    peerVersions,
  };
}

function startPeers({ convolutional }: TimedNet): Peer[] {
  const plain = { name: "PyTorch", channelsLast: false, process: new Pytorch() };
  if (!convolutional) return [plain];
  return [plain, { name: "PyTorch, channels last", channelsLast: true, process: new Pytorch() }];
}

/** Loads the engine's point into the peers. @throws {Error} If anybody's loss or gradient is another than the engine's. */
async function checkAnswers(
  { title, name, random }: TimedNet,
  engine: GradientEngine,
  interpreter: GradientEngine,
  peers: readonly Peer[],
): Promise<Check[]> {
  const loss = await engine.run();
  const { gradient, parameters, program } = engine;
  const [features] = engine.features;
  const [{ shape }] = program.features;
  const labels = engine.labels[0] as Int32Array;
  const check = (other: string, expected: Answer): Check => {
    const claim = `${title}: loss and gradient agree with ${other}`;
    const error = Math.max(
      relativeError([loss], [expected.loss]),
      relativeError(gradient, expected.gradient),
    );
    const allowed = random === undefined ? tolerance : deepTolerance;
    if (error <= allowed) return { claim, error, tolerance: allowed };
    const rule = `they must agree with ${other} to a relative error of ${allowed}`;
    throw new Error(`Cannot time gradients of ${title} as ${rule}: received ${error}`);
  };
  const checks: Check[] = [];
  // The interpreter takes minutes for the deep nets, which the conformance suite compares at smaller sizes.
  if (random === undefined) {
    checks.push(check("the interpreter", { loss: await interpreter.run(), gradient: interpreter.gradient }));
  }
  for (const { name: other, channelsLast, process } of peers) {
    const point = { net: name, channelsLast, shape, parameters, features, labels };
    checks.push(check(other, await process.load(point)));
  }
  return checks;
}

function compare(
  { title }: TimedNet,
  engine: GradientEngine,
  peers: readonly Peer[],
  { rounds, seconds }: Settings,
): Promise<Comparison> {
  const contenders: Contender[] = [
    { name: "yf-async", measure: () => gradientsPerSecond(engine, seconds) },
    ...peers.map(({ name, process }) => ({
      name,
      measure: async () => {
        const measured = await process.gradients(seconds);
        return measured.steps / measured.seconds;
      },
    })),
  ];
  return runRounds(contenders, { title, unit: "gradients/s", better: "higher", rounds });
}

/** The loop of `gradients` in `serve.py`, word for word: a library that times each call would not be the same on both. */
async function gradientsPerSecond(engine: GradientEngine, seconds: number): Promise<number> {
  let steps = 0;
  const begin = performance.now();
  let now = begin;
  while (now - begin < 1000 * seconds) {
    await engine.run();
    steps++;
    now = performance.now();
  }
  return (1000 * steps) / (now - begin);
}
