/** `tf.dilation2d`, which no layer uses: strides, gaps between taps, padding, and ties. */
import { tf } from "../../../src/tfjs/tf.ts";
import { type ConformanceCase, float } from "../conformance-case.ts";
import { rows } from "../draw.ts";

export const dilationCases = rows<ConformanceCase>(8, ({ integer, pick }, seed) => {
  const image = [integer(6, 9), integer(6, 9), integer(1, 3)];
  const taps: [number, number, number] = [integer(1, 3), integer(1, 3), image[2]];
  const strides: [number, number] = [integer(1, 2), integer(1, 2)];
  // TensorFlow.js has either larger steps or gaps between taps.
  const dilations: [number, number] = `${strides}` === "1,1" ? [integer(1, 2), integer(1, 2)] : [1, 1];
  const pad = pick(["same", "valid"] as const);
  const integers = seed % 2 === 0;
  return {
    name: `dilation of images ${image.join("×")} by ${taps.join("×")}, stride ${strides}, gaps ${dilations}, ${pad}${integers ? ", with ties" : ""} (${seed})`,
    integers,
    make: () => {
      const weight = tf.variable(tf.ones(image));
      const filter = tf.variable(tf.zeros(taps)) as tf.Variable<tf.Rank.R3>;
      const dilated = (x: tf.Tensor) =>
        tf.dilation2d(tf.mul(x, weight) as tf.Tensor4D, filter, strides, pad, dilations);
      const labels = tf.tidy(() => dilated(tf.ones([2, ...image])).shape.slice(1));
      return {
        model: dilated,
        variables: [weight, filter],
        loss: "meanSquaredError",
        features: [float(...image)],
        labels: [float(...labels)],
        batchSize: 2,
      };
    },
  };
});
