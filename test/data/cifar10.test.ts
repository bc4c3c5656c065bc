import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { loadDataset } from "../../src/data/load-dataset.ts";

const folder = mkdtempSync(join(tmpdir(), "yf-async-cifar10-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A record whose pixel p has the channels (p, p + 1, p + 2), modulo 256. */
function record(label: number): number[] {
  const plane = (channel: number) => Array.from({ length: 1024 }, (_, p) => (p + channel) % 256);
  return [label, ...plane(0), ...plane(1), ...plane(2)];
}

function writeSet(name: string, inner = ""): string {
  const place = join(folder, name, inner);
  mkdirSync(place, { recursive: true });
  for (let part = 1; part <= 5; part++) {
    writeFileSync(join(place, `data_batch_${part}.bin`), Uint8Array.from([...record(part), ...record(9)]));
  }
  writeFileSync(join(place, "test_batch.bin"), Uint8Array.from(record(0)));
  return join(folder, name);
}

describe("cifar10", () => {
  test.each(["", "cifar-10-batches-bin"])("is read from the six files in a folder %s", async (inner) => {
    const {
      classes,
      test: tested,
      train,
    } = await loadDataset("cifar10", { dataDir: writeSet("whole", inner) });
    expect([classes, train.length, tested?.length]).toEqual([10, 10, 1]);
    expect([...train.labels[0].data]).toEqual([1, 9, 2, 9, 3, 9, 4, 9, 5, 9]);
    expect(train.labels[0]).toMatchObject({ classes: 10 });
    expect([0, 6, 9].map((index) => train.labels[0].classNames?.[index])).toEqual([
      "airplane",
      "frog",
      "truck",
    ]);
    const { data, offset, scale, shape } = train.features[0];
    expect(shape).toEqual([32, 32, 3]);
    // Channels lie next to each other: pixel 300 of the second example.
    expect([...data.subarray((1024 + 300) * 3, (1024 + 301) * 3)]).toEqual([44, 45, 46]);
    // A pixel of the mean is 0, one a deviation above it is 1.
    expect(scale * 0.4734 * 255 + offset).toBeCloseTo(0, 12);
    expect(scale * (0.4734 + 0.2516) * 255 + offset).toBeCloseTo(1, 12);
  });

  test("names the file and the byte of what is wrong", async () => {
    const dataDir = writeSet("wrong");
    const file = join(dataDir, "data_batch_2.bin");
    writeFileSync(file, Uint8Array.from([...record(1), ...record(10)]));
    await expect(loadDataset("cifar10", { dataDir })).rejects.toMatchObject({
      message: `Cannot read ${file} at byte 3073: every label must be in [0, 9] (got 10)`,
      details: { file, offset: 3073 },
    });
    writeFileSync(file, Uint8Array.from(record(1).slice(1)));
    await expect(loadDataset("cifar10", { dataDir })).rejects.toThrow(
      `Cannot read ${file}: its length must be a multiple of 3073 bytes, one record each (got 3072)`,
    );
  });
});
