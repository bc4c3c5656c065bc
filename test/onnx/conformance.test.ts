import { describe, expect, test } from "vitest";
import { lowerings } from "../../src/onnx/lower.ts";
import { layers, tf } from "../../src/tfjs/tf.ts";
import { trace } from "../../src/tfjs/trace.ts";
import { arrangementCases } from "./cases/arrangement.ts";
import { convolutionCases } from "./cases/convolution.ts";
import { denseCases } from "./cases/dense.ts";
import { depthwiseCases } from "./cases/depthwise.ts";
import { elementwiseCases } from "./cases/elementwise.ts";
import { lossCases } from "./cases/loss.ts";
import { normalizationCases } from "./cases/normalization.ts";
import { poolingCases } from "./cases/pooling.ts";
import { productCases } from "./cases/product.ts";
import { randomSubjects } from "./cases/random.ts";
import { resizingCases } from "./cases/resizing.ts";
import { sequenceCases } from "./cases/sequence.ts";
import type { ConformanceSubject } from "./conformance-case.ts";
import { expectConformance } from "./expect-conformance.ts";

const families = {
  "dense layers and activations": denseCases,
  convolutions: convolutionCases,
  "depthwise convolutions and volumes": depthwiseCases,
  pools: poolingCases,
  normalization: normalizationCases,
  resizing: resizingCases,
  sequences: sequenceCases,
  arrangements: arrangementCases,
  "losses, regularizers and built-in models": lossCases,
  "elementwise kernels and reductions": elementwiseCases,
  "matrix products": productCases,
};

for (const [family, rows] of Object.entries(families)) {
  describe(`onnxruntime has the loss, gradients and predictions of TensorFlow.js and of the interpreter: ${family}`, () => {
    for (const row of rows) test(row.name, () => expectConformance(row));
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
