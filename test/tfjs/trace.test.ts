import { describe, expect, test } from "vitest";
import { YfError } from "../../src/errors.ts";
import { interpret } from "../../src/graph/interpreter.ts";
import { lenet } from "../../src/tfjs/models/lenet.ts";
import { mlp } from "../../src/tfjs/models/mlp.ts";
import { layers, tf } from "../../src/tfjs/tf.ts";
import { type TraceOptions, trace } from "../../src/tfjs/trace.ts";
import { readWeights } from "../../src/tfjs/weights.ts";

const l = layers.layers;
const float = (...shape: number[]) => ({ shape, dtype: "float32" as const });

const small = (options: Partial<TraceOptions> = {}): TraceOptions => ({
  model: mlp(1, [4], [3], 2),
  loss: "softmaxCrossEntropy",
  features: [float(4)],
  labels: [float(2)],
  batchSize: 5,
  training: true,
  ...options,
});

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof YfError) return error.code;
    throw error;
  }
  return "nothing was thrown";
}

describe("a graph", () => {
  test("has the minibatch, the parameters and one gradient of the same type for each of them", () => {
    const graph = trace(small());
    const typeOf = (value: number) => graph.values[value];
    expect(graph.batchSize).toBe(5);
    expect(typeOf(graph.features[0].value)).toEqual({ dtype: "float32", shape: [5, 4] });
    expect(typeOf(graph.labels[0].value)).toEqual({ dtype: "float32", shape: [5, 2] });
    expect(typeOf(graph.outputs.predictions[0])).toEqual({ dtype: "float32", shape: [5, 2] });
    expect(typeOf(graph.outputs.loss)).toEqual({ dtype: "float32", shape: [] });
    // 4·3 + 3 + 3·2 + 2
    expect(graph.parameters.map(({ name, offset, length }) => [name, offset, length])).toEqual([
      ["dense1/kernel", 0, 12],
      ["dense1/bias", 12, 3],
      ["dense2/kernel", 15, 6],
      ["dense2/bias", 21, 2],
    ]);
    expect(graph.outputs.gradients.map(typeOf)).toEqual(graph.parameters.map(({ value }) => typeOf(value)));
  });

  test("is plain data in topological order without dead nodes", () => {
    const graph = trace(small({ model: lenet(1), features: [float(28, 28, 1)], labels: [float(10)] }));
    expect(structuredClone(graph)).toEqual(graph);
    const known = new Set([
      ...[graph.features[0].value, graph.labels[0].value],
      ...graph.parameters.map(({ value }) => value),
      ...graph.constants.keys(),
    ]);
    const used = new Set<number | null>([
      graph.outputs.loss,
      ...graph.outputs.predictions,
      ...graph.outputs.gradients,
    ]);
    for (const { inputs, outputs } of graph.nodes) {
      for (const input of inputs) expect(input === null || known.has(input)).toBe(true);
      for (const output of outputs) known.add(output);
      for (const input of inputs) used.add(input);
    }
    for (const { outputs } of graph.nodes) expect(outputs.some((output) => used.has(output))).toBe(true);
    for (const constant of graph.constants.keys()) expect(used.has(constant)).toBe(true);
    expect(known.size).toBe(graph.values.length);
  });

  test("names the layer of each call of the forward pass, inside nested models too", () => {
    const inner = layers.sequential({
      name: "inner",
      layers: [l.dense({ name: "deep", units: 3, inputShape: [4] })],
    });
    const model = layers.sequential({ layers: [inner, l.dense({ name: "last", units: 2 })] });
    const { nodes } = trace(small({ model }));
    const layerOf = (op: string) => nodes.filter((node) => node.op === op).map(({ layer }) => layer);
    expect(layerOf("_FusedMatMul")).toEqual(["deep", "last"]);
    expect(layerOf("Exp")).toEqual([null, null]);
  });

  test("has no gradients in inference mode", () => {
    const { outputs, nodes } = trace(small({ training: false }));
    expect(outputs.gradients).toEqual([]);
    expect(nodes.map(({ op }) => op)).not.toContain("Step");
  });

  test("captures tensors that a function closes over as constants", () => {
    const scale = tf.tensor1d([2, 3]);
    const weight = tf.variable(tf.ones([2]), true, "weight");
    const graph = trace(
      small({ model: (x) => tf.mul(x, tf.mul(weight, scale)), variables: [weight], features: [float(2)] }),
    );
    expect([...graph.constants.values()]).toContainEqual(Float32Array.of(2, 3));
    expect(graph.parameters).toMatchObject([{ name: "weight", offset: 0, length: 2 }]);
    tf.dispose([scale, weight]);
  });

  test("of a function that knows whether it is trained has dropout in training only", () => {
    const weight = tf.variable(tf.ones([2]), true, "weight");
    const model = (x: tf.Tensor, training: boolean) => tf.mul(training ? tf.dropout(x, 0.5) : x, weight);
    const ops = (training: boolean) =>
      trace(small({ model, variables: [weight], features: [float(2)], training })).nodes.map(({ op }) => op);
    expect(ops(true)).toContain("RandomUniform");
    expect(ops(false)).not.toContain("RandomUniform");
    weight.dispose();
  });

  test("contains the penalties of regularizers in training mode only", () => {
    const kernelInitializer = layers.initializers.constant({ value: 3 });
    const run = (training: boolean, kernelRegularizer?: ReturnType<typeof layers.regularizers.l2>) => {
      const dense = l.dense({
        units: 1,
        inputShape: [1],
        kernelInitializer,
        ...(kernelRegularizer && { kernelRegularizer }),
      });
      const model = layers.sequential({ layers: [dense] });
      const one = { features: [float(1)], labels: [float(1)], batchSize: 1 };
      const graph = trace({ model, loss: "meanSquaredError", ...one, training });
      const { flat } = readWeights(model);
      return interpret(graph, { features: [[1]], labels: [[2]], parameters: flat });
    };
    const l2 = layers.regularizers.l2({ l2: 0.5 });
    // (3 − 2)² = 1 with slope 2 in kernel and bias; the penalty 0.5·3² = 4.5 has the slope 2·0.5·3 = 3 in the kernel.
    expect(run(true)).toMatchObject({ loss: 1, gradients: Float32Array.of(2, 2) });
    expect(run(true, l2)).toMatchObject({ loss: 5.5, gradients: Float32Array.of(5, 2) });
    expect(run(false, l2)).toMatchObject({ loss: 1 });
  });

  test("leaves weights that are not trainable out of the parameters", () => {
    const frozen = l.dense({ name: "frozen", units: 3, inputShape: [4] });
    frozen.trainable = false;
    const model = layers.sequential({ layers: [frozen, l.dense({ name: "trained", units: 2 })] });
    const graph = trace(small({ model }));
    expect(graph.parameters.map(({ name }) => name)).toEqual(["trained/kernel", "trained/bias"]);
  });
});

