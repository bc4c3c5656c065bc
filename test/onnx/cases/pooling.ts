/** Pools: random windows, strides and padding, with and without ties; global ones. */
import { layers } from "../../../src/tfjs/tf.ts";
import { type ConformanceCase, float, network } from "../conformance-case.ts";
import { rows } from "../draw.ts";

const l = layers.layers;

const random = (kind: "max" | "average") =>
  rows<ConformanceCase>(20, ({ integer, pick }, seed) => {
    const image = [integer(5, 10), integer(5, 10), integer(1, 3)];
    const poolSize: [number, number] = [integer(1, 4), integer(1, 4)];
    const strides: [number, number] = [integer(1, 4), integer(1, 4)];
    const padding = pick(["same", "valid"] as const);
    const batchSize = pick([1, 3]);
    const integers = kind === "max" && seed % 2 === 0;
    const pool = kind === "max" ? l.maxPooling2d : l.averagePooling2d;
    return {
      name: [
        `${kind} pool ${poolSize.join("×")} of ${batchSize} images ${image.join("×")}`,
        `stride ${strides}, ${padding}${integers ? ", with ties" : ""} (${seed})`,
      ].join(", "),
      integers,
      make: () =>
        network(float(...image), batchSize, [
          l.conv2d({ filters: image[2], kernelSize: 1 }),
          l.activation({ activation: "relu" }),
          pool({ poolSize, strides, padding }),
        ]),
      // The gradient of TF.js 4.22 divides by the whole window where its forward pass divides by the elements inside.
      ...(kind === "average" && padding === "same" && { notTensorflow: "AvgPoolGrad with padding is wrong" }),
    };
  });

const globals: Record<string, () => layers.layers.Layer> = {
  globalMaxPooling2d: () => l.globalMaxPooling2d({ dataFormat: "channelsLast" }),
  globalAveragePooling2d: () => l.globalAveragePooling2d({ dataFormat: "channelsLast" }),
};

export const poolingCases: readonly ConformanceCase[] = [
  ...random("max"),
  ...random("average"),
  ...Object.entries(globals).flatMap(([name, make]) =>
    [false, true].map((integers) => ({
      name: `${name}${integers ? " with ties" : ""}`,
      integers,
      make: () => network(float(5, 6, 2), 3, [l.conv2d({ filters: 3, kernelSize: 2 }), make()]),
    })),
  ),
  {
    name: "pools of sequences",
    make: () =>
      network(float(8, 3), 2, [
        l.dense({ units: 3 }),
        l.maxPooling1d({ poolSize: 2 }),
        l.averagePooling1d({ poolSize: 2 }),
        l.globalMaxPooling1d({}),
      ]),
  },
  {
    name: "a pool of a pool of a convolution",
    make: () =>
      network(float(12, 8, 1), 2, [
        l.conv2d({ filters: 3, kernelSize: 3, padding: "same" }),
        l.maxPooling2d({ poolSize: 2 }),
        l.maxPooling2d({ poolSize: 2 }),
      ]),
  },
];
