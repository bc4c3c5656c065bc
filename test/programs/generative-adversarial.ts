/**
 * Points on a circle, by a generator and a discriminator: two compiled models that share the discriminator's layers, trained by
 * turns with `trainOnBatch`.
 */
import * as tf from "@tensorflow/tfjs";
import { normal, type Random, times } from "./data/draw.ts";
import type { Program } from "./harness/program.ts";

const latent = 4;

const drawPoints = (random: Random, n: number) =>
  tf.tensor2d(
    times(n, () => {
      const [angle, radius] = [2 * Math.PI * random(), 1 + 0.05 * normal(random)];
      return [radius * Math.cos(angle), radius * Math.sin(angle)];
    }),
  );

export const generativeAdversarial: Program = {
  name: "generative adversarial nets",
  full: { examples: 3200, batchSize: 64, epochs: 20 },
  make({ batchSize, epochs, examples, random }) {
    const drawSeeds = (n: number) => tf.tensor2d(times(n, () => times(latent, () => normal(random))));
    const dense = (units: number, more: object = {}) =>
      tf.layers.dense({ units, activation: "relu", ...more });
    const generator = tf.sequential({
      layers: [dense(24, { inputShape: [latent] }), dense(24), tf.layers.dense({ units: 2 })],
    });
    const discriminator = tf.sequential({
      layers: [
        dense(24, { inputShape: [2] }),
        dense(24),
        tf.layers.dense({ units: 1, activation: "sigmoid" }),
      ],
    });
    discriminator.compile({
      optimizer: tf.train.adam(0.002, 0.9),
      loss: "binaryCrossentropy",
      metrics: ["accuracy"],
    });
    const seed = tf.input({ shape: [latent] });
    discriminator.trainable = false;
    const judged = discriminator.apply(generator.apply(seed)) as tf.SymbolicTensor;
    const combined = tf.model({ inputs: seed, outputs: judged });
    combined.compile({ optimizer: tf.train.adam(0.001), loss: "binaryCrossentropy" });
    discriminator.trainable = true;
    const [ones, zeros] = [tf.ones([batchSize, 1]), tf.zeros([batchSize, 1])];
    return {
      models: [generator, discriminator],
      async train(trainer) {
        for (let step = 0; step < (examples / batchSize) * epochs; step++) {
          const [real, fake] = [
            drawPoints(random, batchSize),
            generator.predict(drawSeeds(batchSize)) as tf.Tensor,
          ];
          const seeds = drawSeeds(batchSize);
          await trainer.trainOnBatch(discriminator, tf.concat([real, fake]), tf.concat([ones, zeros]));
          await trainer.trainOnBatch(combined, seeds, ones);
          tf.dispose([real, fake, seeds]);
        }
        await trainer.release(combined);
        await trainer.release(discriminator);
        return undefined;
      },
      figures() {
        const points = generator.predict(drawSeeds(500)) as tf.Tensor;
        const radius = points.norm("euclidean", 1);
        return {
          "distance from the circle": radius.sub(1).abs().mean().dataSync()[0],
          "distance of the centre": points.mean(0).norm().dataSync()[0],
        };
      },
    };
  },
};
