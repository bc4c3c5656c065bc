/** Every file that is read, damaged thousands of times: each time it is read as something, or refused in one sentence. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, it } from "vitest";
import { readCheckpoint, writeCheckpoint } from "../../src/checkpoint/checkpoint-file.ts";
import { readCifar10 } from "../../src/data/cifar10.ts";
import { readIdx } from "../../src/data/idx.ts";
import { loadDataset } from "../../src/data/load-dataset.ts";
import { YfError } from "../../src/errors.ts";
import { readGrid } from "../../src/grid/grid-file.ts";
import { createRandom } from "../../src/math/random.ts";
import { readMetrics } from "../../src/report/metrics-file.ts";
import { readOrder, writeOrder } from "../../src/report/order-file.ts";
import { encodeSafetensors, readSafetensors } from "../../src/report/safetensors.ts";
import { summaryJson } from "../../src/report/summary.ts";
import { readSummary } from "../../src/report/summary-file.ts";
import { loadModel } from "../../src/tfjs/saved/load-model.ts";
import { saveModel } from "../../src/tfjs/saved/save-model.ts";
import { layers } from "../../src/tfjs/tf.ts";
import { idxBytes } from "../data/idx-bytes.ts";
import { snapshot, summary } from "../report/samples.ts";
import { damaged } from "./damage.ts";
import { countFrom, keepFigures } from "./figures.ts";

const seed = 20_261;
const perFile = countFrom("YF_MUTATIONS", 800);
const folder = mkdtempSync(join(tmpdir(), "yf-async-corruption-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const fixture = (name: string) => fileURLToPath(new URL(`../data/corpus/arrays/${name}`, import.meta.url));
const at = (name: string) => join(folder, name);

function write(name: string, content: string | Uint8Array): string {
  mkdirSync(dirname(at(name)), { recursive: true });
  writeFileSync(at(name), content);
  return at(name);
}

const model = layers.sequential({
  layers: [
    layers.layers.dense({ units: 3, inputShape: [4], activation: "relu" }),
    layers.layers.dense({ units: 2 }),
  ],
});
saveModel(model, folder);

const rows = Array.from({ length: 40 }, (_, i) => [i / 8, (7 * i) % 5, i % 2 === 0 ? "yes" : "no"]);
const tensors = encodeSafetensors([
  { name: "features", shape: [4, 3], values: Float32Array.from({ length: 12 }, (_, i) => i) },
  { name: "labels", shape: [4], values: Float32Array.of(0, 1, 2, 1) },
]);
const order = {
  workers: 2,
  weights: ["2"],
  entries: Int32Array.from({ length: 90 }, (_, i) => [i % 2, Math.max(0, i / 3 - 1), i / 3][i % 3] | 0),
};
writeOrder(at("order.bin"), { options: { model: "mlp", workers: "2" }, order });
const grid = {
  options: { model: "mlp", maxUpdates: 10 },
  grid: { optimizer: ["sgd", "adam"], learningRate: [0.1, 0.2] },
  seeds: [1, 2],
};
const events = [{ event: "stop", seconds: 1, updates: 3, text: "ended" }];
const cifar = Buffer.alloc(3 * 3073, 7);
for (const i of [0, 1, 2]) cifar[3073 * i] = i;
for (const name of [
  "data_batch_1",
  "data_batch_2",
  "data_batch_3",
  "data_batch_4",
  "data_batch_5",
  "test_batch",
]) {
  write(`cifar/${name}.bin`, cifar);
}

const data = (name: string) => () => loadDataset(at(name), {});

/** File to damage, and what reads it. */
const subjects: Readonly<Record<string, () => unknown>> = {
  "model.json": () => loadModel(at("model.json")).then((loaded) => loaded.dispose()),
  "group1-shard1of1.bin": () => loadModel(at("model.json")).then((loaded) => loaded.dispose()),
  [relative(write("weights.safetensors", tensors))]: () => readSafetensors(at("weights.safetensors")),
  [relative(write("data.safetensors", tensors))]: data("data.safetensors"),
  [relative(write("stored.npz", readFileSync(fixture("stored.npz"))))]: data("stored.npz"),
  [relative(write("deflated.npz", readFileSync(fixture("deflated.npz"))))]: data("deflated.npz"),
  [relative(write("features.npy", readFileSync(fixture("X_train.npy"))))]: data("features.npy"),
  [relative(write("labels.npy", readFileSync(fixture("y_train.npy"))))]: data("features.npy"),
  [relative(write("table.csv", ["a,b,c", ...rows.map((row) => row.join(","))].join("\n")))]:
    data("table.csv"),
  [relative(write("sparse.libsvm", rows.map(([x, y], i) => `${i % 2} 1:${x} 3:${y}`).join("\n")))]:
    data("sparse.libsvm"),
  [relative(write("prose.txt", "To be, or not to be, that is the question. ".repeat(30)))]: data("prose.txt"),
  [relative(write("images.gz", gzipSync(idxBytes([3, 4, 4], new Uint8Array(48)))))]: () =>
    readIdx(at("images.gz")),
  [relative(write("images-idx3-ubyte", idxBytes([3, 4, 4], new Uint8Array(48))))]: () =>
    readIdx(at("images-idx3-ubyte")),
  "cifar/data_batch_3.bin": () => readCifar10(at("cifar")),
  "order.bin": () => readOrder(at("order.bin")),
  [relative(write("grid.json", JSON.stringify(grid)))]: () => readGrid(at("grid.json")),
  [relative(write("summary.json", summaryJson(summary)))]: () => readSummary(at("summary.json")),
  [relative(
    write(
      "metrics.jsonl",
      [snapshot, snapshot, ...events].map((line) => `${JSON.stringify(line)}\n`).join(""),
    ),
  )]: () => readMetrics(at("metrics.jsonl")),
};

