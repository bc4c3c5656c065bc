/**
 * What the deep nets of the papers need before and while they are trained: seconds of tracing and lowering, bytes of the
 * program, seconds until sixteen workers have made an update each from one copy of it, and memory, beside PyTorch.
 *
 * Memory: the most that the process took, which is all there is of ours. Of sixteen processes of PyTorch it is the sum of
 * what each holds after some gradients, where a page that k of them share counts 1/k.
 */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { BatchJitter } from "../../../src/data/batch-sizes.ts";
import { root } from "../../harness/places.ts";
import type { Check, FigureTable, ScenarioOptions, ScenarioResult } from "../../harness/scenario.ts";
import { statisticsOf } from "../../harness/statistics.ts";
import { Pytorch, type PytorchPoint, pytorchMissing } from "../../peers/pytorch.ts";
import { openAtStart, timedNets } from "../nets.ts";
import { type FootprintNet, footprintNets } from "./nets.ts";

const many = 16;
const child = fileURLToPath(new URL("dist/bench/scenarios/footprint/child.js", root));
const MiB = 2 ** 20;

/** In a new process, where nothing is compiled or warm. */
interface Compiled {
  readonly traceSeconds: number;
  readonly lowerSeconds: number;
  readonly bytes: number;
  readonly isShared: boolean;
  readonly parameterCount: number;
}

interface Footprint {
  /** With one worker; null where the system does not tell. */
  readonly oneBytes: number | null;
  /** With sixteen. */
  readonly allBytes: number | null;
  /** From the start of the first process until each of sixteen workers has a gradient. */
  readonly readySeconds: number;
}

export async function footprint({ cells, peers, quick }: ScenarioOptions): Promise<ScenarioResult> {
  const rounds = quick ? 1 : 3;
  const missing = peers ? pytorchMissing : "PyTorch, left out with --no-peers";
  const nets = quick ? footprintNets.filter(({ name }) => name === "char-lstm") : footprintNets;
  const compared = nets.filter(({ peer }) => peer !== null);
  const contenders: [string, (net: FootprintNet) => Promise<Footprint>][] = [
    ["yf-async", (net) => yfAsync(net, null)],
    ["yf-async, minibatches of one size", (net) => yfAsync(net, "none")],
  ];
  if (missing === null) contenders.push(["PyTorch", pytorch]);
  const measured: { net: string; contender: string; footprint: Footprint }[] = [];
  const compiled: { net: FootprintNet; rounds: Compiled[] }[] = [];
  cells.plan(rounds * (nets.length + compared.length * contenders.length));

  for (const net of nets) {
    const ofNet: Compiled[] = [];
    for (let round = 0; round < rounds; round++) {
      const key = { compile: net.name, round };
      ofNet.push(
        await cells.get(`${net.title}, traced and lowered`, key, () => inChild("compile", net.name)),
      );
    }
    compiled.push({ net, rounds: ofNet });
  }
  for (let round = 0; round < rounds; round++) {
    for (const net of compared) {
      for (const [contender, measure] of contenders) {
        const key = { net: net.name, contender, round };
        const value = await cells.get(`${net.title}, ${contender}`, key, () => measure(net));
        measured.push({ net: net.title, contender, footprint: value });
      }
    }
  }
  return {
    parameters: {
      workers: [1, many],
      rounds,
      nets: nets.map(({ batchSize, name }) => ({ name, batchSize })),
    },
    checks: compiled.map(({ net, rounds: all }) => oneCopy(net, all)),
    comparisons: [],
    skipped: missing === null ? [] : [missing],
    peerVersions: missing === null ? await versions() : {},
    tables: [
      compileTable(compiled),
      memoryTable(
        compared.map(({ title }) => title),
        contenders.map(([name]) => name),
        measured,
      ),
    ],
    details: { measured, compiled: compiled.map(({ net, rounds: all }) => ({ net: net.name, rounds: all })) },
  };
}

/** @throws {Error} If threads would have to copy the bytes. */
function oneCopy({ title }: FootprintNet, rounds: readonly Compiled[]): Check {
  if (rounds.some(({ isShared }) => !isShared)) {
    throw new Error(`Cannot start workers of ${title}: its bytes must lie in shared memory`);
  }
  return { claim: `${title}: its bytes lie once in memory that all workers share`, error: 0, tolerance: 0 };
}

