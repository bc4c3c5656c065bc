/** Embeddings and every recurrent layer, masked, backwards, in both directions, stacked. */
import { layers, tf } from "../../../src/tfjs/tf.ts";
import { type ConformanceCase, float, int, network } from "../conformance-case.ts";

const l = layers.layers;

type Part = () => layers.layers.Layer;

const ofSequences = (name: string, ...parts: Part[]): ConformanceCase => ({
  name,
  make: () => network(float(4, 3), 2, [...parts.map((part) => part()), l.dense({ units: 2 })]),
});

const ofTokens = (name: string, ...parts: Part[]): ConformanceCase => ({
  name,
  classes: 5,
  make: () => network(int(4), 3, [...parts.map((part) => part()), l.dense({ units: 2 })]),
});

const recurrent: Record<string, Part> = {
  "simple RNN": () => l.simpleRNN({ units: 3 }),
  "simple RNN that returns every state": () => l.simpleRNN({ units: 3, returnSequences: true }),
  "simple RNN without bias": () => l.simpleRNN({ units: 3, useBias: false, activation: "relu" }),
  LSTM: () => l.lstm({ units: 3 }),
  "LSTM with a sigmoid": () => l.lstm({ units: 3, recurrentActivation: "sigmoid" }),
  "LSTM without forget bias": () => l.lstm({ units: 3, unitForgetBias: false, implementation: 1 }),
  "backward LSTM": () => l.lstm({ units: 3, goBackwards: true, returnSequences: true }),
  GRU: () => l.gru({ units: 3 }),
  "GRU with a sigmoid": () => l.gru({ units: 3, recurrentActivation: "sigmoid", returnSequences: true }),
  "layer of stacked cells": () =>
    l.rnn({ cell: [l.lstmCell({ units: 3 }), l.gruCell({ units: 2 }), l.simpleRNNCell({ units: 2 })] }),
};

export const sequenceCases: readonly ConformanceCase[] = [
  ...Object.entries(recurrent).map(([name, part]) => ofSequences(`a ${name}`, part)),
  ...(["concat", "sum", "mul", "ave"] as const).map((mergeMode) =>
    ofSequences(`a bidirectional LSTM, ${mergeMode}`, () =>
      l.bidirectional({ layer: l.lstm({ units: 2 }) as layers.RNN, mergeMode }),
    ),
  ),
  ofSequences(
    "two LSTMs, one after the other",
    () => l.lstm({ units: 3, returnSequences: true }),
    () => l.lstm({ units: 2 }),
  ),
  ofSequences(
    "a masked GRU",
    () => l.masking({ maskValue: 0 }),
    () => l.gru({ units: 3 }),
  ),
  ofSequences("a dense layer at each time", () => l.timeDistributed({ layer: l.dense({ units: 3 }) })),
  ofSequences(
    "layer normalization",
    () => l.dense({ units: 3 }),
    () => l.layerNormalization(),
  ),
  ofTokens(
    "an embedding",
    () => l.embedding({ inputDim: 5, outputDim: 3 }),
    () => l.flatten(),
  ),
  ofTokens(
    "an embedding with masked padding before an LSTM",
    () => l.embedding({ inputDim: 5, outputDim: 3, maskZero: true }),
    () => l.lstm({ units: 3 }),
  ),
  {
    name: "convolutions of images at each time, in an LSTM",
    make: () =>
      network(float(2, 5, 4, 2), 2, [
        l.convLstm2d({ filters: 2, kernelSize: 2, returnSequences: true }),
        l.timeDistributed({ layer: l.maxPooling2d({ poolSize: 2 }) }),
        l.flatten(),
        l.dense({ units: 2 }),
      ]),
  },
  {
    name: "attention of a sequence to itself",
    make: () => {
      const shapes = [
        [3, 4],
        [3, 4],
        [3, 4],
      ];
      const variables = shapes.map((shape) => tf.variable(tf.ones(shape)));
      const project = (x: tf.Tensor, weight: tf.Variable) =>
        tf.reshape(tf.matMul(tf.reshape(x, [-1, 3]), weight as tf.Tensor2D), [-1, 5, 4]);
      return {
        model: (x) => {
          const [queries, keys, values] = variables.map((weight) => project(x, weight));
          const scores = tf.div(tf.matMul(queries, keys, false, true), 2);
          return tf.matMul(tf.softmax(scores), values);
        },
        variables,
        loss: "meanSquaredError",
        features: [float(5, 3)],
        labels: [float(5, 4)],
        batchSize: 2,
      };
    },
  },
  {
    name: "sums of segments, some of which do not exist",
    classes: 4,
    make: () => {
      const weight = tf.variable(tf.ones([4, 2]));
      return {
        model: (x: tf.Tensor) => {
          const ids = tf.sub(x, tf.scalar(1, "int32")) as tf.Tensor1D;
          return tf.mul(tf.unsortedSegmentSum(tf.mul(weight, [[1], [2], [3], [4]]), ids, 4), weight);
        },
        variables: [weight],
        loss: "meanSquaredError" as const,
        features: [int()],
        labels: [float(2)],
        batchSize: 4,
      };
    },
  },
];
