/** The estimate of a run's memory, against what runs have taken, and what is refused for it. */
import { expect, test } from "vitest";
import type { Column, Dataset } from "../../src/data/dataset.ts";
import { compile } from "../../src/engine/compile.ts";
import { YfError } from "../../src/errors.ts";
import {
  type MemoryNeed,
  memoryNeed,
  memoryText,
  type RunParts,
  requireMemory,
  totalBytes,
} from "../../src/run/memory-need.ts";
import { buildModel, type ModelName } from "../../src/tfjs/models/build-model.ts";
import { trace } from "../../src/tfjs/trace.ts";

const MiB = 2 ** 20;
const image = (side: number, channels: number) =>
  ({ shape: [side, side, channels], dtype: "float32" }) as const;
const label = { shape: [], dtype: "int32" } as const;
const characters = { shape: [50], dtype: "int32" } as const;

function dataset(bytes: number): Dataset {
  const column = (length: number): Column => ({
    data: new Uint8Array(new SharedArrayBuffer(length)),
    shape: [],
    dtype: "float32",
    scale: 1,
    offset: 0,
  });
  return { features: [column(bytes)], labels: [column(0)], length: 1 };
}

interface Net {
  readonly model: ModelName;
  readonly features: typeof characters | ReturnType<typeof image>;
  readonly labels: typeof characters | typeof label;
  readonly classes: number;
  readonly batchSize: number;
  /** Of the examples to train on and to test with; without the latter nothing is evaluated. */
  readonly dataBytes: readonly [number, number];
}

const mnist = { features: image(28, 1), labels: label, classes: 10, batchSize: 64 } as const;
const cifar = { features: image(32, 3), labels: label, classes: 10, batchSize: 64 } as const;
const mnistBytes = [60_000 * 785, 10_000 * 785] as const;
const nets: Record<string, Net> = {
  mlp: { model: "mlp", ...mnist, dataBytes: mnistBytes },
  lenet: { model: "lenet", ...mnist, dataBytes: mnistBytes },
  resnet20: { model: "resnet20", ...cifar, dataBytes: [MiB, 0] },
  "char-lstm": {
    model: "char-lstm",
    features: characters,
    labels: characters,
    classes: 65,
    batchSize: 50,
    dataBytes: [MiB, 0],
  },
  resnet110: { model: "resnet110", ...cifar, dataBytes: [MiB, 0] },
};

const programs = new Map<string, Pick<RunParts, "evaluate" | "train">>();

/** Only the graph is looked at, and lowering takes its time. */
function programsOf(name: string): Pick<RunParts, "evaluate" | "train"> {
  const known = programs.get(name);
  if (known !== undefined) return known;
  const { batchSize, classes, dataBytes, features, labels, model: builtIn } = nets[name];
  const model = buildModel(builtIn, { inputShape: features.shape, classes, seed: 1 });
  const types = { features: [features], labels: [labels], loss: "sparseSoftmaxCrossEntropy" } as const;
  const programOf = (size: number, training: boolean) =>
    ({
      ...compile(trace({ ...types, model, batchSize: size, training }), "reference"),
      engine: "ort",
    }) as never;
  const made = {
    train: [programOf(batchSize, true)],
    evaluate: dataBytes[1] === 0 ? [] : [programOf(250, false)],
  };
  model.dispose();
  programs.set(name, made);
  return made;
}

function needOf(name: string, workers: number): MemoryNeed {
  const [trained, tested] = nets[name].dataBytes;
  const found = memoryNeed({
    ...programsOf(name),
    data: { train: dataset(trained), test: tested === 0 ? null : dataset(tested) },
    workers,
    lowMemory: workers > 2,
    sharedBytes: 8 * MiB,
  });
  if (found === null) throw new Error("must be known");
  return found;
}

// The most that a process took (VmHWM), MiB: Linux, x64, two cores, Node.js 20, minibatches of one size.
test.each([
  ["mlp", 1, 231],
  ["mlp", 2, 246],
  ["mlp", 4, 276],
  ["lenet", 1, 241],
  ["lenet", 2, 267],
  ["lenet", 4, 311],
  ["resnet20", 1, 541],
  ["resnet20", 2, 905],
  ["resnet20", 4, 957],
  ["resnet20", 16, 3041],
  ["char-lstm", 1, 284],
  ["char-lstm", 2, 325],
  ["char-lstm", 4, 386],
  ["char-lstm", 16, 881],
  ["resnet110", 1, 1971],
] as const)("%s with %i workers took %i MiB, which the estimate is near", (name, workers, measured) => {
  const ratio = totalBytes(needOf(name, workers)) / MiB / measured;
  expect(Math.abs(ratio - 1)).toBeLessThan(0.2);
});

test("tells the sum and its parts, which add up", () => {
  const need = { process: 100, programs: 20, data: 30, parameters: 8, worker: 50, workers: 3, evaluation: 2 };
  const inBytes = Object.fromEntries(
    Object.entries(need).map(([part, value]) => [part, part === "workers" ? value : value * MiB]),
  ) as unknown as typeof need;
  expect(totalBytes(inBytes)).toBe(310 * MiB);
  expect(memoryText(inBytes)).toBe(
    "Memory: about 310 MiB (process 120, data 30, parameters 8, 3 × 50 for workers, evaluations 2)",
  );
});

const need = {
  process: 160 * MiB,
  programs: 0,
  data: 0,
  parameters: 0,
  worker: 200 * MiB,
  workers: 16,
  evaluation: 0,
};
const memory = (usable: number, free = usable) => ({
  usableBytes: usable * MiB,
  freeBytes: free * MiB,
  installedBytes: usable * MiB,
});

test("refuses what cannot fit with the number and the option that helps", () => {
  const refusal = (usable: number, workers = 16) => {
    try {
      requireMemory({ ...need, workers }, "cli", memory(usable));
    } catch (error) {
      return error;
    }
    return null;
  };
  const error = refusal(2000);
  expect(error).toBeInstanceOf(YfError);
  expect(error).toMatchObject({
    code: "NO_MEMORY",
    details: { neededBytes: 3360 * MiB, usableBytes: 2000 * MiB },
  });
  expect((error as YfError).message).toMatch(/2,000 MiB.*--workers 9 takes about 1,960 MiB.*about 3,360 MiB/);
  expect((refusal(200) as YfError).message).toMatch(/a smaller --batch-size/);
  expect((refusal(200, 1) as YfError).message).toMatch(/a smaller --batch-size/);
  // A third less may be enough.
  expect(refusal(2400)).toBeNull();
});

test("tells what may not fit in what is free now, in the words of the caller", () => {
  expect(requireMemory(need, "library", memory(8000))).toBeNull();
  expect(requireMemory(need, "library", memory(8000, 1000))).toMatch(
    /about 3,360 MiB.* 1,000 MiB are free.*workers 4 takes about 960 MiB/,
  );
});

test("is not known for other engines", () => {
  const { data, ...rest } = { data: { train: dataset(1), test: null }, workers: 1, lowMemory: false };
  const tfjs = { engine: "tfjs", device: "cpu", kernels: 1, liveBytes: 1 } as never;
  expect(memoryNeed({ ...rest, data, train: [tfjs], evaluate: [], sharedBytes: 0 })).toBeNull();
});
