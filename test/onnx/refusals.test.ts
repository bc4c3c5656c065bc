import { expect, test } from "vitest";
import { compile } from "../../src/engine/compile.ts";
import { YfError } from "../../src/errors.ts";
import { layers } from "../../src/tfjs/tf.ts";
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
