import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Column, Dataset } from "../../src/data/dataset.ts";
import { fillMinibatch } from "../../src/data/minibatch.ts";
import { examplePosition } from "../../src/data/permutation.ts";
import { wasmKernels } from "../../src/kernels/kernels.ts";
import { plainKernels } from "../../src/kernels/plain.ts";

/** Example i has the bytes 3i, 3i + 1, 3i + 2 (modulo 256) and the label i. */
function bytesDataset(length: number): Dataset {
  const features = new Uint8Array(new SharedArrayBuffer(3 * length)).map((_, i) => i);
  const labels = new Int32Array(new SharedArrayBuffer(4 * length)).map((_, i) => i);
  return {
    features: [{ data: features, shape: [3], dtype: "float32", scale: 0.5, offset: -1 }],
    labels: [{ data: labels, shape: [], dtype: "int32", scale: 1, offset: 0 }],
    length,
  };
}

function minibatch(dataset: Dataset, firstPosition: number, size: number, seed = 1) {
  const rows = ({ data, dtype }: Column) => {
    const length = (size * data.length) / dataset.length;
    return dtype === "int32" ? new Int32Array(length) : new Float32Array(length);
  };
  const features = dataset.features.map(rows);
  const labels = dataset.labels.map(rows);
  // Longer than needed, and full of what must not show.
  const bytes = new Uint8Array(Math.max(...features.map(({ length }) => length)) + 5).fill(99);
  fillMinibatch(dataset, firstPosition, size, seed, plainKernels(), bytes, features, labels);
  return { features: features.flatMap((one) => [...one]), labels: labels.flatMap((one) => [...one]) };
}

describe("fillMinibatch()", () => {
  it("copies the rows that the order names and scales stored bytes", () => {
    const { features, labels } = minibatch(bytesDataset(50), 10, 4);
    const expected = [10, 11, 12, 13].map((place) => examplePosition(1, 0, place, 50));
    expect(labels).toEqual(expected);
    // 0.5·byte − 1 is exact in float32.
    expect(features).toEqual(expected.flatMap((i) => [0, 1, 2].map((k) => 0.5 * ((3 * i + k) % 256) - 1)));
  });

  it("gives the same bits with SIMD kernels inside shared memory", () => {
    const dataset = bytesDataset(50);
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
    const bytes = new Uint8Array(memory.buffer, 0, 21);
    const features = new Float32Array(memory.buffer, 1024, 21);
    const labels = new Int32Array(7);
    fillMinibatch(dataset, 3, 7, 1, wasmKernels(memory), bytes, [features], [labels]);
    expect({ features: Array.from(features), labels: Array.from(labels) }).toEqual(minibatch(dataset, 3, 7));
  });

  it("straddles epochs without losing an example, for any sizes", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 90 }),
        fc.nat(2 ** 31),
        (length, size, seed) => {
          const dataset = bytesDataset(length);
          const epochs = 3;
          const labels: number[] = [];
          for (let position = 0; position < epochs * length; position += size) {
            labels.push(...minibatch(dataset, position, size, seed).labels);
          }
          for (let epoch = 0; epoch < epochs; epoch++) {
            const seen = labels.slice(epoch * length, (epoch + 1) * length);
            expect(seen.toSorted((a, b) => a - b)).toEqual([...Array(length).keys()]);
          }
        },
      ),
      { numRuns: 100 },
    );
  });

  it("is a function of the position alone: two halves are the whole", () => {
    const dataset = bytesDataset(13);
    const whole = minibatch(dataset, 9, 8).labels;
    expect([...minibatch(dataset, 9, 3).labels, ...minibatch(dataset, 12, 5).labels]).toEqual(whole);
  });

  it("finds examples far into a run", () => {
    const far = 5 * 10 ** 12;
    // 5·10¹² = 7·714285714285 + 5
    expect(minibatch(bytesDataset(7), far, 1).labels).toEqual([examplePosition(1, 714_285_714_285, 5, 7)]);
  });

  it("copies columns of 32 bits as they are and scales them where the column says so", () => {
    const dataset: Dataset = {
      features: [{ data: Float32Array.of(1, 2, 3, 4), shape: [2], dtype: "float32", scale: 1, offset: 0 }],
      labels: [{ data: Float32Array.of(5, 7), shape: [], dtype: "float32", scale: 2, offset: 1 }],
      length: 2,
    };
    const first = examplePosition(1, 0, 0, 2);
    expect(minibatch(dataset, 0, 1)).toEqual({
      features: first === 0 ? [1, 2] : [3, 4],
      labels: [first === 0 ? 11 : 15],
    });
  });

  it("copies bytes into int32 minibatches unscaled", () => {
    const dataset = bytesDataset(1);
    const int32: Dataset = {
      ...dataset,
      features: [{ ...dataset.features[0], dtype: "int32", scale: 1, offset: 0 }],
    };
    expect(minibatch(int32, 0, 2).features).toEqual([0, 1, 2, 0, 1, 2]);
  });

  it("fills every column with the rows of the same examples", () => {
    const one = bytesDataset(50);
    const tens = { ...one.labels[0], data: Int32Array.from({ length: 50 }, (_, i) => 10 * i) };
    const several: Dataset = {
      features: [...one.features, { ...tens, name: "tens" }, { ...one.features[0], scale: 1, offset: 0 }],
      labels: [...one.labels, tens],
      length: 50,
    };
    const expected = [10, 11, 12].map((place) => examplePosition(1, 0, place, 50));
    const bytes = expected.flatMap((i) => [0, 1, 2].map((k) => (3 * i + k) % 256));
    const inTens = expected.map((i) => 10 * i);
    expect(minibatch(several, 10, 3)).toEqual({
      features: [...bytes.map((byte) => 0.5 * byte - 1), ...inTens, ...bytes],
      labels: [...expected, ...inTens],
    });
  });
});
