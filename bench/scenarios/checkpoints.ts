/**
 * What checkpoints cost: updates per second of a run that writes one every second against one that writes none, and the
 * milliseconds that a large model takes to be copied (for which workers are held), written, and read back.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readCheckpoint, writeCheckpoint } from "../../src/checkpoint/checkpoint-file.ts";
import { MemoryImage } from "../../src/shared/memory-image.ts";
import { hyperparametersLength, RunMemory } from "../../src/shared/run-memory.ts";
import { train } from "../../src/train.ts";
import { type Contender, runRounds } from "../harness/rounds.ts";
import type { FigureTable, ScenarioOptions, ScenarioResult } from "../harness/scenario.ts";
import { statisticsOf } from "../harness/statistics.ts";

const workers = 2;
/** Far more often than the minute of the default: what a minute costs would drown in the noise. */
const everySeconds = 1;
const largeModel = 10_000_000;

export async function checkpoints({ quick, seconds, cells }: ScenarioOptions): Promise<ScenarioResult> {
  const rounds = quick ? 1 : 8;
  const runSeconds = seconds ?? (quick ? 3 : 10);
  const folder = mkdtempSync(join(tmpdir(), "yf-async-checkpoints-"));
  try {
    const title = `LeNet, batch 64, ${workers} workers`;
    cells.plan(2);
    const comparison = await cells.get(title, { rounds, runSeconds, everySeconds }, () => {
      const options = { title, unit: "updates/s", better: "higher", rounds } as const;
      return runRounds(contenders(folder, runSeconds), options);
    });
    const large = await cells.get("large model", { rounds, largeModel }, () => measureLarge(folder, rounds));
    return {
      parameters: { rounds, runSeconds, everySeconds, largeModel },
      checks: [{ claim: "a large model is read back as it was written", error: 0, tolerance: 0 }],
      comparisons: [comparison],
      skipped: [],
      peerVersions: {},
      tables: [largeTable(large)],
      details: large,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function contenders(folder: string, maxSeconds: number): Contender[] {
  let runs = 0;
  const speed = async (checkpointEverySeconds: number | null) => {
    const checkpointDir = checkpointEverySeconds === null ? {} : { checkpointDir: join(folder, `${runs++}`) };
    const { summary } = await train({
      workers,
      maxSeconds,
      // The first evaluation is due after the end.
      evalEverySeconds: 10 * maxSeconds,
      checkpointEverySeconds: checkpointEverySeconds ?? maxSeconds,
      ...checkpointDir,
    });
    return summary.updates / summary.trainingSeconds;
  };
  return [
    { name: `a checkpoint every ${everySeconds} s`, measure: () => speed(everySeconds) },
    { name: "no checkpoints", measure: () => speed(null) },
  ];
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
    tunerStateLength: 100,
    batchElements: 0,
    batchBytes: 0,
    ordered: 0,
    scheduleLength: 0,
    curveLength: 0,
    orderLength: 0,
  });
  memory.hyperparameters.publish(new Float64Array(hyperparametersLength));
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
