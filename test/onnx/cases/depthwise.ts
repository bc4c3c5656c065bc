/** Depthwise and separable convolutions, and everything of volumes. */
import { layers, tf } from "../../../src/tfjs/tf.ts";
import { type ConformanceCase, float, network } from "../conformance-case.ts";
import { rows } from "../draw.ts";

const l = layers.layers;

const depthwise = rows<ConformanceCase>(12, ({ integer, pick }, seed) => {
  const image = [integer(4, 8), integer(4, 8), integer(1, 3)];
  const kernelSize: [number, number] = [integer(1, 3), integer(1, 3)];
  // TF.js has no gradient for depthwise strides that differ.
  const strides = pick([1, 1, 2]);
  const padding = pick(["same", "valid"] as const);
  const depthMultiplier = pick([1, 2]);
  const activation = pick(["linear", "relu"] as const);
  const useBias = pick([true, false]);
  return {
    name: [
      `depthwiseConv2d ${kernelSize.join("×")} of ${image.join("×")}, ${depthMultiplier} filters a channel`,
      `stride ${strides}, ${padding}, ${activation}, ${useBias ? "" : "no "}bias (${seed})`,
    ].join(", "),
    make: () =>
      network(float(...image), 2, [
        l.dense({ units: image[2] }),
        l.depthwiseConv2d({ kernelSize, strides, padding, depthMultiplier, activation, useBias }),
      ]),
  };
});

const volumes = rows<ConformanceCase>(8, ({ integer, pick }, seed) => {
  const volume = [integer(3, 5), integer(3, 5), integer(3, 5), pick([1, 2])];
  const kernelSize: [number, number, number] = [integer(1, 3), integer(1, 3), integer(1, 3)];
  const strides: [number, number, number] = [pick([1, 2]), pick([1, 2]), pick([1, 2])];
  const padding = pick(["same", "valid"] as const);
  return {
    name: `conv3d ${kernelSize.join("×")} of ${volume.join("×")}, stride ${strides}, ${padding} (${seed})`,
    make: () =>
      network(float(...volume), 2, [
        l.dense({ units: volume[3] }),
        l.conv3d({ filters: 2, kernelSize, strides, padding }),
      ]),
  };
});

const volumePools = rows<ConformanceCase>(8, ({ integer, pick }, seed) => {
  const volume = [integer(3, 6), integer(3, 6), integer(3, 6), 2];
  const poolSize: [number, number, number] = [integer(1, 3), integer(1, 3), integer(1, 3)];
  const strides: [number, number, number] = [integer(1, 3), integer(1, 3), integer(1, 3)];
  const padding = pick(["same", "valid"] as const);
  const isMaximum = seed % 2 === 0;
  const pool = isMaximum ? l.maxPooling3d : l.averagePooling3d;
  // What the cpu backend does wrong.
  const wrong = isMaximum
    ? poolSize[1] !== poolSize[2] && "MaxPool3DGrad takes the height of a window for its width"
    : padding === "same" && "AvgPool3DGrad with padding divides by the whole window";
  const options = { poolSize, strides, padding, dataFormat: "channelsLast" } as const;
  return {
    name: `3-D pool ${poolSize.join("×")} of ${volume.join("×")}, stride ${strides}, ${padding} (${seed})`,
    make: () => network(float(...volume), 2, [l.dense({ units: 2 }), pool(options)]),
    ...(wrong && { notTensorflow: wrong }),
  };
});

export const depthwiseCases: readonly ConformanceCase[] = [
  ...depthwise,
  {
    name: "separableConv2d",
    make: () =>
      network(float(6, 5, 3), 2, [
        l.dense({ units: 3 }),
        l.separableConv2d({ filters: 4, kernelSize: 3, depthMultiplier: 2, padding: "same" }),
        l.separableConv2d({ filters: 2, kernelSize: 2, strides: 2 }),
      ]),
  },
  {
    name: "a fused depthwise convolution",
    make: () => {
      const variables = [tf.variable(tf.ones([2, 2, 3, 2])), tf.variable(tf.ones([6]))];
      return {
        model: (x) =>
          tf.fused.depthwiseConv2d({
            x: x as tf.Tensor4D,
            filter: variables[0] as unknown as tf.Tensor4D,
            bias: variables[1] as tf.Tensor1D,
            strides: 1,
            pad: "same",
            activation: "relu6",
          }),
        variables,
        loss: "meanSquaredError",
        features: [float(4, 5, 3)],
        labels: [float(4, 5, 6)],
        batchSize: 2,
      };
    },
  },
  ...volumes,
  ...volumePools,
];
