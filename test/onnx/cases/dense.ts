/** Fully connected layers and every activation of tf.layers. */
import { layers } from "../../../src/tfjs/tf.ts";
import { type ConformanceCase, float, network } from "../conformance-case.ts";
import { rows } from "../draw.ts";

const { dense, activation, leakyReLU, elu, prelu, reLU, softmax, thresholdedReLU } = layers.layers;

const activations = [
  ...["elu", "relu", "relu6", "selu", "hardSigmoid", "sigmoid", "softmax", "softplus", "softsign"],
  ...["tanh", "linear", "swish", "mish", "gelu", "gelu_new"],
] as const;

const activationLayers: Record<string, () => layers.layers.Layer> = {
  "a LeakyReLU layer": () => leakyReLU({ alpha: 0.2 }),
  "an ELU layer": () => elu({ alpha: 1 }),
  "a PReLU layer": () => prelu({}),
  "a ReLU layer": () => reLU({}),
  "a ReLU layer with a maximum": () => reLU({ maxValue: 1 }),
  "a softmax layer": () => softmax({}),
};

export const denseCases: readonly ConformanceCase[] = [
  ...rows(12, ({ integer, pick }, seed) => {
    const inputs = integer(1, 9);
    const hidden = Array.from({ length: integer(0, 2) }, () => integer(1, 9));
    const batchSize = pick([1, 2, 3, 8]);
    const useBias = pick([true, false]);
    return {
      name: `dense ${[inputs, ...hidden, 3].join("-")}, batch ${batchSize}, ${useBias ? "" : "no "}bias (${seed})`,
      make: () =>
        network(float(inputs), batchSize, [
          ...hidden.map((units) => dense({ units, activation: "tanh", useBias })),
          dense({ units: 3, useBias }),
        ]),
    };
  }),
  {
    name: "a dense layer of more units than the runtime computes at a time",
    make: () => network(float(5), 3, [dense({ units: 130, activation: "tanh" }), dense({ units: 2 })]),
  },
  {
    name: "dense layers on sequences",
    make: () => network(float(4, 3), 2, [dense({ units: 5, activation: "relu" }), dense({ units: 2 })]),
  },
  ...activations.flatMap((name) =>
    [true, false].map((useBias) => ({
      name: `dense with ${name} inside, ${useBias ? "" : "no "}bias`,
      make: () =>
        network(float(4), 6, [
          dense({ units: 5, useBias, activation: name as "elu" }),
          dense({ units: 2, useBias, activation: name as "elu" }),
        ]),
    })),
  ),
  ...activations.map((name) => ({
    name: `a layer of ${name}`,
    make: () =>
      network(float(4), 5, [
        dense({ units: 5 }),
        activation({ activation: name as "elu" }),
        dense({ units: 2 }),
      ]),
  })),
  ...Object.entries(activationLayers).map(([name, make]) => ({
    name,
    make: () => network(float(4), 5, [dense({ units: 5 }), make(), dense({ units: 2 })]),
  })),
  {
    name: "a thresholded ReLU layer",
    // First of all, as TF.js has no gradient for it.
    make: () => network(float(4), 5, [thresholdedReLU({ theta: 0.5 }), dense({ units: 2 })]),
  },
];
