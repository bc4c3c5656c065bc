/**
 * Makes TensorFlow.js's random ops draw from a known stream.
 *
 * The ops draw on the host and hand over numbers. Each makes its generator from `seed.toString()`, or from
 * `Math.random().toString()` without a seed. So while such an op runs, every number reads as the same seed.
 */

/** The tf ops that draw each element on its own from one distribution with two parameters. */
const randomOps = ["randomUniform", "randomNormal", "truncatedNormal"] as const;

export type RandomOp = (typeof randomOps)[number];

export function isRandomOp(op: string | undefined): op is RandomOp {
  return (randomOps as readonly (string | undefined)[]).includes(op);
}

/** Pins the generator of `op` to the seed `pin` and returns the function that ends it; other ops are left alone. */
export function pinRandomness(op: string | undefined, pin: number): () => void {
  if (!isRandomOp(op)) return () => undefined;
  const { random } = Math;
  const original = Number.prototype.toString;
  Math.random = () => pin;
  Number.prototype.toString = () => String(pin);
  return () => {
    Math.random = random;
    Number.prototype.toString = original;
  };
}
