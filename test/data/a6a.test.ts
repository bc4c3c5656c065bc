import { createHash } from "node:crypto";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findA6aInCheckout, readA6a } from "../../src/data/a6a.ts";
import type { DataSplit, Dataset } from "../../src/data/dataset.ts";
import { loadDataset } from "../../src/data/load-dataset.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "a6a-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

function count(array: ArrayLike<number>, value: number): number {
  return Array.from(array).filter((item) => item === value).length;
}

/** Digests of all columns: comparing millions of numbers one by one takes half a minute. */
function digests({ test, train }: DataSplit): string[] {
  return [train, test as Dataset].flatMap(({ features, labels }) =>
    [...features, ...labels].map(({ data }) => createHash("sha256").update(data).digest("hex")),
  );
}

describe("loadDataset()", () => {
  it("loads a6a from the checkout: 11220 and 21341 people, counted in the files with awk", async () => {
    const { classes, name, test, train } = await loadDataset("a6a");
    expect([name, classes, train.length, test?.length]).toEqual(["a6a", 2, 11_220, 21_341]);
    expect(count(train.labels[0].data, 1)).toBe(2692);
    expect(count((test as Dataset).labels[0].data, 1)).toBe(5149);
    expect(train.features[0].shape).toEqual([123]);
    // The first line is -1 3:1 11:1 14:1 19:1 39:1 42:1 55:1 64:1 67:1 73:1 75:1 76:1 80:1 83:1.
    const first = Array.from(train.features[0].data.subarray(0, 123)).flatMap((x, i) =>
      x === 1 ? [i + 1] : [],
    );
    expect(first).toEqual([3, 11, 14, 19, 39, 42, 55, 64, 67, 73, 75, 76, 80, 83]);
    expect(train.labels[0].data[0]).toBe(0);
    for (const {
      features: [features],
    } of [train, test as Dataset]) {
      expect(count(features.data, 0) + count(features.data, 1)).toBe(features.data.length);
    }
  });

  it("loads a6a from a folder, and names the file that is missing there", async () => {
    cpSync(findA6aInCheckout() as string, folder, { recursive: true });
    expect(digests(await loadDataset("a6a", { dataDir: folder }))).toEqual(digests(await loadDataset("a6a")));
    rmSync(join(folder, "a6a.t.gz"));
    await expect(readA6a(folder)).rejects.toThrow(join(folder, "a6a.t"));
  });
});
