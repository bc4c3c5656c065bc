import { describe, expect, test } from "vitest";
import { lowerings } from "../../src/onnx/lower.ts";
import { layers, tf } from "../../src/tfjs/tf.ts";
import { trace } from "../../src/tfjs/trace.ts";
import { families } from "./cases/families.ts";
import { randomSubjects } from "./cases/random.ts";
import type { ConformanceCase, ConformanceSubject } from "./conformance-case.ts";
import { expectConformance } from "./expect-conformance.ts";

/** What TensorFlow.js itself gets wrong, its kernels may, too. */
const enginesFor = ({ notTensorflow }: ConformanceCase) =>
  notTensorflow === undefined ? (["ort", "tfjs"] as const) : (["ort"] as const);

for (const [family, rows] of Object.entries(families)) {
  describe(`ort and tfjs have the loss, gradients and predictions of TensorFlow.js and of the interpreter: ${family}`, () => {
    for (const row of rows) test(row.name, () => expectConformance(row, enginesFor(row)));
  });
}

test("every lowering is exercised by a case of this suite", () => {
  const exercised = new Set<string>();
  const collect = (subject: ConformanceSubject) => {
    for (const training of [true, false]) {
      for (const { op } of trace({ ...subject, training }).nodes) exercised.add(op);
    }
    if (subject.model instanceof layers.LayersModel) subject.model.dispose();
    tf.dispose([...(subject.variables ?? [])]);
  };
  for (const { make } of Object.values(families).flat()) collect(make());
  for (const make of Object.values(randomSubjects)) collect(make());
  expect(Object.keys(lowerings).filter((op) => !exercised.has(op))).toEqual([]);
});

test("no two cases have the same name", () => {
  const names = Object.values(families)
    .flat()
    .map(({ name }) => name);
  expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
});