function relative(path: string): string {
  return path.slice(folder.length + 1);
}

const totals = { mutations: 0, refused: 0, read: 0 };
afterAll(() => keepFigures("corrupted files", { seed, perFile, files: Object.keys(subjects) }, totals));

describe("a file that was damaged", () => {
  it.each(Object.entries(subjects))(
    "%s is read as something, or refused in one sentence",
    async (name, read) => {
      const whole = readFileSync(at(name));
      const random = createRandom(seed);
      const limit = process.memoryUsage().rss + 2 ** 30;
      // Whole, it can be read; so what is refused below is refused for its damage.
      await read();
      for (let i = 0; i < perFile; i++) {
        const { bytes, way } = damaged(whole, random);
        writeFileSync(at(name), bytes);
        totals.mutations++;
        try {
          await read();
          totals.read++;
        } catch (error) {
          totals.refused++;
          const told = `${name} with ${way}, number ${i}: ${error}`;
          expect(error, `${told}\n${(error as Error).stack}`).toBeInstanceOf(YfError);
          expect((error as YfError).message, told).toMatch(/^Cannot [^\n]+: [^\n]+ \(got [^\n]*\)$/);
          expect((error as YfError).exitCode, told).toBe(2);
        }
      }
      writeFileSync(at(name), whole);
      // Sizes are checked before anything is allocated for them.
      expect(process.memoryUsage().rss).toBeLessThan(limit);
      expect(statSync(at(name)).size).toBe(whole.length);
      expect({} as Record<string, unknown>).not.toHaveProperty("polluted");
    },
  );
});

describe("a checkpoint that was damaged", () => {
  it("is refused in one sentence, whatever happened to it: no run resumes from another state than it was in", async () => {
    const file = at("000000000120.ckpt");
    const sections = new Map([
      ["parameters", new Uint8Array(Float32Array.from({ length: 400 }, (_, i) => i).buffer)],
      ["batchCounter", new Uint8Array(8).fill(3)],
      ["slots.0", new Uint8Array(72).fill(1)],
    ]);
    const facts = {
      writtenAt: "2026-01-01T00:00:00.000Z",
      commandLine: null,
      supervisedAs: null,
      progress: { updates: 120, seconds: 3 },
    };
    await writeCheckpoint(file, { facts, sections });
    const whole = readFileSync(file);
    expect(readCheckpoint(file).facts).toEqual(facts);
    const random = createRandom(seed);
    const most = 4 * perFile;
    for (let i = 0; i < most; i++) {
      const { bytes, way } = damaged(whole, random);
      writeFileSync(file, bytes);
      totals.mutations++;
      expect(() => readCheckpoint(file), `${way}, number ${i}`).toThrow(
        expect.objectContaining({
          code: "BAD_CHECKPOINT",
          message: expect.stringMatching(/^Cannot use the checkpoint [^\n]+: [^\n]+ \(got [^\n]*\)$/),
        }),
      );
      totals.refused++;
    }
    rmSync(file);
  });
});
