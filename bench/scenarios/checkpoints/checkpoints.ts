/**
 * How long checkpoints take: milliseconds that a large model takes to be copied (for which workers are held), written, and
 * read back; and the seconds until the first update of a run that resumes from one, against a new run.
 *
 * What checkpoints cost a run while it trains is measured by the scenario `watching`.
 */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { readCheckpoint, writeCheckpoint } from "../../../src/checkpoint/checkpoint-file.ts";
import { MemoryImage } from "../../../src/shared/memory-image.ts";
import { RunMemory } from "../../../src/shared/run-memory.ts";
import { root } from "../../harness/places.ts";
import { type Comparison, runRounds } from "../../harness/rounds.ts";
import type { FigureTable, ScenarioOptions, ScenarioResult } from "../../harness/scenario.ts";
import { medianInterval, statisticsOf } from "../../harness/statistics.ts";

const workers = 2;
const largeModel = 10_000_000;
/** Behind the checkpoint that a run resumes from. */
const updatesBefore = 4;
const child = fileURLToPath(new URL("dist/bench/scenarios/checkpoints/child.js", root));
const resumedNets = [
  { net: "lenet", title: "LeNet, 22 thousand parameters" },
  { net: "large", title: "MLP 784-2800-2800-10, 10 million parameters" },
];

export async function checkpoints({ quick, cells }: ScenarioOptions): Promise<ScenarioResult> {
  const rounds = quick ? 1 : 6;
  const folder = mkdtempSync(join(tmpdir(), "yf-async-checkpoints-"));
  try {
    cells.plan(1 + resumedNets.length);
    const large = await cells.get("large model", { rounds, largeModel }, () => measureLarge(folder, rounds));
    const resumed: Comparison[] = [];
    for (const { net, title } of resumedNets) {
      const measure = () => firstUpdates(net, title, join(folder, net), rounds);
      resumed.push(await cells.get(title, { net, rounds, updatesBefore }, measure));
    }
    return {
      parameters: { rounds, largeModel, workers, updatesBefore },
      checks: [
        { claim: "a large model is read back as it was written", error: 0, tolerance: 0 },
        { claim: "a resumed run makes the updates that were left", error: 0, tolerance: 0 },
      ],
      comparisons: resumed,
      skipped: [],
      peerVersions: {},
      tables: [largeTable(large), resumeTable(resumed)],
      details: large,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Seconds from the start of a process to its first update, of a resumed run and of a new one. */
async function firstUpdates(net: string, title: string, folder: string, rounds: number): Promise<Comparison> {
  await trainInChild(net, updatesBefore, "fresh", folder);
  const contenders = [
    { name: "resumed", measure: () => trainInChild(net, 2 * updatesBefore, "resumed", folder) },
    { name: "new", measure: () => trainInChild(net, updatesBefore, "alone", folder) },
  ];
  return runRounds(contenders, { title, unit: "s to the first update", better: "lower", rounds });
}

async function trainInChild(net: string, updates: number, way: string, folder: string): Promise<number> {
  const args = [child, net, `${updates}`, way, folder];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: fileURLToPath(root) });
  const made = JSON.parse(stdout) as { startupSeconds: number; updates: number };
  if (made.updates !== updates) throw new Error(`${made.updates} updates were made, not ${updates}`);
  return made.startupSeconds;
}

/** Milliseconds of each round. */
interface LargeModel {
  readonly copied: number[];
  readonly written: number[];
  readonly readBack: number[];
}

async function measureLarge(folder: string, rounds: number): Promise<LargeModel> {
  const memory = RunMemory.create({
    parameterCount: largeModel,
    workers,
    stateCount: 0,
    vectors: 1,
    averages: 1,
    resultVector: 0,
    sampleCount: 256,
    estimatorLength: 0,
    iterateSlots: 1024,
    ringSlots: 64,
    observationLength: 7,
    decisionLength: 8,
    tunerStateLength: 100,
    batchElements: 0,
    batchBytes: 0,
    ordered: 0,
    scheduleLength: 0,
    curveLength: 0,
    orderLength: 0,
  });
  memory.hyperparameters.publish(new Float64Array(memory.shape.decisionLength));
  for (const vector of [memory.parameters, ...memory.vectors, memory.average, memory.gradientMean]) {
    for (let i = 0; i < vector.length; i++) vector[i] = Math.sin(i);
  }
  const image = MemoryImage.of(memory);
  const file = join(folder, "large.ckpt");
  const times: LargeModel = { copied: [], written: [], readBack: [] };
  for (let round = -1; round < rounds; round++) {
    const copied = await milliseconds(() => image.take(memory));
    const written = await milliseconds(() => writeCheckpoint(file, { facts: {}, sections: image.sections }));
    const readBack = await milliseconds(() => {
      MemoryImage.from(readCheckpoint(file).sections).restore(memory);
    });
    const last = largeModel - 1;
    if (memory.average[last] !== Math.fround(Math.sin(last)))
      throw new Error("it was not read back as written");
    if (round < 0) continue;
    times.copied.push(copied);
    times.written.push(written);
    times.readBack.push(readBack);
  }
  return times;
}

async function milliseconds(act: () => unknown): Promise<number> {
  const from = performance.now();
  await act();
  return performance.now() - from;
}

function largeTable({ copied, readBack, written }: LargeModel): FigureTable {
  const row = (what: string, values: readonly number[]) => {
    const { max, median, min } = statisticsOf(values);
    return [what, median.toFixed(1), `${min.toFixed(1)} … ${max.toFixed(1)}`];
  };
  return {
    title: `Checkpoint of ${largeModel / 1e6} million parameters (160 MB): milliseconds`,
    columns: ["", "median", "min … max"],
    rows: [
      row("copied, while workers are held", copied),
      row("written and flushed to the disk", written),
      row("read, checked and put back", readBack),
    ],
  };
}

function resumeTable(comparisons: readonly Comparison[]): FigureTable {
  return {
    title: "Seconds by which the first update of a resumed run is later than that of a new one",
    columns: ["", "median", "95 %"],
    rows: comparisons.map(({ contenders: [resumed, fresh], title }) => {
      const later = resumed.rounds.map((seconds, round) => seconds - fresh.rounds[round]);
      const [low, high] = medianInterval(later);
      return [title, statisticsOf(later).median.toFixed(3), `${low.toFixed(3)} … ${high.toFixed(3)}`];
    }),
  };
}
