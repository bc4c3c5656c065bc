import { describe, expect, test } from "vitest";
import { compile } from "../../src/engine/compile.ts";
import { YfError } from "../../src/errors.ts";
import { layers, tf } from "../../src/tfjs/tf.ts";
import { trace } from "../../src/tfjs/trace.ts";
import { type ConformanceCase, float, int, network } from "./conformance-case.ts";
import { expectConformance } from "./expect-conformance.ts";

const { batchNormalization, dense, depthwiseConv2d, embedding, flatten, upSampling2d } = layers.layers;

interface Refused extends ConformanceCase {
  readonly kernel: string;
  readonly layer: string | null;
}

const refused: readonly Refused[] = [
  {
    name: "a depthwise convolution",
    kernel: "DepthwiseConv2dNative",
    layer: "depthwise",
    make: () =>
      network(float(5, 4, 2), 2, [
        depthwiseConv2d({ name: "depthwise", kernelSize: 3, padding: "same", depthMultiplier: 2 }),
        flatten(),
        dense({ units: 2 }),
      ]),
  },
  {
    name: "a resized image",
    kernel: "ResizeNearestNeighbor",
    layer: "larger",
    make: () =>
      network(float(3, 2, 2), 1, [dense({ units: 2 }), upSampling2d({ name: "larger", size: [2, 3] })]),
  },
  {
    name: "an embedding",
    kernel: "UnsortedSegmentSum",
    layer: null,
    classes: 5,
    make: () =>
      network(int(3), 2, [embedding({ inputDim: 5, outputDim: 2 }), flatten(), dense({ units: 2 })]),
  },
  {
    name: "batch normalization",
    kernel: "FusedBatchNorm",
    layer: "normalized",
    make: () =>
      network(float(4), 6, [
        dense({ units: 3 }),
        batchNormalization({ name: "normalized" }),
        dense({ units: 2 }),
      ]),
  },
];

function error(run: () => unknown): YfError {
  try {
    run();
  } catch (thrown) {
    if (thrown instanceof YfError) return thrown;
    throw thrown;
  }
  return expect.unreachable("nothing was thrown");
}

describe("a kernel without a lowering", () => {
  for (const row of refused) {
    test(`is refused with its name, its layer and the engine that runs it: ${row.name}`, () => {
      const subject = row.make();
      const graph = trace({ ...subject, training: true });
      if (subject.model instanceof layers.LayersModel) subject.model.dispose();
      const { code, details, message, exitCode } = error(() => compile(graph, "ort"));
      expect(code).toBe("NO_LOWERING");
      expect(exitCode).toBe(2);
      expect(details).toEqual({ kernel: row.kernel, layer: row.layer });
      expect(message).toContain(row.kernel);
      if (row.layer !== null) expect(message).toContain(`of layer ${row.layer}`);
      expect(message).toContain("--engine reference");
    });

    test(`has the right gradient in the reference engine: ${row.name}`, () =>
      expectConformance(row, "reference"));
  }
});

test("a gather within batches is refused", () => {
  const weight = tf.variable(tf.ones([2]));
  const graph = trace({
    model: (x) => {
      const rows = tf.gather(
        x,
        tf.tensor2d(
          [
            [1, 0],
            [0, 1],
          ],
          [2, 2],
          "int32",
        ),
        1,
        1,
      );
      return tf.mul(rows, weight);
    },
    variables: [weight],
    loss: "meanSquaredError",
    features: float(2),
    labels: float(2),
    batchSize: 2,
    training: true,
  });
  const { code, details, message } = error(() => compile(graph, "ort"));
  expect({ code, details }).toEqual({ code: "NO_LOWERING", details: { kernel: "GatherV2", layer: null } });
  expect(message).toContain("its batchDims must be 0 (--engine reference can run others): received 1");
  weight.dispose();
});
