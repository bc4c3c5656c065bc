import { describe, expect, test } from "vitest";
import { augmentImages } from "../../src/data/augment.ts";
import type { Dataset } from "../../src/data/dataset.ts";
import { fillMinibatch } from "../../src/data/minibatch.ts";
import { plainKernels } from "../../src/kernels/plain.ts";
import { resolveOptions } from "../../src/options/resolve-options.ts";
import { prepareTask } from "../../src/task/prepare-task.ts";
import { readWeights } from "../../src/tfjs/weights.ts";
import { train } from "../../src/train.ts";
import { blobSplit } from "../train/tiny.ts";

const shape = [6, 5, 2];
const size = 60;
/** Pixel i of the image has the channels 2i + 1 and 2i + 2: no zeros. */
const image = Uint8Array.from({ length: size }, (_, i) => i + 1);

/** `count` copies of the image, changed. */
function augmented(count: number, kinds: readonly ("crop" | "flip")[], position = 0, seed = 1): number[][] {
  const batch = new Uint8Array(count * size);
  for (let i = 0; i < count; i++) batch.set(image, i * size);
  augmentImages(batch, shape, kinds, position, seed);
  return Array.from({ length: count }, (_, i) => [...batch.subarray(i * size, (i + 1) * size)]);
}

/** The image shifted as the definition says: pixel by pixel out of zeros. */
function shifted(down: number, right: number): number[] {
  const pixels: number[] = [];
  for (let y = 0; y < 6; y++) {
    for (let x = 0; x < 5; x++) {
      const inside = y + down >= 0 && y + down < 6 && x + right >= 0 && x + right < 5;
      for (const c of [0, 1]) pixels.push(inside ? image[((y + down) * 5 + x + right) * 2 + c] : 0);
    }
  }
  return pixels;
}

const mirrored = Array.from({ length: size }, (_, i) => {
  const [row, rest] = [Math.floor(i / 10), i % 10];
  return image[row * 10 + (4 - Math.floor(rest / 2)) * 2 + (rest % 2)];
});

describe("augmentImages()", () => {
  test("flips about half of the images and leaves the others alone", () => {
    const images = augmented(400, ["flip"]).map(String);
    const flipped = images.filter((pixels) => pixels === String(mirrored)).length;
    expect(images.filter((pixels) => pixels === String([...image])).length).toBe(400 - flipped);
    // 200 ± four standard deviations of 10.
    expect(Math.abs(flipped - 200)).toBeLessThan(40);
  });

  test("crops at each of the 81 places, about equally often", () => {
    const counts = new Map<string, number>();
    for (const pixels of augmented(8100, ["crop"]))
      counts.set(String(pixels), (counts.get(String(pixels)) ?? 0) + 1);
    const places = Array.from({ length: 81 }, (_, i) => String(shifted(Math.floor(i / 9) - 4, (i % 9) - 4)));
    expect(new Set(counts.keys())).toEqual(new Set(places));
    // Each 100 times, ± five standard deviations of 10; those that leave only zeros may coincide, hence from below.
    for (const place of places) expect(counts.get(place)).toBeGreaterThan(50);
  });

  test("does with an example what its place in the run says, in whatever minibatch", () => {
    const all = augmented(10, ["crop", "flip"], 2 ** 33);
    expect([
      ...augmented(4, ["crop", "flip"], 2 ** 33),
      ...augmented(6, ["crop", "flip"], 2 ** 33 + 4),
    ]).toEqual(all);
    expect(augmented(10, ["crop", "flip"], 0)).not.toEqual(all);
    expect(augmented(10, ["crop", "flip"], 2 ** 33, 2)).not.toEqual(all);
  });
});

describe("a minibatch of images", () => {
  test("is augmented before it is scaled: zeros around it are black, not the mean", () => {
    const columns = (data: Uint8Array | Float32Array): Dataset => ({
      features: [{ data, shape, dtype: "float32", scale: 2, offset: 5 }],
      labels: [{ data: new Int32Array(8), shape: [], dtype: "int32", scale: 1, offset: 0 }],
      length: 8,
    });
    const filled = (dataset: Dataset) => {
      const features = new Float32Array(8 * size);
      const [bytes, labels] = [new Uint8Array(8 * size), new Int32Array(8)];
      fillMinibatch(dataset, 0, 8, 1, plainKernels(), bytes, [features], [labels], ["crop"]);
      return [...features];
    };
    const data = Uint8Array.from({ length: 8 * size }, (_, i) => (i % size) + 1);
    const expected = augmented(8, ["crop"])
      .flat()
      .map((value) => 2 * value + 5);
    expect(filled(columns(data))).toEqual(expected);
    expect(filled(columns(Float32Array.from(data)))).toEqual(expected);
  });
});

describe("a run with augmentation", () => {
  const features = Float32Array.from({ length: 64 * 64 }, (_, i) => Math.sin(i * i));
  const labels = Uint8Array.from({ length: 64 }, (_, i) => i % 2);
  const data = { train: { features: { values: features, shape: [8, 8, 1] }, labels } };
  const weights = async (options: object) => {
    const { model } = await train({ model: "logistic", data, batchSize: 8, maxUpdates: 24, ...options });
    return readWeights(model).flat;
  };

  test("has the same bits in mode round-robin on one thread and on two, and others without", async () => {
    const one = await weights({
      mode: "round-robin",
      simulateWorkers: 3,
      workers: 1,
      augment: ["crop", "flip"],
    });
    const two = await weights({
      mode: "round-robin",
      simulateWorkers: 3,
      workers: 2,
      augment: ["crop", "flip"],
    });
    const plain = await weights({ mode: "round-robin", simulateWorkers: 3, workers: 2 });
    expect(two).toEqual(one);
    expect(plain).not.toEqual(one);
  });

  test("refuses what is no image", async () => {
    const { spec } = resolveOptions({ augment: ["flip"] }, "library");
    await expect(prepareTask({ data: blobSplit }, spec)).rejects.toThrow(
      'Cannot augment the data: features must be float32 images [H, W, C] (got "float32 [6]")',
    );
  });
});
