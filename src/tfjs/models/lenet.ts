/** The convolutional network of PyTorch's `mnist_hogwild` example. */
import { layers } from "../tf.ts";
import { pytorchInitializers } from "./pytorch-initializers.ts";

/**
 * Builds the small LeNet for images `[28, 28, 1]`: 10 logits, 21,840 parameters.
 *
 * conv 5x5 1→10, max-pool 2, relu, conv 5x5 10→20, max-pool 2, relu, dense 320→50, relu, dense 50→10. Without the
 * example's two dropout layers, which would make the gradient of a minibatch random. Initial weights have
 * PyTorch's default scale.
 *
 * @param seed Seed of the initial weights, an integer ≥ 0.
 * Source: PyTorch examples, `mnist_hogwild/main.py`, class `Net`.
 */
export function lenet(seed: number): layers.LayersModel {
  const initializers = pytorchInitializers(seed);
  const { conv2d, maxPooling2d, activation, flatten, dense } = layers.layers;
  return layers.sequential({
    name: "lenet",
    layers: [
      conv2d({ name: "conv1", inputShape: [28, 28, 1], filters: 10, kernelSize: 5, ...initializers(25) }),
      maxPooling2d({ name: "pool1", poolSize: 2 }),
      activation({ name: "relu1", activation: "relu" }),
      conv2d({ name: "conv2", filters: 20, kernelSize: 5, ...initializers(250) }),
      maxPooling2d({ name: "pool2", poolSize: 2 }),
      activation({ name: "relu2", activation: "relu" }),
      flatten({ name: "flatten" }),
      dense({ name: "dense1", units: 50, activation: "relu", ...initializers(320) }),
      dense({ name: "dense2", units: 10, ...initializers(50) }),
    ],
  });
}
