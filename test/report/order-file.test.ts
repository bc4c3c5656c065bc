import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { YfError } from "../../src/errors.ts";
import { type OrderFile, readOrder, writeOrder } from "../../src/report/order-file.ts";

const folder = mkdtempSync(join(tmpdir(), "yf-order-"));
const file = join(folder, "order.bin");
afterAll(() => rmSync(folder, { recursive: true }));

const sample: OrderFile = {
  options: { optimizer: "adam", workers: "2" },
  order: { workers: 2, weights: ["2x3", "3"], entries: Int32Array.of(1, 0, 1, 0, 0, 0, 1, 1, 2, 1, 3, 3) },
};

describe("order files", () => {
  it("give back what was written, whatever the numbers", () => {
    const int = fc.integer({ min: -(2 ** 30), max: 2 ** 30 });
    const entries = fc.array(fc.tuple(fc.nat(255), int, int), { maxLength: 50 });
    fc.assert(
      fc.property(entries, fc.integer({ min: 1, max: 256 }), (updates, workers) => {
        const written = {
          ...sample,
          order: { ...sample.order, workers, entries: Int32Array.from(updates.flat()) },
        };
        writeOrder(file, written);
        expect(readOrder(file)).toEqual(written);
      }),
      { numRuns: 40 },
    );
  });

  it("cut off anywhere, or with a byte changed, are refused in one sentence or read as another order", () => {
    writeOrder(file, sample);
    const whole = readFileSync(file);
    const damaged = join(folder, "damaged.bin");
    const read = (bytes: Uint8Array) => {
      writeFileSync(damaged, bytes);
      try {
        readOrder(damaged);
        return null;
      } catch (error) {
        expect(error).toBeInstanceOf(YfError);
        expect(error).toMatchObject({ code: "BAD_ORDER", exitCode: 2 });
        expect((error as Error).message).toMatch(/^Cannot replay .*damaged\.bin: .* \(got /s);
        return error;
      }
    };
    for (let length = 0; length < whole.length; length++) {
      expect(read(whole.subarray(0, length)), `${length} bytes`).not.toBeNull();
    }
    for (let place = 0; place < whole.length; place++) {
      const changed = Buffer.from(whole);
      changed[place] ^= 0x55;
      read(changed);
    }
  });

  it("that are not there are refused", () => {
    expect(() => readOrder(join(folder, "nowhere.bin"))).toThrow(
      /^Cannot replay .*nowhere\.bin: must be the recorded/,
    );
  });
});
