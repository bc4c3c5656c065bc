/**
 * PyTorch's default initial weights for linear and convolution layers: kernel and bias uniform in ±1/√fanIn.
 *
 * The built-in models use them because they are raced against PyTorch's own examples: the same starting scale.
 */
import { layers } from "../tf.ts";

type Initializer = ReturnType<typeof layers.initializers.randomUniform>;

export interface LayerInitializers {
  readonly kernelInitializer: Initializer;
  readonly biasInitializer: Initializer;
}

/**
 * Returns a function that gives the initializers of one layer after the other, each tensor with a seed of its own.
 *
 * @param seed Seed of the model, an integer ≥ 0.
 * @returns A function of fanIn, the number of inputs of one output unit.
 * Source: PyTorch, `torch.nn.Linear` and `torch.nn.Conv2d`, section "Variables".
 */
export function pytorchInitializers(seed: number): (fanIn: number) => LayerInitializers {
  // No model here has a thousand tensors, so the tensors of two model seeds never share a seed.
  let next = 1000 * seed;
  const uniform = (bound: number) =>
    layers.initializers.randomUniform({ minval: -bound, maxval: bound, seed: next++ });
  return (fanIn) => ({
    kernelInitializer: uniform(1 / Math.sqrt(fanIn)),
    biasInitializer: uniform(1 / Math.sqrt(fanIn)),
  });
}
