import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { inExecutionOrder } from "../../src/onnx/execution-order.ts";
import type { OnnxNode } from "../../src/onnx/model-proto.ts";

const node = (output: string, ...inputs: string[]): OnnxNode => ({
  op: "Sum",
  domain: "",
  inputs,
  outputs: [output],
  attributes: {},
});

const written = (nodes: readonly OnnxNode[]) => inExecutionOrder(nodes).map(({ outputs }) => outputs[0]);

describe("inExecutionOrder()", () => {
  test("keeps every node, behind those that it reads", () => {
    // Node i reads some of those before it, or the model's input.
    const graphs = fc
      .array(fc.array(fc.nat(), { maxLength: 3 }), { minLength: 1, maxLength: 40 })
      .map((reads) =>
        reads.map((list, i) => node(`v${i}`, ...list.map((place) => (i === 0 ? "x" : `v${place % i}`)))),
      );
    fc.assert(
      fc.property(graphs, (nodes) => {
        const order = inExecutionOrder(nodes);
        expect(new Set(order)).toEqual(new Set(nodes));
        const made = new Set(["x"]);
        for (const { inputs, outputs } of order) {
          for (const input of inputs) expect(made).toContain(input);
          made.add(outputs[0]);
        }
      }),
    );
  });

  test("writes what is made of activations before the gradients that it meets, so that it runs after them", () => {
    // x → a → b → loss → db → da; the filter's gradient of a is of x padded and da, as a trace has them.
    const trace = [
      node("a", "x"),
      node("b", "a"),
      node("loss", "b"),
      node("db", "loss"),
      node("da", "db"),
      node("padded", "a"),
      node("back", "padded", "da"),
      node("again", "padded", "back"),
      node("one", "again"),
      node("two", "back"),
    ];
    expect(written(trace).indexOf("padded")).toBeLessThan(written(trace).indexOf("db"));
  });

  test("writes what leads to one output alone last, and the output that is known first at the very end", () => {
    const trace = [
      node("a", "x"),
      node("b", "a"),
      node("early", "b"),
      node("c", "b"),
      node("copy", "a"),
      node("late", "c", "copy"),
    ];
    expect(written(trace)).toEqual(["a", "b", "copy", "c", "late", "early"]);
  });
});
