/** The residual networks for small images: three stages of 16, 32 and 64 channels. */
import { cannot, YfError } from "../../errors.ts";
import { layers } from "../tf.ts";

const channels = [16, 32, 64] as const;

/**
 * Builds a residual network of `depth` = 6·n + 2 layers with weights: a convolution, three stages of n blocks of two 3×3
 * convolutions each, and a dense layer. The second and third stage begin with stride 2 and a projected shortcut.
 *
 * Every convolution is followed by batch normalization and has no bias of its own. Kernels begin with He's normal
 * distribution, moving statistics have PyTorch's momentum and ε.
 *
 * @param depth 20, 32, 44, 56 or 110 in the paper.
 * @param inputShape One image, `[H, W, C]`, both sides at least 4 pixels.
 * @param classes Number of logits, ≥ 1.
 * @param seed Seed of the initial weights, an integer ≥ 0.
 * @throws {YfError} `BAD_MODEL` if an example is no such image.
 * Source: He, Zhang, Ren, Sun, "Deep Residual Learning for Image Recognition", arXiv:1512.03385, §4.2, with option B.
 */
export function resnet(
  depth: number,
  inputShape: readonly number[],
  classes: number,
  seed: number,
): layers.LayersModel {
  if (inputShape.length !== 3 || inputShape[0] < 4 || inputShape[1] < 4) {
    const rule = "the data must be images [H, W, C] of at least 4 × 4 pixels";
    throw new YfError("BAD_MODEL", cannot(`build resnet${depth}`, rule, `[${inputShape}]`), { inputShape });
  }
  const { activation, add, batchNormalization, conv2d, dense, globalAveragePooling2d } = layers.layers;
  // No model here has a thousand tensors, so the tensors of two model seeds never share a seed.
  let nextSeed = 1000 * seed;
  const he = () => layers.initializers.heNormal({ seed: nextSeed++ });

  const convolution = (
    x: layers.SymbolicTensor,
    filters: number,
    size: number,
    strides: number,
    name: string,
  ) => {
    const options = { filters, kernelSize: size, strides, padding: "same", useBias: false } as const;
    const y = conv2d({ name: `${name}_conv`, ...options, kernelInitializer: he() }).apply(x);
    return batchNormalization({ name: `${name}_norm`, momentum: 0.9, epsilon: 1e-5 }).apply(y);
  };
  const relu = (x: ReturnType<typeof convolution>, name: string) =>
    activation({ name, activation: "relu" }).apply(x) as layers.SymbolicTensor;
  const block = (x: layers.SymbolicTensor, filters: number, strides: number, name: string) => {
    const inner = relu(convolution(x, filters, 3, strides, `${name}_a`), `${name}_a_relu`);
    const residual = convolution(inner, filters, 3, 1, `${name}_b`) as layers.SymbolicTensor;
    const shortcut =
      strides === 1 ? x : (convolution(x, filters, 1, strides, `${name}_c`) as layers.SymbolicTensor);
    return relu(add({ name: `${name}_add` }).apply([residual, shortcut]), `${name}_relu`);
  };

  const input = layers.input({ name: "image", shape: [...inputShape] });
  let x = relu(convolution(input, channels[0], 3, 1, "first"), "first_relu");
  for (const [stage, filters] of channels.entries()) {
    for (let i = 0; i < (depth - 2) / 6; i++) {
      x = block(x, filters, stage > 0 && i === 0 ? 2 : 1, `stage${stage + 1}_${i + 1}`);
    }
  }
  const pooled = globalAveragePooling2d({ name: "pool", dataFormat: "channelsLast" }).apply(x);
  const logits = dense({ name: "dense", units: classes, kernelInitializer: he() }).apply(pooled);
  return layers.model({ name: `resnet${depth}`, inputs: input, outputs: logits as layers.SymbolicTensor });
}
