/**
 * What calls of `fit()` and its like cost beside their gradients, and how soon a process that trains answers: to timers, to a
 * signal of the user's, and to Ctrl-C.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openEngine } from "../../src/engine/open-engine.ts";
import { fitDataset, fit as fitModel, release, trainOnBatch } from "../../src/index.ts";
import { resolveOptions } from "../../src/options/resolve-options.ts";
import { compilePrograms } from "../../src/task/compile-programs.ts";
import { prepareTask } from "../../src/task/prepare-task.ts";
import { layers, tf } from "../../src/tfjs/tf.ts";
import { root } from "../harness/places.ts";
import { relativeError } from "../harness/relative-error.ts";
import { type Contender, runRounds } from "../harness/rounds.ts";
import type { Check, FigureTable, ScenarioOptions, ScenarioResult } from "../harness/scenario.ts";

const batch = 32;
const width = 16;
const examples = 4000;
const workers = 2;
const tolerance = 1e-4;
const quiet = { verbose: 0 } as const;
const compiled = { ...quiet, optimizer: "compiled" } as const;
const command = fileURLToPath(new URL("dist/src/cli/main.js", root));

export async function fitCalls({ quick, cells }: ScenarioOptions): Promise<ScenarioResult> {
  const rounds = quick ? 2 : 6;
  cells.plan(4);
  const checks = [await checkSteps()];
  const comparisons = [
    await cells.get("trainOnBatch()", { rounds, batch, width }, () => oneBatch(rounds, quick ? 100 : 500)),
    await cells.get("fit() in a loop", { rounds, examples, workers }, () => tenEpochs(rounds)),
  ];
  const seconds = quick ? 3 : 10;
  const answers = await cells.get("an endless generator", { seconds, workers }, () => endless(seconds));
  const interrupt = await cells.get("Ctrl-C", { quick }, interrupted);
  return {
    parameters: { batch, width, examples, workers, rounds, seconds },
    checks,
    comparisons,
    skipped: [],
    peerVersions: { "@tensorflow/tfjs": tf.version_core },
    tables: [answerTable(answers, interrupt)],
    details: { answers, interrupt },
  };
}

/** Dense layers of 32. */
function net(): layers.LayersModel {
  const dense = (more: object) => layers.layers.dense({ units: 32, activation: "relu", ...more });
  const model = layers.sequential({
    layers: [dense({ inputShape: [width] }), dense({}), layers.layers.dense({ units: 1 })],
  });
  model.compile({ optimizer: tf.train.adam(0.001), loss: "meanSquaredError" });
  return model;
}

const drawn = (rows: number, seed: number) => ({
  xs: tf.randomNormal([rows, width], 0, 1, "float32", seed),
  ys: tf.randomNormal([rows, 1], 0, 1, "float32", seed + 1),
});

/** Twenty updates are those of TensorFlow.js. */
async function checkSteps(): Promise<Check> {
  const [ours, theirs] = [net(), net()];
  theirs.setWeights(ours.getWeights());
  for (let step = 0; step < 20; step++) {
    const { xs, ys } = drawn(batch, 2 * step);
    await trainOnBatch(ours, xs, ys, compiled);
    await theirs.trainOnBatch(xs, ys);
  }
  const [mine, its] = [ours, theirs].map((model) =>
    Float32Array.from(model.getWeights().flatMap((weight) => [...weight.dataSync()])),
  );
  await release(ours);
  const error = relativeError(mine, its);
  if (!(error <= tolerance)) throw new Error(`trainOnBatch() differs from TensorFlow.js by ${error}`);
  return { claim: "twenty updates of trainOnBatch() and of TensorFlow.js", error, tolerance };
}

async function oneBatch(rounds: number, calls: number) {
  const [ours, theirs] = [net(), net()];
  const { xs, ys } = drawn(batch, 1);
  const { spec } = resolveOptions({ loss: "meanSquaredError" }, "library");
  const task = await prepareTask({ model: theirs, data: { train: { features: xs, labels: ys } } }, spec);
  const [program] = compilePrograms(task, [batch], spec.target).train;
  const engine = await openEngine(program, { seed: 0, lowMemory: false });
  const contenders = (
    [
      ["trainOnBatch()", () => trainOnBatch(ours, xs, ys, compiled)],
      ["its gradient alone", () => engine.run()],
      ["TensorFlow.js", () => theirs.trainOnBatch(xs, ys)],
    ] as const
  ).map(
    ([name, call]): Contender => ({
      name,
      async measure() {
        const from = performance.now();
        for (let i = 0; i < calls; i++) await call();
        return (performance.now() - from) / calls;
      },
    }),
  );
  try {
    const title = `one minibatch of ${batch}, dense layers ${width}-32-32-1, adam`;
    return await runRounds(contenders, { title, unit: "ms", better: "lower", rounds });
  } finally {
    await engine.dispose();
    await release(ours);
  }
}

