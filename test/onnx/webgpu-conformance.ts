/** Cases of the suite of conformance on WebGPU. */
import { describe, test } from "vitest";
import { hasAdapter, needsAdapter } from "../engine/adapter.ts";
import { families } from "./cases/families.ts";
import { expectConformance } from "./expect-conformance.ts";

export type Family = keyof typeof families;

export const allFamilies = Object.keys(families) as Family[];

/** WebGPU's language promises nothing for NaN, and 2⁻²¹ for exponentials near 1. */
const notPromised: ReadonlySet<string> = new Set(["a step of NaN", "expm1 and log1p of small numbers"]);

export function describeOnWebGpu(names: readonly Family[]): void {
  for (const name of names) {
    describe.skipIf(!hasAdapter)(`onnxruntime on WebGPU (${needsAdapter}) agrees, too: ${name}`, () => {
      for (const row of families[name]) {
        if (notPromised.has(row.name)) test.skip(`${row.name} (not promised by WebGPU)`);
        else test(row.name, () => expectConformance(row, ["ort"], "webgpu"));
      }
    });
  }
}
