/** Each piece of advice, from the numbers that call for it. */
import * as tf from "@tensorflow/tfjs-layers";
import { describe, expect, it } from "vitest";
import { resolveOptions } from "../../src/options/resolve-options.ts";
import { advise } from "../../src/report/advice.ts";
import { createRunMemory } from "../../src/run/create-run-memory.ts";
import { Monitor } from "../../src/run/monitor.ts";
import { train } from "../../src/train.ts";
import { runController } from "../../src/tuner/run-controller.ts";
import { SharedTuner } from "../../src/worker/shared-tuner.ts";
import { summary } from "../report/samples.ts";
import { blobSplit, blobs } from "./tiny.ts";

/** A run with nothing to advise about. */
const calm = {
  summary: { ...summary, workers: 2, updates: 1000, phaseSeconds: { gradient: 9, apply: 1 } },
  firstLoss: null,
  constantLoss: null,
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

  it.each([
    ["test", { testLoss: Number.POSITIVE_INFINITY }],
    ["test", { testLoss: Number.NaN }],
    ["training", { trainLoss: Number.POSITIVE_INFINITY }],
  ])("says first, of any run, that its %s loss is not finite, and what helps", (which, losses) => {
    const [advice, ...others] = advise({ ...calm, summary: { ...calm.summary, ...losses, updates: 3 } });
    expect(advice).toMatch(new RegExp(`^The ${which} loss .*not finite.*features.*--learning-rate`));
    expect(others).toEqual([]);
    // Nothing was measured.
    expect(advise({ ...calm, summary: { ...calm.summary, testLoss: null, trainLoss: Number.NaN } })).toEqual(
      [],
    );
  });

  it("says that a model is worse than an untrained one", () => {
    const of = (trainLoss: number) =>
      advise({ ...calm, firstLoss: 2, summary: { ...calm.summary, trainLoss, updates: 3 } });
    expect(of(200)).toEqual([]);
    expect(of(201)).toEqual([
      expect.stringMatching(/^The training loss rose from 2.* to 201.*--learning-rate/),
    ]);
  });

  it("says that a model ignores its features where its loss is that of one answer to all examples", () => {
    const of = (losses: Partial<typeof summary>) =>
      advise({ ...calm, constantLoss: 2, summary: { ...calm.summary, ...losses } });
    expect(of({ testLoss: 1.97, trainLoss: 3 })).toEqual([]);
    expect(of({ testLoss: 1.99, trainLoss: 1 })).toEqual([
      expect.stringMatching(/1.99.* 2:.*ignores its features/),
    ]);
    expect(of({ testLoss: null, trainLoss: 2.1 })).toHaveLength(1);
    expect(of({ testLoss: 2, epochs: 0.5 })).toEqual([]);
  });

  it("finds that of a network whose units are dead", async () => {
    const dead = { activation: "relu", biasInitializer: tf.initializers.constant({ value: -1000 }) } as const;
    const model = tf.sequential({
      layers: [tf.layers.dense({ units: 8, inputShape: [6], ...dead }), tf.layers.dense({ units: 4 })],
    });
    const run = { data: blobSplit, workers: 1, maxUpdates: 200, seed: 1 };
    const { summary: found } = await train({ ...run, model });
    // ln 4 is the entropy of four classes that are equally frequent, which these are but for chance.
    expect(found.testLoss).toBeGreaterThan(1.37);
    expect(found.advice[0]).toMatch(/ignores its features/);
    const alive = await train({ ...run, model: "logistic" });
    expect(alive.summary.advice.join()).not.toMatch(/ignores its features/);
  });

  it("is two sentences at most, however much is wrong", () => {
    const bad = { ...calm.summary, workers: 16, missedObservations: 500, droppedGradients: 900 };
    expect(advise({ ...calm, summary: bad, workerUpdates: [900, 100] })).toHaveLength(2);
  });

  it("names more workers than cores", () => {
    const staleness = { ...calm.summary.staleness, mean: 3.4 };
    const crowded = { ...calm.summary, workers: 4, staleness };
    const even = { workerUpdates: [100, 100, 100, 100], workerStaleness: [3, 3, 3, 3] };
    // With as many workers as cores, C, each gradient is about C − 1 updates old.
    expect(advise({ ...calm, ...even, summary: crowded })).toEqual([
      "4 workers shared 2 cores: --workers 2 makes about as many updates a second, and their staleness is about 1 instead of 3.4.",
    ]);
    expect(advise({ ...calm, ...even, summary: crowded, cores: 4 })).toEqual([]);
  });

  it("names the one worker whose gradients come late", () => {
    const facts = { workerUpdates: [950, 50], workerStaleness: [0.1, 19.2] };
    const [advice, ...others] = advise({ ...calm, ...facts });
    expect(advice).toMatch(
      /^Worker 1 made 50 updates, each about 19 updates old, where the others made 950:/,
    );
    // Twice the median staleness, 7.
    expect(advice).toContain("--max-staleness 14 ");
    expect(others).toEqual([]);
    // A third of what the others made is not late yet.
    expect(advise({ ...calm, workerUpdates: [300, 100] })).toEqual([]);
    const never = advise({ ...calm, workerUpdates: [1000, 0], workerStaleness: [0, Number.NaN] });
    expect(never[0]).toMatch(/^Worker 1 made 0 updates, where the others made 1,000:/);
  });

  it("says that minibatches came again and again", () => {
    // 500 of 1500 gradients; 428 of 1428 are less than 30 %.
    const stuck = { ...calm.summary, droppedGradients: 500 };
    expect(advise({ ...calm, summary: stuck })).toEqual([
      expect.stringMatching(/^33.33% of the gradients were too stale and computed anew/),
    ]);
    expect(advise({ ...calm, summary: { ...stuck, droppedGradients: 428 } })).toEqual([]);
  });

  it("says that a minibatch is too small for what it costs to copy", () => {
    const summary = { ...calm.summary, batchSize: 1, phaseSeconds: { gradient: 1, apply: 2, observe: 1 } };
    expect(advise({ ...calm, summary })).toEqual([
      "Only 25.00% of the workers' time went into gradients, the rest into copying and tuning: --batch-size 2 gets more out of each update.",
    ]);
  });

  it("is part of a run's summary: workers compute gradients of the same examples", async () => {
    const { summary } = await train({
      model: "logistic",
      data: { train: blobs(30, 1) },
      workers: 2,
      batchSize: 16,
      maxUpdates: 120,
    });
    const advice = summary.advice.join("\n");
    expect(advice).toContain("2 minibatches of 16 are more than the 30 examples");
    expect(advice).toContain("--batch-size 15");
  });

  it("says that the tuner missed gradients", () => {
    const { spec } = resolveOptions(
      { optimizer: "sgd", averaging: false, workers: 2, maxSeconds: 1 },
      "library",
    );
    const facts = { trainingExamples: 1, parameterCount: 1, initialNorm: 0 };
    const memory = createRunMemory({
      spec,
      parameters: new Float32Array(4),
      modelState: new Float32Array(0),
      dataset: {
        features: [{ data: new Float32Array(4), shape: [4], dtype: "float32", scale: 1, offset: 0 }],
        length: facts.trainingExamples,
      },
      largestBatch: 1,
      initialNorm: facts.initialNorm,
    });
    const tuner = new SharedTuner(memory, 0, runController(spec, facts));
    const observation = {
      squaredNorm: 1,
      meanSquaredNorm: 1,
      loss: 1,
      staleness: 0,
      totalMomentum: Number.NaN,
      squaredDistance: 0,
      alignment: 0,
      squaredDirection: 0,
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