async function tenEpochs(rounds: number) {
  const { xs, ys } = drawn(examples, 1);
  const often = net();
  const once = net();
  const config = { ...quiet, workers };
  const timed = async (run: () => Promise<unknown>) => {
    const from = performance.now();
    await run();
    return (performance.now() - from) / 1000;
  };
  const contenders: Contender[] = [
    {
      name: "ten calls of one epoch",
      measure: () =>
        timed(async () => {
          for (let i = 0; i < 10; i++) await fitModel(often, xs, ys, config);
        }),
    },
    {
      name: "one call of ten",
      measure: () => timed(() => fitModel(once, xs, ys, { ...config, epochs: 10 })),
    },
  ];
  try {
    const title = `ten epochs of ${examples} examples, ${workers} workers`;
    return await runRounds(contenders, { title, unit: "s", better: "lower", rounds });
  } finally {
    await release(often);
    await release(once);
  }
}

interface Answers {
  /** How late timers of 100 ms were, in milliseconds, the latest one first. */
  readonly late: readonly number[];
  /** Minibatches that were read and not yet trained with, at most. */
  readonly ahead: number;
  /** From the user's signal to the end of the call. */
  readonly abortMs: number;
}

/** Trains on what a generator without an end draws on the same thread. */
async function endless(seconds: number): Promise<Answers> {
  const model = net();
  let read = 0;
  function* minibatches() {
    for (;;) {
      read++;
      yield drawn(batch, read);
    }
  }
  const late: number[] = [];
  let ahead = 0;
  let due = Number.POSITIVE_INFINITY;
  const timer = setInterval(() => {
    const now = performance.now();
    if (now >= due) late.push(now - due);
    due = now + 100;
  }, 100);
  const user = new AbortController();
  let asked = 0;
  const onRecord = ({ seconds: trained, updates }: { seconds: number; updates: number }) => {
    ahead = Math.max(ahead, read - updates);
    if (trained < seconds || asked > 0) return;
    asked = performance.now();
    user.abort();
  };
  try {
    await fitDataset(model, minibatches, {
      ...quiet,
      workers,
      batchesPerEpoch: 1e9,
      signal: user.signal,
      onRecord,
    });
    const abortMs = performance.now() - asked;
    return { late: late.toSorted((a, b) => b - a), ahead, abortMs };
  } finally {
    clearInterval(timer);
    await release(model);
  }
}

/** Milliseconds from SIGINT to the end of `yf-async train`, in the midst of a run. */
async function interrupted(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "yf-async-interrupt-"));
  try {
    const child = spawn(
      process.execPath,
      [command, "train", "--seconds", "600", "--out", join(folder, "run")],
      {
        stdio: ["ignore", "ignore", "pipe"],
      },
    );
    let text = "";
    for await (const chunk of child.stderr) {
      text += chunk;
      // Once it shows updates, it trains.
      if (/updates\/s/.test(text)) break;
    }
    child.stderr.resume();
    const from = performance.now();
    child.kill("SIGINT");
    await once(child, "exit");
    return performance.now() - from;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function answerTable({ abortMs, ahead, late }: Answers, interrupt: number): FigureTable {
  const ms = (value: number) => `${value.toFixed(0)} ms`;
  return {
    title: "While a process trains",
    columns: ["what", "measured", "wanted"],
    rows: [
      ["a timer of 100 ms is late by at most", ms(late[0] ?? Number.NaN), "100 ms"],
      ["the same, nine of ten timers", ms(late[Math.floor(late.length / 10)] ?? Number.NaN), "100 ms"],
      ["minibatches of an endless generator read ahead, at most", `${ahead}`, "2048"],
      ["an AbortSignal ends fitDataset() after", ms(abortMs), "200 ms"],
      ["Ctrl-C ends yf-async train after", ms(interrupt), "2000 ms"],
    ],
  };
}
