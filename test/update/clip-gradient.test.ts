import { describe, expect, it } from "vitest";
import { plainKernels } from "../../src/kernels/plain.ts";
import { tf } from "../../src/tfjs/tf.ts";
import { train } from "../../src/train.ts";
import { clipGradient } from "../../src/update/clip-gradient.ts";

const kernels = plainKernels();

describe("clipGradient()", () => {
  it("scales a longer gradient down to the norm and leaves a shorter one", () => {
    // |(3, 4)| = 5
    const long = Float32Array.of(3, 4);
    expect(clipGradient({ clipNorm: 1, clipValue: null }, kernels, long, 25)).toBeCloseTo(1, 6);
    expect(long).toEqual(Float32Array.of(0.6, 0.8));
    const short = Float32Array.of(0.3, 0.4);
    expect(clipGradient({ clipNorm: 1, clipValue: null }, kernels, short, 0.25)).toBe(0.25);
    expect(short).toEqual(Float32Array.of(0.3, 0.4));
  });

  it("limits every number and tells the norm of what is left", () => {
    const gradient = Float32Array.of(-3, 0.5, 4);
    expect(clipGradient({ clipNorm: null, clipValue: 2 }, kernels, gradient, 25.25)).toBe(8.25);
    expect(gradient).toEqual(Float32Array.of(-2, 0.5, 2));
  });
});

describe("train() with clipping", () => {
  // One step of rate 0.1 from w = 0 with the loss (x·w − y)², x = (3, 4), y = −1/2: g = 2·(0 + 1/2)·x = (3, 4).
  const afterOneStep = async (
    options: { clipNorm?: number; clipValue?: number },
    mode: "serial" | "sync",
  ) => {
    const w = tf.variable(tf.zeros([2, 1]));
    await train({
      model: (x) => tf.matMul(x as tf.Tensor2D, w as tf.Tensor2D),
      variables: [w],
      loss: "meanSquaredError",
      data: { train: { features: [[3, 4]], labels: [-0.5] } },
      engine: "reference",
      optimizer: "sgd",
      learningRate: 0.1,
      averaging: false,
      batchSize: 1,
      workers: 1,
      maxUpdates: 1,
      mode,
      ...options,
    });
    return Array.from(w.dataSync(), (value) => Number(value.toFixed(6)));
  };

  it.each(["serial", "sync"] as const)("applies the clipped gradient in mode %s", async (mode) => {
    expect(await afterOneStep({ clipNorm: 1 }, mode)).toEqual([-0.06, -0.08]);
    expect(await afterOneStep({ clipValue: 3.5 }, mode)).toEqual([-0.3, -0.35]);
    expect(await afterOneStep({}, mode)).toEqual([-0.3, -0.4]);
  });

  it("takes one of both", async () => {
    await expect(afterOneStep({ clipNorm: 1, clipValue: 1 }, "serial")).rejects.toThrow(/clipNorm/);
  });
});
