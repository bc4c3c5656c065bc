/** Each piece of advice, provoked. */
import { availableParallelism } from "node:os";
import { describe, expect, it } from "vitest";
import { advise } from "../../src/report/advice.ts";
import { createRunMemory } from "../../src/run/create-run-memory.ts";
import { Monitor } from "../../src/run/monitor.ts";
import { type TrainOptions, train } from "../../src/train.ts";
import { createController } from "../../src/tuner/create-controller.ts";
import { SharedTuner } from "../../src/worker/shared-tuner.ts";
import { summary } from "../report/samples.ts";
import { blobSplit, blobs } from "./tiny.ts";

const base = {
  model: "logistic",
  data: blobSplit,
  workers: 2,
  batchSize: 16,
  maxUpdates: 200,
} as const satisfies TrainOptions;

async function adviceFor(options: Omit<TrainOptions<"logistic">, "model">) {
  return (await train({ ...base, ...options })).summary.advice.join("\n");
}

/** A run with nothing to advise about. */
const calm = {
  summary: { ...summary, workers: 2, updates: 1000, phaseSeconds: { gradient: 9, apply: 1 } },
  workerUpdates: [510, 490],
  workerStaleness: [1, 1],
  cores: 2,
};

describe("advice", () => {
  it("has nothing to say about a run that does well, or that is short", () => {
    expect(advise(calm)).toEqual([]);
    const short = { ...calm.summary, updates: 99, missedObservations: 50 };
    expect(advise({ ...calm, summary: short })).toEqual([]);
  });

  it("is two sentences at most, however much is wrong", () => {
    const bad = { ...calm.summary, workers: 16, missedObservations: 500, droppedGradients: 900 };
    expect(advise({ ...calm, summary: bad, workerUpdates: [900, 100] })).toHaveLength(2);
  });

  it("names more workers than cores", async () => {
    const cores = availableParallelism();
    const workers = cores + 2;
    const { summary } = await train({ ...base, workers, maxUpdates: 400 });
    expect(summary.workers).toBe(workers);
    // With each at work as much as the others: how threads share cores is for the system to say.
    const perWorker = (value: number) => Array.from({ length: workers }, () => value);
    const even = { workerUpdates: perWorker(100), workerStaleness: perWorker(3) };
    const advice = advise({ ...calm, ...even, cores, summary: { ...summary, missedObservations: 0 } });
    expect(advice.join("\n")).toContain(`${workers} workers shared ${cores} core`);
  });

  it("names the one worker whose gradients come late", async () => {
    // In 20 ms the other worker makes far more than three updates of so small a model.
    const advice = await adviceFor({ delay: [{ rank: 1, ms: 20, law: "constant" }] });
    expect(advice).toMatch(
      /^Worker 1 made \d+ updates?(, each about \d+ updates old)?, where the others made \d+/,
    );
  });

  it("says that minibatches came again and again", async () => {
    // Each gradient takes as long as the others' together: of four in flight at most one is not stale.
    const delay = [0, 1, 2, 3].map((rank) => ({ rank, ms: 2, law: "exponential" as const }));
    expect(await adviceFor({ workers: 4, delay, maxStaleness: 0, maxUpdates: 100 })).toMatch(
      /\d+% of the gradients were too stale and computed anew/,
    );
  });

  it("says that workers compute gradients of the same examples", async () => {
    const advice = await adviceFor({ data: { train: blobs(30, 1) }, maxUpdates: 120 });
    expect(advice).toContain("2 minibatches of 16 are more than the 30 examples");
    expect(advice).toContain("--batch-size 15");
  });

  it("says that a minibatch is too small for what it costs to copy", async () => {
    // Each of 100,480 weights of the first layer is copied, observed, applied and averaged for one example.
    const { summary } = await train({
      model: "mlp",
      batchSize: 1,
      workers: 1,
      maxUpdates: 300,
      maxSeconds: 5,
    });
    expect(summary.advice.join("\n")).toMatch(/^Only \d+\.\d\d% of the workers' time went into gradients/);
    expect(summary.advice.join("\n")).toContain("--batch-size 2 ");
  });

  it("says that the tuner missed gradients", () => {
    const controller = { optimizer: "sgd", loop: "open", backOff: false, learningRateFactor: 1 } as const;
    const memory = createRunMemory({
      parameters: new Float32Array(4),
      modelState: new Float32Array(0),
      workers: 2,
      controller,
      stalenessPolicy: "none",
      momentumEstimator: "median",
      averaging: false,
      scheduleLength: null,
      totalUpdates: null,
      record: false,
      largestBatch: 1,
      features: [{ data: new Float32Array(4), shape: [4], dtype: "float32", scale: 1, offset: 0 }],
      seed: 1,
    });
    const tuner = new SharedTuner(memory, 0, createController(controller));
    const observation = {
      squaredNorm: 1,
      meanSquaredNorm: 1,
      loss: 1,
      staleness: 0,
      totalMomentum: Number.NaN,
    };
    // Worker 1 does not get on with the tuner, so that the 64 places of worker 0's queue fill up.
    expect(memory.tunerLock.tryAcquire(1)).toBe(true);
    for (let i = 0; i < 200; i++) tuner.post(observation);
    const { missedObservations } = new Monitor(memory, 0).read();
    expect(missedObservations).toBe(200 - 64);
    const starved = { ...calm.summary, updates: 200, missedObservations };
    expect(advise({ ...calm, summary: starved })).toEqual([
      "The tuner saw only 32.00% of the gradients, as it could not keep up: fewer workers or larger minibatches give it time.",
    ]);
  });
});
