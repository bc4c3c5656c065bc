/** Where in an image something is, and whether it is a disc or a box: five numbers and a loss of one's own. */
import * as tf from "@tensorflow/tfjs";
import { integer, type Random, times } from "./data/draw.ts";
import { evaluated, type Program } from "./harness/program.ts";

const size = 20;

/** Shape (1 for a disc), then left, right, top and bottom in pixels. */
function drawScenes(random: Random, n: number) {
  const pixels = new Float32Array(n * size * size);
  const labels = times(n, (i) => {
    const [isDisc, radius] = [integer(random, 2), 2 + integer(random, 4)];
    const [row, column] = [0, 0].map(() => radius + integer(random, size - 2 * radius));
    for (let y = -radius; y <= radius; y++) {
      for (let x = -radius; x <= radius; x++) {
        if (isDisc === 1 && x * x + y * y > radius * radius) continue;
        pixels[(i * size + row + y) * size + column + x] = 1;
      }
    }
    return [isDisc, column - radius, column + radius, row - radius, row + radius];
  });
  const noisy = pixels.map((value) => value + 0.2 * random());
  return { x: tf.tensor4d(noisy, [n, size, size, 1]), y: tf.tensor2d(labels) };
}

/** The shape counts as much as pixels do. */
const detectionLoss = (labels: tf.Tensor, predictions: tf.Tensor): tf.Tensor =>
  tf.tidy(() => {
    const scale = tf.tensor1d([size, 1, 1, 1, 1]);
    return tf.metrics.meanSquaredError(labels.mul(scale), predictions.mul(scale));
  });

export const objectDetection: Program = {
  name: "object detection, own loss",
  full: { examples: 300, batchSize: 10, epochs: 4 },
  make({ batchSize, epochs, examples, random }) {
    const train = drawScenes(random, examples);
    const test = drawScenes(random, 200);
    const model = tf.sequential();
    model.add(
      tf.layers.conv2d({
        inputShape: [size, size, 1],
        filters: 8,
        kernelSize: 3,
        strides: 2,
        activation: "relu",
      }),
    );
    model.add(tf.layers.conv2d({ filters: 12, kernelSize: 3, strides: 2, activation: "relu" }));
    model.add(tf.layers.flatten());
    model.add(tf.layers.dense({ units: 40, activation: "relu" }));
    model.add(tf.layers.dense({ units: 5 }));
    model.compile({ optimizer: tf.train.rmsprop(0.003), loss: detectionLoss });
    return {
      models: [model],
      train: (trainer) => trainer.fit(model, train.x, train.y, { batchSize, epochs, validationSplit: 0.1 }),
      figures: () => evaluated(model, test.x, test.y),
    };
  },
};
