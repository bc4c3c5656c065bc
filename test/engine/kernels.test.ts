import { describe, expect, test } from "vitest";
import { families } from "../onnx/cases/families.ts";
import { expectConformance } from "../onnx/expect-conformance.ts";
import { hasTensorflow, needsTensorflow } from "./tensorflow.ts";

/** TensorFlow's own kernels take no integers or booleans where TensorFlow.js's backends in JavaScript convert them. */
const ofIntegers = /^integers into |extremes of integers and booleans$/;

const engines = [
  { name: "tfjs", title: "tfjs", isHere: true },
  { name: "tensorflow", title: `tensorflow (${needsTensorflow})`, isHere: hasTensorflow },
] as const;

describe.each(engines)("the engine $title", ({ isHere, name }) => {
  test.skipIf(!isHere).each(Object.entries(families))(
    "has the loss, gradients and predictions of TensorFlow.js and of the interpreter: %s",
    async (_, rows) => {
      const failures: string[] = [];
      for (const row of rows) {
        // What TensorFlow.js itself gets wrong, its kernels may, too.
        if (row.notTensorflow !== undefined) continue;
        if (name === "tensorflow" && ofIntegers.test(row.name)) continue;
        await expectConformance(row, name).catch((error: Error) => {
          failures.push(`${row.name}: ${error.message}`);
        });
      }
      expect(failures).toEqual([]);
    },
    120_000,
  );
});
