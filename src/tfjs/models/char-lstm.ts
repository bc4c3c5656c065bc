/** The character model: an embedding, two LSTMs, and logits of the next character at every step. */
import { cannot, YfError } from "../../errors.ts";
import { layers } from "../tf.ts";

const units = 128;

/**
 * Builds the network for sequences of characters: `[T]` indices to `[T, C]` logits.
 *
 * @param inputShape `[T]`, steps of one sequence. @param classes C, characters of the vocabulary, ≥ 1.
 * @param seed Seed of the initial weights, an integer ≥ 0.
 * @throws {YfError} `BAD_MODEL` if an example is no sequence.
 * Source: Karpathy, "The Unreasonable Effectiveness of Recurrent Neural Networks" (2015); the sizes are those of the
 * experiment in Zhang, Mitliagkas, "YellowFin and the Art of Momentum Tuning", arXiv:1706.03471, §5.
 */
export function charLstm(inputShape: readonly number[], classes: number, seed: number): layers.LayersModel {
  if (inputShape.length !== 1) {
    throw new YfError(
      "BAD_MODEL",
      cannot("build char-lstm", "the data must be sequences [T] of character indices", `[${inputShape}]`),
      { inputShape },
    );
  }
  let nextSeed = 1000 * seed;
  // PyTorch's default for recurrent layers: uniform in ±1/√units.
  const uniform = () => {
    const bound = 1 / Math.sqrt(units);
    return layers.initializers.randomUniform({ minval: -bound, maxval: bound, seed: nextSeed++ });
  };
  const { dense, embedding, lstm } = layers.layers;
  const recurrent = (name: string) =>
    lstm({
      name,
      units,
      returnSequences: true,
      recurrentActivation: "sigmoid",
      kernelInitializer: uniform(),
      recurrentInitializer: uniform(),
    });
  return layers.sequential({
    name: "char-lstm",
    layers: [
      embedding({
        name: "embedding",
        inputDim: classes,
        outputDim: units,
        inputLength: inputShape[0],
        embeddingsInitializer: uniform(),
      }),
      recurrent("lstm1"),
      recurrent("lstm2"),
      dense({ name: "dense", units: classes, kernelInitializer: uniform() }),
    ],
  });
}
