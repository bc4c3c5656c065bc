/** TensorFlow's own kernels, where they are set up; those of the engine tfjs are in the conformance suite. */
import { expect, test } from "vitest";
import { families } from "../onnx/cases/families.ts";
import { expectConformance } from "../onnx/expect-conformance.ts";
import { hasTensorflow, needsTensorflow } from "./tensorflow.ts";

test.skipIf(!hasTensorflow).each(Object.entries(families))(
  `the engine tensorflow (${needsTensorflow}) has the loss, gradients and predictions of TensorFlow.js and of the interpreter: %s`,
  async (_, rows) => {
    const failures: string[] = [];
    for (const row of rows) {
      // What TensorFlow.js itself gets wrong, its kernels may, too.
      if (row.notTensorflow !== undefined) continue;
      await expectConformance(row, ["tensorflow"]).catch((error: Error) => {
        failures.push(`${row.name}: ${error.message}`);
      });
    }
    expect(failures).toEqual([]);
  },
  120_000,
);
