import { describe, expect, test } from "vitest";
import type { Graph } from "../../src/graph/graph.ts";
import { interpret } from "../../src/graph/interpreter.ts";
import { draw, randomOperators } from "../../src/graph/kernels/random.ts";
import { rewrite } from "../../src/graph/rewrites/rewrite.ts";
import { createRandom } from "../../src/math/random.ts";
import { layers, tf } from "../../src/tfjs/tf.ts";
import { trace } from "../../src/tfjs/trace.ts";
import { type ConformanceSubject, float, int, network } from "../onnx/conformance-case.ts";

const l = layers.layers;

/** Of a minibatch of two characters in the embedding of the tests. */
const vocabulary = 3;

function traced(subject: ConformanceSubject): Graph {
  const graph = trace({ ...subject, training: true });
  if (subject.model instanceof layers.LayersModel) subject.model.dispose();
  return graph;
}

/** Loss, gradients and next state at random weights for a random minibatch. */
function outcome(graph: Graph): number[] {
  const random = createRandom(7);
  const numbers = (length: number) => Float32Array.from({ length }, () => random() - 0.5);
  const countOf = (slices: Graph["parameters"]) => slices.reduce((sum, { length }) => sum + length, 0);
  const column = ({ value }: { readonly value: number }) => {
    const { dtype, shape } = graph.values[value];
    const length = shape.reduce((product, size) => product * size, 1);
    return dtype === "float32"
      ? numbers(length)
      : Int32Array.from({ length }, () => Math.floor(vocabulary * random()));
  };
  const operators = randomOperators(graph);
  const draws = new Float32Array(operators.reduce((sum, { length }) => sum + length, 0));
  draw(operators, 1, 1, draws);
  const { gradients, loss, state } = interpret(graph, {
    features: graph.features.map(column),
    labels: graph.labels.map(column),
    parameters: numbers(countOf(graph.parameters)),
    state: numbers(countOf(graph.state)),
    draws,
  });
  return [loss, ...gradients, ...state];
}

/** What a rewrite may change: the interpreter computes in float64 and returns float32. */
function expectSame(graph: Graph): Graph {
  const rewritten = rewrite(graph);
  const [actual, expected] = [outcome(rewritten), outcome(graph)];
  expect(actual.length).toBe(expected.length);
  for (const [i, value] of expected.entries()) expect(actual[i]).toBeCloseTo(value, 6);
  return rewritten;
}

const products = ({ nodes }: Graph) =>
  nodes.filter(({ op }) => op === "BatchMatMul" || op === "_FusedMatMul").length;
const count = ({ nodes }: Graph, name: string) => nodes.filter(({ op }) => op === name).length;

const cells = {
  "a simple RNN": (units: number) => l.simpleRNN({ units, returnSequences: true }),
  "an LSTM": (units: number) => l.lstm({ units, returnSequences: true }),
  "a GRU": (units: number) => l.gru({ units, returnSequences: true }),
};

describe("a recurrent layer needs products in the loop for its state alone", () => {
  for (const [name, cell] of Object.entries(cells)) {
    for (const [steps, units, batch] of [
      [2, 3, 4],
      [5, 2, 3],
      [7, 4, 1],
    ]) {
      test(`${name} of ${units} units, ${steps} steps, minibatches of ${batch}`, () => {
        const of = (length: number) => traced(network(float(length, 3), batch, [cell(units), cell(units)]));
        const rewritten = expectSame(of(steps));
        // What a step more adds are the products of the state in both layers, there and back: one each, but two for a
        // GRU, which multiplies its state before and after its reset.
        const perStep = name === "a GRU" ? 8 : 4;
        expect(products(rewrite(of(steps + 1))) - products(rewritten)).toBe(perStep);
      });
    }
  }
});

