/**
 * Gradients per second on one thread: the `ort` engine against PyTorch, at the same parameters and minibatch: of MNIST, or
 * random where only the shapes matter.
 *
 * Before anything is measured, the engine must agree with the interpreter and with PyTorch. Then each side repeats that
 * one gradient in a loop that ends by the clock, ours in this process and PyTorch's in one of its own that idles in
 * between. Parameters and minibatch lie where the runtime reads them; nothing is copied or updated. PyTorch is half
 * as fast again in one process as in another, for as long as it lasts, so that both sides begin anew for every round.
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
  const measured: Measured[] = [];
  cells.plan(timedNets.length);
  for (const net of timedNets) {
    log(missing === null ? net.title : `${net.title}, without ${missing}`);
    const layouts = missing === null ? layoutsOf(net) : [];
    const key = { net: net.name, ...settings, against: layouts.map(({ name }) => name) };
    measured.push(await cells.get(net.title, key, () => compare(net, layouts, settings)));
  }
  return {
    parameters: { seed, ...settings, threads: 1 },
    checks: measured.flatMap(({ checks }) => checks),
    comparisons: measured.map(({ comparison }) => comparison),
    skipped: missing === null ? [] : [missing],
    peerVersions: Object.assign({}, ...measured.map(({ peerVersions }) => peerVersions)),
  };
}

/** How PyTorch holds images. */
interface Layout {
  readonly name: string;
  readonly channelsLast: boolean;
}

function layoutsOf({ convolutional }: TimedNet): Layout[] {
  const plain = { name: "PyTorch", channelsLast: false };
  return convolutional ? [plain, { name: "PyTorch, channels last", channelsLast: true }] : [plain];
}

interface Measured {
  readonly comparison: Comparison;
  readonly checks: readonly Check[];
  readonly peerVersions: Readonly<Record<string, string>>;
}

/** @throws {Error} If anybody's loss or gradient is another than the engine's. */
async function compare(net: TimedNet, layouts: readonly Layout[], settings: Settings): Promise<Measured> {
  const { random, title } = net;
  const ours = new Ours(net, settings);
  const peers = layouts.map((layout) => new Peer(net, layout, settings, ours));
  try {
    await ours.restart();
    const checks = random === undefined ? [await ours.checkInterpreter()] : [];
    for (const peer of peers) await peer.restart();
    const rule = { title, unit: "gradients/s", better: "higher", rounds: settings.rounds } as const;
    const comparison = await runRounds([ours, ...peers], rule);
    return {
      comparison,
      checks: [...checks, ...peers.map(({ check }) => check as Check)],
      peerVersions: (await peers[0]?.versions()) ?? {},
    };
  } finally {
    await Promise.all([ours, ...peers].map((contender) => contender.close()));
  }
}

class Ours implements Contender {
  readonly name = "yf-async";
  readonly net: TimedNet;
  readonly #settings: Settings;
  #engine: GradientEngine | null = null;

  constructor(net: TimedNet, settings: Settings) {
    this.net = net;
    this.#settings = settings;
  }

  get engine(): GradientEngine {
    if (this.#engine === null) throw new Error("Cannot use an engine: must be open");
    return this.#engine;
  }

  async restart(): Promise<void> {
    await this.close();
    [this.#engine] = await openAtStart(this.net, seed, "ort");
    await this.#gradientsPerSecond(this.#settings.seconds);
  }

  measure(): Promise<number> {
    return this.#gradientsPerSecond(this.#settings.seconds);
  }

  /** The interpreter takes minutes for the deep nets, which the conformance suite compares at smaller sizes. */
  async checkInterpreter(): Promise<Check> {
    const [interpreter] = await openAtStart(this.net, seed, "reference");
    try {
      const { gradient } = interpreter.buffers;
      return await this.check("the interpreter", { loss: await interpreter.run(), gradient });
    } finally {
      await interpreter.dispose();
    }
  }

  /** @throws {Error} If the engine's answer is another one. */
  async check(other: string, expected: Answer): Promise<Check> {
    const { random, title } = this.net;
    const loss = await this.engine.run();
    const error = Math.max(
      relativeError([loss], [expected.loss]),
      relativeError(this.engine.buffers.gradient, expected.gradient),
    );
    const allowed = random === undefined ? tolerance : deepTolerance;
    const claim = `${title}: loss and gradient agree with ${other}`;
    if (error <= allowed) return { claim, error, tolerance: allowed };
    const rule = `they must agree with ${other} to a relative error of ${allowed}`;
    throw new Error(`Cannot time gradients of ${title}: ${rule} (got ${error})`);
  }

  async close(): Promise<void> {
    await this.#engine?.dispose();
    this.#engine = null;
  }

  /** The loop of `gradients` in `serve.py`, word for word: a library that times each call would not be the same on both. */
  async #gradientsPerSecond(seconds: number): Promise<number> {
    const { engine } = this;
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
}

/** PyTorch with images in one of its layouts, each time in a new process. */
class Peer implements Contender {
  readonly name: string;
  /** Of the first start that agreed with ours; null before. */
  check: Check | null = null;
  readonly #net: TimedNet;
  readonly #channelsLast: boolean;
  readonly #settings: Settings;
  readonly #ours: Ours;
  #process: Pytorch | null = null;

  constructor(net: TimedNet, { channelsLast, name }: Layout, settings: Settings, ours: Ours) {
    this.name = name;
    this.#net = net;
    this.#channelsLast = channelsLast;
    this.#settings = settings;
    this.#ours = ours;
  }

  async restart(): Promise<void> {
    await this.close();
    const process = new Pytorch();
    this.#process = process;
    const { buffers, program } = this.#ours.engine;
    const { features, labels, parameters } = buffers;
    const answer = await process.load({
      net: this.#net.name,
      channelsLast: this.#channelsLast,
      shape: program.features[0].shape,
      parameters,
      features: features[0],
      labels: labels[0] as Int32Array,
    });
    const check = await this.#ours.check(this.name, answer);
    this.check ??= check;
    await process.gradients(this.#settings.seconds);
  }

  async measure(): Promise<number> {
    const { seconds, steps } = await this.#running().gradients(this.#settings.seconds);
    return steps / seconds;
  }

  versions(): Promise<Record<string, string>> {
    return this.#running().versions();
  }

  async close(): Promise<void> {
    await this.#process?.close();
    this.#process = null;
  }

  #running(): Pytorch {
    if (this.#process === null) throw new Error("Cannot ask a peer: must be started");
    return this.#process;
  }
}