describe("a trace changes nothing", () => {
  const subjects: Record<string, () => TraceOptions> = {
    "of a model": () => small(),
    "of batch normalization, whose call assigns its moving statistics": () =>
      small({
        model: layers.sequential({
          layers: [l.dense({ units: 2, inputShape: [4] }), l.batchNormalization()],
        }),
      }),
    "of a recurrent model": () =>
      small({
        model: layers.sequential({ layers: [l.lstm({ units: 2, inputShape: [3, 4] })] }),
        features: [float(3, 4)],
      }),
    "that keeps tensors": () => small({ loss: (a, b) => tf.keep(tf.mean(tf.sub(a, b))) as tf.Scalar }),
    "that fails in the loss": () =>
      small({
        loss: (_, predictions) => {
          throw new Error(`at ${predictions.shape}`);
        },
      }),
    "that fails in the backward pass": () =>
      small({ loss: (_, b) => tf.mean(tf.cast(tf.greater(b, 0), "float32")) }),
  };
  for (const [name, make] of Object.entries(subjects)) {
    test(`${name}: tensors, weights and backend are as before`, () => {
      const options = make();
      const model = options.model as layers.LayersModel;
      const weights = () => model.weights.map((weight) => [...weight.read().dataSync()]);
      const before = { weights: weights(), tensors: tf.memory().numTensors, bytes: tf.memory().numBytes };
      try {
        trace(options);
      } catch (error) {
        expect(error).toBeInstanceOf(YfError);
      }
      expect({ weights: weights(), tensors: tf.memory().numTensors, bytes: tf.memory().numBytes }).toEqual(
        before,
      );
      expect(tf.getBackend()).toBe("cpu");
      expect(tf.engine().backendNames()).not.toContain("trace");
      expect(Object.keys(model.layers[0])).not.toContain("call");
    });
  }

  test("and can be repeated with the same result", () => {
    const options = small();
    expect(trace(options)).toEqual(trace(options));
  });

  test("and the model still predicts", () => {
    const options = small();
    const x = tf.ones([1, 4]);
    const predict = () => [...((options.model as layers.LayersModel).predict(x) as tf.Tensor).dataSync()];
    const before = predict();
    trace(options);
    expect(predict()).toEqual(before);
  });
});

