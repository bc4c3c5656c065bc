import { describe, expect, it } from "vitest";
import { YfError } from "../../src/errors.ts";
import { optimizers } from "../../src/optimizers/optimizers.ts";
import type { RunEvent } from "../../src/report/run-event.ts";
import { RunControl } from "../../src/run/run-control.ts";
import { layers, tf } from "../../src/tfjs/tf.ts";
import { readWeights } from "../../src/tfjs/weights.ts";
import { type TrainOptions, train } from "../../src/train.ts";
import { blobSplit, blobs } from "./tiny.ts";

const base = {
  model: "mlp",
  data: blobSplit,
  batchSize: 16,
  maxUpdates: 120,
} as const satisfies TrainOptions;

async function trainedWeights(options: TrainOptions<"mlp">): Promise<Float32Array> {
  const { model } = await train({ ...base, ...options });
  return readWeights(model).flat;
}

describe("train()", () => {
  it("takes options that were put together before, whatever their model", async () => {
    const options: TrainOptions = base;
    expect((await train(options)).summary.updates).toBe(120);
  });

  it.each([
    ...Object.keys(optimizers).map((optimizer) => ({ optimizer })),
    { optimizer: "yellowfin", loop: "feedback" },
    { optimizer: "yellowfin", loop: "none" },
    { optimizer: "adam", backOff: true },
    { optimizer: "yellowfin", momentumEstimator: "regression" },
    // So large a step that it turns back within the run.
    { optimizer: "auto", learningRateFactor: 100 },
  ] as Partial<TrainOptions>[])(
    "gives with one worker the bits of the serial algorithm: %o",
    async (options) => {
      const hogwild = await trainedWeights({
        ...options,
        workers: 1,
        mode: "hogwild",
      } as TrainOptions<"mlp">);
      const serial = await trainedWeights({
        ...options,
        workers: 1,
        mode: "serial",
      } as TrainOptions<"mlp">);
      const start = await trainedWeights({
        ...options,
        workers: 1,
        mode: "serial",
        maxUpdates: 1,
      } as TrainOptions<"mlp">);
      expect(hogwild).toEqual(serial);
      expect(serial).not.toEqual(start);
    },
  );

  it("repeats a serial run with dropout to the bit", async () => {
    const run = async () => {
      const { dense, dropout } = layers.layers;
      const model = layers.sequential({
        layers: [
          dense({
            units: 16,
            activation: "relu",
            inputShape: [6],
            kernelInitializer: layers.initializers.glorotNormal({ seed: 3 }),
          }),
          dropout({ rate: 0.5 }),
          dense({ units: 4, kernelInitializer: "zeros" }),
        ],
      });
      await train({ ...base, model, mode: "serial" });
      return readWeights(model).flat;
    };
    expect(await run()).toEqual(await run());
  });

  it("learns with several workers, and counts the updates of all together", async () => {
    const { summary, history } = await train({ ...base, workers: 4, epochs: 20 });
    expect(summary).toMatchObject({
      updates: 120,
      workers: 4,
      mode: "hogwild",
      engine: "ort",
      device: "cpu",
      optimizer: "auto",
      model: "mlp",
      data: null,
      loss: "sparseSoftmaxCrossEntropy",
      stopReason: "completed",
      epochs: (120 * 16) / 512,
      skippedGradients: 0,
    });
    expect(history.at(-1)?.testAccuracy).toBe(summary.testAccuracy);
    const longer = await train({ ...base, workers: 4, epochs: 20, maxUpdates: undefined });
    expect(longer.summary.updates).toBe((20 * 512) / 16);
    expect(longer.summary.testAccuracy).toBeGreaterThan(0.9);
  });

  it("trains the given LayersModel in place and gives it back", async () => {
    const model = layers.sequential({
      layers: [layers.layers.dense({ units: 4, inputShape: [6], kernelInitializer: "zeros" })],
    });
    const result = await train({ ...base, model, workers: 2, learningRateFactor: 2 });
    expect(result.model).toBe(model);
    expect(result.summary).toMatchObject({ model: null });
    const { features, labels } = blobs(100, 2);
    const logits = model.predict(tf.tensor2d(features, [100, 6])) as tf.Tensor;
    const answers = tf.argMax(logits, 1).dataSync();
    expect(answers.filter((answer, i) => answer === labels.values[i]).length).toBeGreaterThan(80);
  });

  it("evaluates a head without bias whose loss adds a constant vector, as logit adjustment does", async () => {
    const { dense } = layers.layers;
    const model = layers.sequential({
      layers: [dense({ units: 4, inputShape: [6], useBias: false, kernelInitializer: "zeros" })],
    });
    const logPriors = tf.tensor1d([-1, -2, -0.5, -3]);
    const loss = (labels: tf.Tensor, logits: tf.Tensor) =>
      tf.losses.softmaxCrossEntropy(tf.oneHot(labels, 4), tf.add(logits, logPriors)) as tf.Scalar;
    const { summary } = await train({ ...base, model, loss, mode: "serial" });
    const { features, labels } = blobSplit.test;
    const logits = model.predict(tf.tensor2d(features, [100, 6])) as tf.Tensor;
    const answers = tf.argMax(logits, 1).dataSync();
    const right = answers.filter((answer, i) => answer === labels.values[i]).length;
    // Accuracy is that of the logits themselves; the loss that of the adjusted ones.
    expect(summary.testAccuracy).toBeCloseTo(right / 100, 9);
    const expected = loss(tf.tensor1d(labels.values, "int32"), logits).dataSync()[0];
    expect(summary.testLoss).toBeCloseTo(expected, 4);
  });

  it("trains a function over variables with a loss of the user's", async () => {
    const slope = tf.variable(tf.scalar(0), true, "slope");
    const xs = Float32Array.from({ length: 256 }, (_, i) => (i % 16) / 8 - 1);
    const { model, summary } = await train({
      model: (x: tf.Tensor) => tf.mul(x, slope),
      variables: [slope],
      loss: (labels: tf.Tensor, predictions: tf.Tensor) =>
        tf.mean(tf.square(tf.sub(labels, predictions))) as tf.Scalar,
      data: { train: { features: xs, labels: { values: xs.map((x) => 3 * x), shape: [1] } } },
      optimizer: "sgd",
      learningRate: 0.1,
      batchSize: 16,
      maxUpdates: 400,
      workers: 2,
    });
    expect(model).toBeTypeOf("function");
    expect(slope.dataSync()[0]).toBeCloseTo(3, 2);
    expect(summary).toMatchObject({ testAccuracy: null, testLoss: null, loss: null });
  });

  it("tells what happens in order", async () => {
    const events: string[] = [];
    await train({
      ...base,
      workers: 2,
      maxUpdates: undefined,
      epochs: 3,
      callbacks: {
        onTrainBegin: () => events.push("begin"),
        onEpochEnd: (epoch) => events.push(`epoch ${epoch}`),
        onEvaluation: ({ testAccuracy }) => events.push(testAccuracy === null ? "nothing" : "evaluation"),
        onTrainEnd: ({ updates }) => events.push(`end ${updates}`),
      },
    });
    expect(events.filter((event) => event !== "evaluation")).toEqual([
      "begin",
      "epoch 0",
      "epoch 1",
      "epoch 2",
      "end 96",
    ]);
    // The last one may come before the last epoch is told of, if the end is noticed in between.
    expect(events.slice(1, -1)).toContain("evaluation");
  });

  it("ends early when it is aborted, with what was trained until then", async () => {
    const controller = new AbortController();
    const { summary } = await train({
      ...base,
      workers: 2,
      maxUpdates: undefined,
      epochs: 1e6,
      signal: controller.signal,
      callbacks: { onYield: ({ updates }) => updates > 50 && controller.abort() },
    });
    expect(summary.stopReason).toBe("aborted");
    expect(summary.updates).toBeGreaterThan(50);
    const before = await train({ ...base, signal: AbortSignal.abort() });
    expect(before.summary).toMatchObject({ stopReason: "aborted", updates: 0, updatesPerSecond: null });
  });

  it("waits while it is paused, and continues as if it had not been", async () => {
    const control = new RunControl();
    const seen: number[] = [];
    const paused: boolean[] = [];
    const { summary } = await train({
      ...base,
      model: "logistic",
      maxUpdates: 600,
      workers: 2,
      control,
      callbacks: {
        onYield({ updates }) {
          if (seen.length === 0) control.pause();
          seen.push(updates);
          if (seen.length === 10) control.resume();
        },
        onEvent: (event) => event.event === "pause" && paused.push(event.paused),
      },
      delay: [0, 1].map((rank) => ({ rank, ms: 1, law: "constant" })),
    });
    // The first look asks for the pause; what was under way then has long ended before the last of ten.
    expect(seen[9]).toBe(seen[8]);
    expect(seen[9]).toBeLessThan(600);
    expect(paused).toEqual([true, false]);
    expect(summary).toMatchObject({ updates: 600, stopReason: "completed" });
  });

  it("ends when it is aborted while it is paused", async () => {
    const control = new RunControl();
    control.pause();
    const user = new AbortController();
    const callbacks = { onEvent: ({ event }: RunEvent) => event === "pause" && user.abort() };
    const { summary } = await train({
      ...base,
      maxUpdates: 1e6,
      workers: 2,
      control,
      signal: user.signal,
      callbacks,
    });
    expect(summary.stopReason).toBe("aborted");
  });

  it("ends at the target accuracy and at the time limit", async () => {
    const endless = { ...base, maxUpdates: undefined, epochs: 1e6, workers: 2, evalEverySeconds: 0.1 };
    const target = await train({ ...endless, targetAccuracy: 0.9 });
    expect(target.summary.stopReason).toBe("target-accuracy");
    expect(target.summary.testAccuracy).toBeGreaterThan(0.8);
    const time = await train({ ...endless, maxSeconds: 0.3 });
    expect(time.summary.stopReason).toBe("time");
  });

  it("ends when evaluations get no better, and gives back the best weights", async () => {
    const callbacks = { onEvent: ({ event }: RunEvent) => kinds.push(event) };
    const kinds: string[] = [];
    // A learning rate so large that the loss only grows after the first evaluations.
    const { model, summary, history } = await train({
      ...base,
      model: "logistic",
      optimizer: "sgd",
      learningRate: 0.5,
      averaging: false,
      maxUpdates: undefined,
      epochs: 1e6,
      evalEverySeconds: 0.01,
      patience: 2,
      callbacks,
    });
    expect(summary.stopReason).toBe("patience");
    const best = Math.max(...history.map(({ testAccuracy }) => testAccuracy ?? 0));
    expect(summary.testAccuracy).toBe(best);
    expect(summary.keptUpdates).toBeLessThan(summary.updates);
    expect(kinds.at(-2)).toBe("best");
    const again = await train({ ...base, model, maxUpdates: 1, optimizer: "sgd", learningRate: 1e-30 });
    expect(again.summary.testAccuracy).toBe(best);
  });

  it.each([
    // The last of 96 updates: ½(1 + cos(π·95/96)); three steps of 32 updates; 32 updates are an epoch of 512 examples.
    ["cosine", {}, (1 + Math.cos((Math.PI * 95) / 96)) / 2],
    ["step", {}, 0.01],
    ["epoch-decay", { decay: 0.5, decayEvery: 0.5 }, 0.5 ** 5],
  ] as const)("lowers the learning rate by the schedule %s", async (schedule, steps, factor) => {
    const options = {
      optimizer: "sgd",
      learningRate: 0.1,
      mode: "serial",
      workers: 1,
      batchSize: 16,
    } as const;
    const { summary } = await train({
      ...base,
      ...options,
      model: "logistic",
      maxUpdates: 96,
      schedule,
      ...steps,
    });
    expect(summary.learningRate).toBeCloseTo(0.1 * factor, 12);
  });

  it("does not change the order of the examples with the number of workers", async () => {
    const shares = await Promise.all(
      [1, 3].map(async (workers) => (await train({ ...base, workers, maxUpdates: 32 })).summary),
    );
    for (const { epochs, updates } of shares) expect([updates, epochs]).toEqual([32, 1]);
  });

  it("leaves the weights as they were when the loss is not finite, and says so", async () => {
    const model = layers.sequential({ layers: [layers.layers.dense({ units: 4, inputShape: [6] })] });
    const before = readWeights(model).flat;
    const logOfNothing = (_labels: tf.Tensor, predictions: tf.Tensor) =>
      tf.log(tf.sub(-1, tf.mean(tf.square(predictions)))) as tf.Scalar;
    const run = train({ ...base, model, loss: logOfNothing, workers: 2 });
    await expect(run).rejects.toThrow(YfError);
    await expect(run).rejects.toMatchObject({ code: "NON_FINITE", exitCode: 1, details: { update: 0 } });
    await expect(run).rejects.toThrow(
      /^Cannot continue training: loss and gradient must be finite \(the last 20 minibatches of worker [01] at update 0 were not\) \(got "the loss is NaN"\)$/,
    );
    expect(readWeights(model).flat).toEqual(before);
  });
});
