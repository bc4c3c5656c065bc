/**
 * What a worker does to whole parameter vectors at each update: SIMD in WebAssembly against plain JavaScript.
 *
 * Both work on the same arrays in one shared memory. Before anything is measured, both must give the same bits.
 */
import { Bench } from "tinybench";
import { type AdamCoefficients, type Kernels, wasmKernels } from "../../src/kernels/kernels.ts";
import { plainKernels } from "../../src/kernels/plain.ts";
import { createRandom } from "../../src/math/random.ts";
import { type Comparison, type Contender, runRounds } from "../harness/rounds.ts";
import type { Check, ScenarioOptions, ScenarioResult } from "../harness/scenario.ts";

/** LeNet, and 784-512-512-10. */
const parameterCounts = [21_840, 669_706];
const seed = 1;
const pageBytes = 65_536;

/** The vectors of one worker; all but `read` in shared memory. */
interface Vectors {
  readonly parameters: Float32Array;
  readonly first: Float32Array;
  readonly second: Float32Array;
  readonly gradient: Float32Array;
  /** The engine's private copy. */
  readonly read: Float32Array;
}

type Call = (vectors: Vectors) => number;

interface Row {
  readonly name: string;
  readonly simd: Call;
  readonly plain: Call;
}

const adam: AdamCoefficients = {
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  step: 1e-3,
  firstCorrection: 1,
  decay: 0,
  secondCorrection: 1,
};

/** Of {@link rowsFor}. */
const kernelCount = 5;

/** Each of the kernels in the two forms; calls may be repeated for ever without a number leaving its range. */
function rowsFor(simd: Kernels, plain: Kernels): Row[] {
  const both = (name: string, call: (kernels: Kernels, vectors: Vectors) => number): Row => ({
    name,
    simd: (vectors) => call(simd, vectors),
    plain: (vectors) => call(plain, vectors),
  });
  return [
    { name: "read copy (TypedArray.set against a loop)", simd: copyAtOnce, plain: copyInLoop },
    both("squaredNorm", (kernels, { gradient }) => kernels.squaredNorm(gradient)),
    both("observe", (kernels, { gradient, first }) => kernels.observe(gradient, first, 0.5, 0.999)),
    both("applyMomentum", (kernels, { parameters, first, gradient }) => {
      kernels.applyMomentum(parameters, first, gradient, 0.9, 1e-3);
      return 0;
    }),
    both("applyAdam", (kernels, { parameters, first, second, gradient }) => {
      kernels.applyAdam(parameters, first, second, gradient, adam);
      return 0;
    }),
  ];
}

function copyAtOnce({ parameters, read }: Vectors): number {
  read.set(parameters);
  return 0;
}

function copyInLoop({ parameters, read }: Vectors): number {
  for (let i = 0; i < read.length; i++) read[i] = parameters[i];
  return 0;
}

export async function kernels({ quick, seconds, cells }: ScenarioOptions): Promise<ScenarioResult> {
  const rounds = quick ? 2 : 20;
  const measureSeconds = seconds ?? (quick ? 0.002 : 0.05);
  const checks: Check[] = [];
  const comparisons: Comparison[] = [];
  cells.plan(kernelCount * parameterCounts.length);
  for (const parameterCount of parameterCounts) {
    const bytes = 4 * 4 * parameterCount;
    const pages = Math.ceil(bytes / pageBytes);
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
    const vectors = vectorsIn(memory, parameterCount);
    for (const row of rowsFor(wasmKernels(memory), plainKernels())) {
      const title = `${row.name}, ${parameterCount.toLocaleString("en-US")} parameters`;
      expectSameBits(title, row, vectors);
      checks.push({ claim: `${title}: both forms give the same bits`, error: 0, tolerance: 0 });
      const contender = (name: string, call: Call): Contender => ({
        name,
        measure: () => microseconds(() => call(vectors), measureSeconds),
      });
      const contenders = [contender("SIMD", row.simd), contender("JavaScript", row.plain)];
      const compare = () => {
        fill(vectors);
        return runRounds(contenders, { title, unit: "µs", better: "lower", rounds });
      };
      comparisons.push(await cells.get(title, { title, rounds, seconds: measureSeconds }, compare));
    }
  }
  const parameters = { seed, rounds, seconds: measureSeconds, threads: 1 };
  return { parameters, checks, comparisons, skipped: [], peerVersions: {} };
}

function vectorsIn({ buffer }: WebAssembly.Memory, length: number): Vectors {
  const [parameters, first, second, gradient] = [0, 1, 2, 3].map(
    (place) => new Float32Array(buffer, 4 * place * length, length),
  );
  return { parameters, first, second, gradient, read: new Float32Array(length) };
}

/** Puts the same numbers into the vectors every time: uniform in ±0.05, second moments in [0, 0.05). */
function fill({ parameters, first, second, gradient, read }: Vectors): void {
  const random = createRandom(seed);
  for (const vector of [parameters, first, gradient]) {
    for (let i = 0; i < vector.length; i++) vector[i] = 0.1 * random() - 0.05;
  }
  for (let i = 0; i < second.length; i++) second[i] = 0.05 * random();
  read.fill(0);
}

/** @throws {Error} If the two forms leave different bits anywhere, or return different numbers. */
function expectSameBits(title: string, { simd, plain }: Row, vectors: Vectors): void {
  const outcome = (call: Call) => {
    fill(vectors);
    const result = call(vectors);
    return {
      result,
      after: Object.values<Float32Array>({ ...vectors }).map((vector) => Buffer.from(bytesOf(vector))),
    };
  };
  const a = outcome(simd);
  const b = outcome(plain);
  if (!Object.is(a.result, b.result) || a.after.some((bytes, i) => !bytes.equals(b.after[i]))) {
    throw new Error(`Cannot compare "${title}": both forms must give the same bits`);
  }
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

/** Median time of one call. */
function microseconds(call: () => void, seconds: number): number {
  const time = 1000 * seconds;
  const bench = new Bench({ time, warmupTime: time / 4, iterations: 3, warmupIterations: 1, throws: true });
  const [{ result }] = bench.add("call", call).runSync();
  if (result.state !== "completed")
    throw new Error(`Cannot time a call: must complete (got ${result.state})`);
  return 1000 * result.latency.p50;
}
