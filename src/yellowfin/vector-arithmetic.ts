/**
 * The few loops over whole vectors that YellowFin needs, in either precision, without WebAssembly.
 *
 * float32 is the plain twin of the SIMD kernels, to the bit. float64 rounds nowhere but in float64, for people who
 * check against equations.
 */
import { plainKernels } from "../kernels/plain.ts";

/** Of numbers in a vector. */
export type Precision = "float32" | "float64";
/** A flat vector in either precision. */
export type Vector = Float32Array | Float64Array;

export interface VectorArithmetic {
  readonly Vector: new (length: number) => Vector;
  /** Σ g², not finite exactly if a coordinate is not (or if the sum overflows). */
  squaredNorm(gradient: Vector): number;
  /** m ← m + (1 − decay)·(scale·g − m). @returns Σ m². */
  observe(gradient: Vector, mean: Vector, scale: number, decay: number): number;
  /** v ← μ·v − step·g; x ← x + v. */
  applyMomentum(parameters: Vector, velocity: Vector, gradient: Vector, momentum: number, step: number): void;
}

/** The loops for vectors of one precision; vectors of another must not be given to them. */
export function vectorArithmetic(precision: Precision): VectorArithmetic {
  return precision === "float64" ? double : ({ ...plainKernels(), Vector: Float32Array } as VectorArithmetic);
}

const double: VectorArithmetic = {
  Vector: Float64Array,
  squaredNorm: sumOfSquares,
  observe(gradient, mean, scale, decay) {
    const gain = 1 - decay;
    for (let i = 0; i < gradient.length; i++) mean[i] += gain * (scale * gradient[i] - mean[i]);
    return sumOfSquares(mean);
  },
  applyMomentum(parameters, velocity, gradient, momentum, step) {
    for (let i = 0; i < gradient.length; i++) {
      velocity[i] = momentum * velocity[i] - step * gradient[i];
      parameters[i] += velocity[i];
    }
  },
};

function sumOfSquares(values: Vector): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] * values[i];
  return sum;
}