describe("a model that cannot be traced is an error that says why", () => {
  const fails = (options: Partial<TraceOptions>) => () => trace(small(options));

  test("no trainable weights", () => {
    const model = layers.sequential({ name: "bare", layers: [l.flatten({ inputShape: [4, 1] })] });
    const run = fails({ model, features: [float(4, 1)] });
    expect(run).toThrow('Cannot train the model: must have at least one trainable weight (got "bare")');
    expect(codeOf(run)).toBe("BAD_MODEL");
    expect(codeOf(fails({ model: (x) => x }))).toBe("BAD_MODEL");
  });

  test("a loss that is no tensor", () => {
    expect(codeOf(fails({ loss: (() => 1) as never }))).toBe("BAD_LOSS");
    expect(codeOf(fails({ loss: (async () => tf.scalar(1)) as never }))).toBe("BAD_LOSS");
  });

  test("labels that do not fit the loss", () => {
    const run = fails({ labels: [float(3)] });
    expect(run).toThrow(/softmaxCrossEntropy.*labels \[5,3\]/);
    expect(codeOf(run)).toBe("BAD_LOSS");
  });

  test("an unknown kernel, with its layer", () => {
    class Largest extends l.Layer {
      static readonly className = "Largest";
      override call(inputs: tf.Tensor | tf.Tensor[]) {
        return tf.unique([inputs].flat()[0]).values;
      }
    }
    const model = layers.sequential({
      layers: [l.dense({ units: 4, inputShape: [4] }), new Largest({ name: "largest" })],
    });
    const run = fails({ model, features: [float(4)] });
    expect(run).toThrow(/Unique in layer largest/);
    expect(codeOf(run)).toBe("NO_TRACE");
    expect(fails({ model: (x) => tf.unique(x).values, variables: [tf.variable(tf.scalar(1))] })).toThrow(
      /Unique outside of any layer/,
    );
  });

  test("no weight that the loss depends on", () => {
    const idle = tf.variable(tf.scalar(1), true, "idle");
    const run = fails({ model: (x) => x, variables: [idle], features: [float(2)] });
    expect(run).toThrow("no path to idle");
    expect(codeOf(run)).toBe("BAD_MODEL");
    idle.dispose();
  });

  test("a constraint on a weight, which TensorFlow.js would drop", () => {
    const kernelConstraint = layers.constraints.nonNeg();
    const model = layers.sequential({
      layers: [l.dense({ name: "positive", units: 2, inputShape: [4], kernelConstraint })],
    });
    const run = fails({ model });
    expect(run).toThrow("positive/kernel");
    expect(codeOf(run)).toBe("BAD_MODEL");
    model.dispose();
  });

  test("features of another shape than the input", () => {
    const run = fails({ features: [float(7)] });
    expect(run).toThrow('Cannot trace the model: features must have the shape [4] of its input (got "[7]")');
    expect(codeOf(run)).toBe("BAD_MODEL");
  });

  test("a model that reads values", () => {
    const reading = fails({ loss: (a, b) => tf.mul(tf.mean(tf.sub(a, b)), b.dataSync()[0]) as tf.Scalar });
    expect(reading).toThrow(/may not read values while being traced/);
    expect(codeOf(reading)).toBe("NO_TRACE");
  });

  test("too many inputs, too many outputs, no layers, state between minibatches", () => {
    const [a, b] = [l.input, l.input].map((input) => input({ shape: [4] }));
    const two = layers.model({ inputs: [a, b], outputs: l.add().apply([a, b]) as layers.SymbolicTensor });
    const dense = l.dense({ units: 2 });
    const forked = layers.model({
      inputs: a,
      outputs: [dense.apply(a) as layers.SymbolicTensor, dense.apply(a) as layers.SymbolicTensor],
    });
    const empty = layers.sequential({ name: "empty" });
    const stateful = layers.sequential({
      layers: [l.simpleRNN({ units: 2, stateful: true, batchInputShape: [5, 3, 4] })],
    });
    expect(fails({ model: two })).toThrow(
      `Cannot trace the model: the data must have one column of features for each of its inputs ${a.name}, ${b.name} (got 1)`,
    );
    expect(fails({ model: forked })).toThrow(
      'there must be a column of labels for each output of the model (a function as loss may compare them otherwise) (got "1 for 2")',
    );
    expect(fails({ model: empty })).toThrow(/must have at least one layer \(got "empty"/);
    expect(fails({ model: stateful, features: [float(3, 4)] })).toThrow(
      /no layer may keep state between minibatches/,
    );
  });

  test("something that is neither a model of this TensorFlow.js nor a function", () => {
    const run = fails({ model: { predict: () => 1 } as never });
    expect(run).toThrow(/must be a function or a LayersModel of the same copy of @tensorflow\/tfjs-layers/);
    expect(codeOf(run)).toBe("BAD_MODEL");
  });

  test("an operation that TensorFlow.js has no gradient for", () => {
    expect(fails({ loss: (_, b) => tf.mean(tf.cast(tf.greater(b, 0), "float32")) })).toThrow(
      /gradient function not found for Greater/,
    );
  });

  test("images with their channels first, and text", () => {
    const filter = tf.variable(tf.ones([1, 1, 1, 1]) as tf.Tensor4D);
    const planar = fails({
      model: (x) => tf.conv2d(x as tf.Tensor4D, filter, 1, "same", "NCHW"),
      variables: [filter],
      features: [float(1, 2, 2)],
    });
    expect(planar).toThrow(/images must have their channels last \(got "Conv2D in NCHW"/);
    const text = () => {
      tf.tensor(["a"]);
      return tf.scalar(1);
    };
    expect(fails({ loss: text })).toThrow(
      /every tensor must be of numbers, float32, int32 or bool \(got "string outside of any layer"/,
    );
  });

  test("a batch size that is not a positive integer", () => {
    expect(fails({ batchSize: 0 })).toThrow(RangeError);
    expect(fails({ batchSize: 1.5 })).toThrow(RangeError);
  });
});

test("reading the weights after a trace gives what was there before", () => {
  const options = small();
  const { flat } = readWeights(options.model as layers.LayersModel);
  trace(options);
  expect(readWeights(options.model as layers.LayersModel).flat).toEqual(flat);
});
