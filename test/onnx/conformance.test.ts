import { describe, expect, test } from "vitest";
import { lowerings } from "../../src/onnx/lower.ts";
import { layers, tf } from "../../src/tfjs/tf.ts";
import { trace } from "../../src/tfjs/trace.ts";
import { families } from "./cases/families.ts";
import { randomSubjects } from "./cases/random.ts";
import type { ConformanceCase } from "./conformance-case.ts";
import { expectConformance } from "./expect-conformance.ts";

/** What TensorFlow.js itself gets wrong, its kernels may, too. */
const enginesFor = ({ notTensorflow }: ConformanceCase) =>
  notTensorflow === undefined ? (["ort", "tfjs"] as const) : (["ort"] as const);

/** Kernels of the cases above the last tests. */
const exercised = new Set<string>();

for (const [family, rows] of Object.entries(families)) {
  describe(`ort and tfjs have the loss, gradients and predictions of TensorFlow.js and of the interpreter: ${family}`, () => {
    for (const row of rows) {
      test(row.name, async () => {
        for (const op of await expectConformance(row, enginesFor(row))) exercised.add(op);
      });
    }
  });
}

test("every lowering is exercised by a case of this suite", () => {
  for (const make of Object.values(randomSubjects)) {
    const subject = make();
    for (const training of [true, false]) {
      for (const { op } of trace({ ...subject, training }).nodes) exercised.add(op);
    }
    if (subject.model instanceof layers.LayersModel) subject.model.dispose();
    tf.dispose([...(subject.variables ?? [])]);
  }
  expect(Object.keys(lowerings).filter((op) => !exercised.has(op))).toEqual([]);
});

test("no two cases have the same name", () => {
  const names = Object.values(families)
    .flat()
    .map(({ name }) => name);
  expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
});
