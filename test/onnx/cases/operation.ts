/** A case that is one operation on the features times a weight of their shape, so that a gradient flows through it. */
import { tf } from "../../../src/tfjs/tf.ts";
import { type ConformanceCase, float } from "../conformance-case.ts";

/**
 * @param shape Of one example. @param f Of features times weight, and of the features alone.
 * @param rest What else the row says.
 */
export function operation(
  name: string,
  shape: readonly number[],
  f: (x: tf.Tensor, raw: tf.Tensor) => tf.Tensor,
  { batchSize = 2, ...rest }: Omit<Partial<ConformanceCase>, "name" | "make"> & { batchSize?: number } = {},
): ConformanceCase {
  return {
    name,
    ...rest,
    make: () => {
      const weight = tf.variable(tf.ones([...shape]));
      const ones = () => tf.ones([batchSize, ...shape]);
      const labels = tf.tidy(() => f(ones(), ones()).shape.slice(1));
      return {
        model: (x) => f(tf.mul(x, weight), x),
        variables: [weight],
        loss: "meanSquaredError",
        features: [float(...shape)],
        labels: [float(...labels)],
        batchSize,
      };
    },
  };
}
