/** Images through a few channels and back, by transposed convolutions. */
import * as tf from "@tensorflow/tfjs";
import { drawDigits } from "./data/digits.ts";
import { evaluated, type Program } from "./harness/program.ts";

export const convolutionalAutoencoder: Program = {
  name: "convolutional autoencoder",
  full: { examples: 400, batchSize: 20, epochs: 5 },
  make({ batchSize, epochs, examples, random }) {
    const crop = (n: number) => drawDigits(random, n).images.slice([0, 1, 1, 0], [n, 12, 12, 1]);
    const [train, test] = [crop(examples), crop(200)];
    const { layers } = tf;
    const conv = (filters: number, more: object = {}) =>
      layers.conv2d({ filters, kernelSize: 3, strides: 2, padding: "same", activation: "relu", ...more });
    const back = (filters: number, activation: "relu" | "sigmoid") =>
      layers.conv2dTranspose({ filters, kernelSize: 3, strides: 2, padding: "same", activation });
    const model = tf.sequential({
      layers: [conv(8, { inputShape: [12, 12, 1] }), conv(6), back(8, "relu"), back(1, "sigmoid")],
    });
    model.compile({ optimizer: tf.train.adam(0.005), loss: "meanSquaredError" });
    return {
      models: [model],
      train: (trainer) => trainer.fit(model, train, train, { batchSize, epochs }),
      figures: () => evaluated(model, test, test),
    };
  },
};
