/** The tail of the fused kernels: bias, then activation. */
import { elu, leakyRelu, sigmoid } from "./elementwise.ts";
import { type Attributes, broadcastIndices, type Tensor } from "./tensor.ts";

/**
 * Adds a bias and applies the activation that a fused kernel names, in place.
 *
 * @param bias Broadcast over the output, or null.
 * @param slopes Slopes of `prelu` for negative numbers, broadcast over the output, or null.
 */
export function biasAndActivation(
  out: Tensor,
  bias: Tensor | null,
  slopes: Tensor | null,
  { activation, leakyreluAlpha }: Attributes,
): Float64Array {
  if (bias) {
    const at = broadcastIndices(bias.shape, out.shape);
    for (let i = 0; i < at.length; i++) out.data[i] += bias.data[at[i]];
  }
  const at = slopes && broadcastIndices(slopes.shape, out.shape);
  return out.data.map((x, i) => {
    switch (activation) {
      case "linear":
      case undefined:
      case null:
        return x;
      case "relu":
        return Math.max(0, x);
      case "relu6":
        return Math.min(6, Math.max(0, x));
      case "elu":
        return elu(x);
      case "sigmoid":
        return sigmoid(x);
      case "leakyrelu":
        return leakyRelu(x, leakyreluAlpha as number);
      case "prelu":
        return leakyRelu(x, slopes && at ? slopes.data[at[i]] : 0);
      default:
        throw new RangeError(
          `Cannot interpret a fused kernel: its activation must be known (got ${activation})`,
        );
    }
  });
}
