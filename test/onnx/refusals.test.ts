import { expect, test } from "vitest";
import { compile } from "../../src/engine/compile.ts";
import { YfError } from "../../src/errors.ts";
import { layers, tf } from "../../src/tfjs/tf.ts";
import { trace } from "../../src/tfjs/trace.ts";
import { float } from "./conformance-case.ts";

function error(run: () => unknown): YfError {
  try {
    run();
  } catch (thrown) {
    if (thrown instanceof YfError) return thrown;
    throw thrown;
  }
  return expect.unreachable("nothing was thrown");
}

test("a kernel without a lowering is refused with its name, its layer and the engine that may run it", () => {
  const model = layers.sequential({
    layers: [layers.layers.dense({ name: "last", units: 2, inputShape: [3], activation: "tanh" })],
  });
  const graph = trace({
    model,
    loss: "meanSquaredError",
    features: [float(3)],
    labels: [float(2)],
    batchSize: 2,
    training: true,
  });
  model.dispose();
  const foreign = graph.nodes.map((node) => (node.op === "Tanh" ? { ...node, op: "Unheard" } : node));
  const { code, details, message, exitCode } = error(() => compile({ ...graph, nodes: foreign }, "ort"));
  expect(code).toBe("NO_LOWERING");
  expect(exitCode).toBe(2);
  expect(details).toEqual({ kernel: "Unheard", layer: "last" });
  expect(message).toContain("Unheard of layer last");
  expect(message).toContain("--engine tfjs");
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
    features: [float(2)],
    labels: [float(2)],
    batchSize: 2,
    training: true,
  });
  const { code, details, message } = error(() => compile(graph, "ort"));
  expect({ code, details }).toEqual({ code: "NO_LOWERING", details: { kernel: "GatherV2", layer: null } });
  expect(message).toContain("its batchDims must be 0 (--engine tfjs can run others) (got 1)");
  weight.dispose();
});