describe("rewrites", () => {
  test("multiply an embedding instead of each of its words, there and back", () => {
    const graph = traced(
      network(int(6), 4, [
        l.embedding({ inputDim: vocabulary, outputDim: 5 }),
        l.simpleRNN({ units: 2, returnSequences: true }),
      ]),
    );
    const rewritten = expectSame(graph);
    const [table] = graph.parameters;
    const ofTable = rewritten.nodes.filter(({ inputs }) => inputs.includes(table.value));
    // E·W, and Eᵀ·S for the gradient of W.
    expect(ofTable.map(({ op }) => op).sort()).toEqual(["BatchMatMul", "_FusedMatMul"]);
    expect(count(rewritten, "UnsortedSegmentSum")).toBe(1);
    expect(count(rewritten, "Transpose")).toBeLessThan(count(graph, "Transpose"));
  });

  test("leave products alone that need each other, and those of many rows", () => {
    const weight = tf.variable(tf.ones([3, 3]));
    const times = (x: tf.Tensor) => tf.matMul(x as tf.Tensor2D, weight as tf.Tensor2D);
    const subject = (batchSize: number, model: (x: tf.Tensor) => tf.Tensor): ConformanceSubject => ({
      model,
      variables: [weight],
      loss: "meanSquaredError",
      features: [float(3)],
      labels: [float(3)],
      batchSize,
    });
    const forward = (batchSize: number, model: (x: tf.Tensor) => tf.Tensor) =>
      trace({ ...subject(batchSize, model), training: false });
    const apart = (x: tf.Tensor) => tf.mul(times(tf.sin(x)), times(tf.cos(x)));
    expect(products(rewrite(forward(4, (x) => times(tf.sin(times(x))))))).toBe(2);
    expect(products(rewrite(forward(4, apart)))).toBe(1);
    expect(products(rewrite(forward(500, apart)))).toBe(2);
    expectSame(traced(subject(4, (x) => tf.add(apart(x), times(tf.sin(times(x)))))));
    weight.dispose();
  });

  test("keep a product that something else reads beside the sum that it is part of", () => {
    const [first, second] = [tf.variable(tf.ones([3, 2])), tf.variable(tf.ones([3, 2]))];
    const model = (x: tf.Tensor) => {
      const left = tf.matMul(first as tf.Tensor2D, second as tf.Tensor2D, true);
      const right = tf.matMul(second as tf.Tensor2D, second as tf.Tensor2D, true);
      return tf.matMul(x as tf.Tensor2D, tf.add(tf.add(left, right), tf.exp(left)) as tf.Tensor2D);
    };
    const features = [float(2)];
    const subject = { model, variables: [first, second], loss: "meanSquaredError" as const, features };
    expectSame(traced({ ...subject, labels: features, batchSize: 2 }));
    tf.dispose([first, second]);
  });

  test("compute the gates of a layer apart instead of cutting them from one product at every step", () => {
    for (const name of ["an LSTM", "a GRU"] as const) {
      const cuts = (steps: number) => {
        const graph = traced(network(float(steps, 2), 2, [cells[name](16), cells[name](16)]));
        const isCut = ({ attributes, op }: Graph["nodes"][number]) =>
          op === "SplitV" && attributes.axis === 1;
        return expectSame(graph).nodes.filter(isCut).length;
      };
      expect(cuts(4)).toBe(cuts(2));
    }
  });

  test("keep every draw under its number, also of what is never read", () => {
    const graph = traced(
      network(float(3, 2), 2, [
        l.lstm({ units: 2, dropout: 0.5, recurrentDropout: 0.5 }),
        l.dropout({ rate: 0.5 }),
      ]),
    );
    expect(randomOperators(graph).length).toBeGreaterThan(1);
    expect(randomOperators(rewrite(graph))).toEqual(randomOperators(graph));
    expectSame(graph);
  });

  test("change nothing the second time", () => {
    const graph = rewrite(traced(network(float(4, 3), 2, [cells["an LSTM"](3), l.dense({ units: 2 })])));
    expect(rewrite(graph).nodes).toEqual(graph.nodes);
  });
});
