/**
 * A variational autoencoder: a layer of one's own draws from the encoder's distribution; the second output are its moments, whose
 * loss is the divergence from a standard normal distribution.
 */
import * as tf from "@tensorflow/tfjs";
import { drawDigits, side } from "./data/digits.ts";
import { evaluated, type Program } from "./harness/program.ts";

const pixels = side * side;
const latent = 4;

/** Mean and logarithm of the variance, `[B, 2 · latent]`, to a draw of that distribution. */
class Draw extends tf.layers.Layer {
  static className = "Draw";
  readonly #scale: number;

  constructor(scale: number) {
    super({});
    this.#scale = scale;
  }

  override computeOutputShape([batch]: tf.Shape): tf.Shape {
    return [batch, latent];
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => {
      const [mean, logVariance] = tf.split([inputs].flat()[0], 2, 1);
      if (this.#scale === 0) return mean;
      const noise = tf.randomNormal(mean.shape, 0, this.#scale);
      return mean.add(logVariance.mul(0.5).exp().mul(noise));
    });
  }
}

/** Of each example, a hundredth so that both losses are of one size. */
const divergence = (_: tf.Tensor, moments: tf.Tensor): tf.Tensor => {
  const [mean, logVariance] = tf.split(moments, 2, 1);
  return logVariance
    .exp()
    .add(mean.square())
    .sub(logVariance)
    .sub(1)
    .sum(1)
    .mul(0.5 / 100);
};

export const variationalAutoencoder: Program = {
  name: "variational autoencoder",
  full: { examples: 3000, batchSize: 50, epochs: 10 },
  make({ batchSize, epochs, examples, mayDraw, random }) {
    const flat = (n: number) => drawDigits(random, n).images.reshape([n, pixels]);
    const [train, test] = [flat(examples), flat(300)];
    const input = tf.input({ shape: [pixels] });
    const hidden = tf.layers.dense({ units: 64, activation: "relu" }).apply(input);
    const moments = tf.layers
      .dense({ units: 2 * latent, name: "moments" })
      .apply(hidden) as tf.SymbolicTensor;
    const drawn = new Draw(mayDraw ? 1 : 0).apply(moments);
    const back = tf.layers.dense({ units: 64, activation: "relu" }).apply(drawn);
    const decoder = tf.layers.dense({ units: pixels, activation: "sigmoid", name: "decoded" });
    const decoded = decoder.apply(back) as tf.SymbolicTensor;
    const model = tf.model({ inputs: input, outputs: [decoded, moments] });
    model.compile({ optimizer: tf.train.adam(0.002), loss: [tf.metrics.binaryCrossentropy, divergence] });
    const targets = (images: tf.Tensor) => [images, tf.zeros([images.shape[0], 2 * latent])];
    return {
      models: [model],
      train: (trainer) => trainer.fit(model, train, targets(train), { batchSize, epochs }),
      figures: () => evaluated(model, test, targets(test)),
    };
  },
};