function compileTable(compiled: readonly { net: FootprintNet; rounds: readonly Compiled[] }[]): FigureTable {
  return {
    title: "From a TensorFlow.js model to the bytes that all workers run, in a new process: medians",
    columns: ["", "parameters", "seconds of tracing", "of lowering", "MiB of ONNX"],
    rows: compiled.map(({ net, rounds }) => [
      net.title,
      rounds[0].parameterCount.toLocaleString("en-US"),
      statisticsOf(rounds.map(({ traceSeconds }) => traceSeconds)).median.toFixed(2),
      statisticsOf(rounds.map(({ lowerSeconds }) => lowerSeconds)).median.toFixed(2),
      (rounds[0].bytes / MiB).toFixed(2),
    ]),
  };
}

function memoryTable(
  nets: readonly string[],
  contenders: readonly string[],
  measured: readonly { net: string; contender: string; footprint: Footprint }[],
): FigureTable {
  const rows = nets.flatMap((net) =>
    contenders.map((contender, i) => {
      const own = measured.filter((one) => one.net === net && one.contender === contender);
      const median = (value: (footprint: Footprint) => number | null) => {
        const known = own.map((one) => value(one.footprint)).filter((one) => one !== null);
        return known.length === 0 ? null : statisticsOf(known).median;
      };
      const all = median(({ allBytes }) => allBytes);
      return [
        i === 0 ? net : "",
        contender,
        inMiB(median(({ oneBytes }) => oneBytes)),
        inMiB(all),
        inMiB(all === null ? null : all / many),
        `${median(({ readySeconds }) => readySeconds)?.toFixed(1)}`,
      ];
    }),
  );
  return {
    title: "Most memory of a training process, and its start: medians",
    columns: [
      "",
      "",
      "MiB with one worker",
      `with ${many}`,
      "per worker of them",
      `seconds until each of ${many} has a gradient`,
    ],
    rows,
    left: 2,
  };
}

const inMiB = (bytes: number | null): string => (bytes === null ? "–" : (bytes / MiB).toFixed(0));

async function inChild<T>(...words: readonly (string | number)[]): Promise<T> {
  const { stdout } = await promisify(execFile)(process.execPath, [child, ...words.map(String)], {
    cwd: fileURLToPath(root),
  });
  return JSON.parse(stdout) as T;
}

async function yfAsync({ name }: FootprintNet, jitter: BatchJitter | null): Promise<Footprint> {
  const run = async (workers: number) => {
    const { memoryBytes, readySeconds } = await inChild<{ memoryBytes: number; readySeconds: number | null }>(
      "train",
      name,
      workers,
      ...(jitter === null ? [] : [jitter]),
    );
    if (readySeconds === null) throw new Error(`not every one of ${workers} workers made an update`);
    return { memoryBytes, readySeconds };
  };
  const [one, all] = [await run(1), await run(many)];
  return {
    oneBytes: one.memoryBytes,
    allBytes: all.memoryBytes,
    readySeconds: all.readySeconds,
  };
}

/** Each process computes the gradient of the same minibatch. */
async function pytorch({ peer }: FootprintNet): Promise<Footprint> {
  const net = timedNets.find(({ name }) => name === peer);
  if (net === undefined) throw new Error(`PyTorch has no net ${peer}`);
  const [engine] = await openAtStart(net, 1, "reference");
  const { buffers, program } = engine;
  const { features, labels, parameters } = buffers;
  const point = {
    net: net.name,
    channelsLast: false,
    shape: program.features[0].shape,
    parameters,
    features: features[0],
    labels: labels[0] as Int32Array,
  };
  const one = await together(1, point);
  const all = await together(many, point);
  await engine.dispose();
  return { oneBytes: one.peakBytes, allBytes: all.proportionalBytes, readySeconds: all.readySeconds };
}

/** Starts processes at the same time, each of which computes a gradient, and looks at their memory. */
async function together(count: number, point: PytorchPoint) {
  const begin = performance.now();
  const processes = Array.from({ length: count }, () => new Pytorch());
  try {
    await Promise.all(processes.map((process) => process.load(point)));
    const readySeconds = (performance.now() - begin) / 1000;
    for (const process of processes) await process.gradients(0.5);
    const memory = await Promise.all(processes.map((process) => process.memory()));
    const shares = memory.map(({ proportionalBytes }) => proportionalBytes);
    const isKnown = shares.every((share) => share !== null);
    return {
      readySeconds,
      peakBytes: memory[0].peakBytes,
      proportionalBytes: isKnown ? shares.reduce((sum, share) => sum + share, 0) : null,
    };
  } finally {
    await Promise.all(processes.map((process) => process.close()));
  }
}

async function versions(): Promise<Record<string, string>> {
  const process = new Pytorch();
  try {
    return await process.versions();
  } finally {
    await process.close();
  }
}
