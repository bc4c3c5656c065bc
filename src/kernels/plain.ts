/**
 * The kernels in plain JavaScript, on any arrays: the slow form that says what the SIMD form computes, to the bit.
 *
 * Same lanes, same order of additions, same roundings as `assembly/kernels.ts`. A float64 product, sum, quotient
 * or root of float32 numbers that is then rounded to float32 is the correctly rounded float32 result (Figueroa,
 * "When is double rounding innocuous?", 1995), so `Math.fround` after each operation gives the bits of SIMD.
 */
import type { Kernels } from "./kernels.ts";

const { fround } = Math;
const lanes = 8;
/** What the loop with two sums takes at a time, so that both fit into registers. */
const groupOfFour = 4;

/** Kernels without WebAssembly, for arrays anywhere. Lengths must be equal and are not checked. */
export function plainKernels(): Kernels {
  return {
    squaredNorm(gradient) {
      return sumOfSquares(gradient);
    },
    observe(gradient, mean, scale, decay) {
      const scale32 = fround(scale);
      const gain = fround(1 - decay);
      for (let i = 0; i < gradient.length; i++) {
        const old = mean[i];
        mean[i] = old + fround(gain * fround(fround(scale32 * gradient[i]) - old));
      }
      return sumOfSquares(mean);
    },
    applyMomentum(parameters, velocity, gradient, momentum, step) {
      const momentum32 = fround(momentum);
      const step32 = fround(step);
      for (let i = 0; i < gradient.length; i++) {
        const v = fround(fround(momentum32 * velocity[i]) - fround(step32 * gradient[i]));
        velocity[i] = v;
        parameters[i] += v;
      }
    },
    applyNesterov(parameters, velocity, gradient, momentum, step) {
      const momentum32 = fround(momentum);
      const step32 = fround(step);
      for (let i = 0; i < gradient.length; i++) {
        const descent = fround(step32 * gradient[i]);
        const v = fround(fround(momentum32 * velocity[i]) - descent);
        velocity[i] = v;
        parameters[i] += fround(fround(momentum32 * v) - descent);
      }
    },
    applySgd(parameters, gradient, step) {
      const step32 = fround(step);
      for (let i = 0; i < gradient.length; i++) parameters[i] -= fround(step32 * gradient[i]);
    },
    applyAdam(
      parameters,
      first,
      second,
      gradient,
      { beta1, beta2, decay, epsilon, step, firstCorrection, secondCorrection },
    ) {
      const gain1 = fround(1 - beta1);
      const gain2 = fround(1 - beta2);
      const correction2 = fround(secondCorrection);
      const epsilon32 = fround(epsilon);
      const step32 = fround(step * firstCorrection);
      const decay32 = fround(decay);
      for (let i = 0; i < gradient.length; i++) {
        const g = gradient[i];
        const m = fround(first[i] + fround(gain1 * fround(g - first[i])));
        const v = fround(second[i] + fround(gain2 * fround(fround(g * g) - second[i])));
        first[i] = m;
        second[i] = v;
        const divisor = fround(fround(Math.sqrt(fround(correction2 * v))) + epsilon32);
        const decayed = fround(parameters[i] - fround(decay32 * parameters[i]));
        parameters[i] = decayed - fround(fround(step32 * m) / divisor);
      }
    },
    applyRmsProp(parameters, squares, velocity, gradient, { decay, epsilon, momentum, step }) {
      const [gain32, momentum32] = [fround(1 - decay), fround(momentum)];
      const [step32, epsilon32] = [fround(step), fround(epsilon)];
      for (let i = 0; i < gradient.length; i++) {
        const g = gradient[i];
        const s = fround(squares[i] + fround(gain32 * fround(fround(g * g) - squares[i])));
        const pull = fround(fround(step32 * g) / fround(Math.sqrt(fround(s + epsilon32))));
        squares[i] = s;
        velocity[i] = fround(momentum32 * velocity[i]) - pull;
        parameters[i] += velocity[i];
      }
    },
    applyAdagrad(parameters, squares, gradient, step, epsilon) {
      const [step32, epsilon32] = [fround(step), fround(epsilon)];
      for (let i = 0; i < gradient.length; i++) {
        const g = gradient[i];
        squares[i] += fround(g * g);
        parameters[i] -= fround(fround(step32 * g) / fround(Math.sqrt(fround(squares[i] + epsilon32))));
      }
    },
    applyAdamax(parameters, first, largest, gradient, { beta1, beta2, epsilon, step }) {
      const [gain32, beta32] = [fround(1 - beta1), fround(beta2)];
      const [step32, epsilon32] = [fround(step), fround(epsilon)];
      for (let i = 0; i < gradient.length; i++) {
        const g = gradient[i];
        first[i] += fround(gain32 * fround(g - first[i]));
        largest[i] = Math.max(fround(beta32 * largest[i]), Math.abs(g));
        parameters[i] -= fround(fround(step32 * first[i]) / fround(largest[i] + epsilon32));
      }
    },
    applyAdadelta(parameters, squares, steps, gradient, { decay, epsilon, step }) {
      const gain32 = fround(1 - decay);
      const [step32, epsilon32] = [fround(step), fround(epsilon)];
      for (let i = 0; i < gradient.length; i++) {
        const g = gradient[i];
        const ratio = fround(
          fround(Math.sqrt(fround(steps[i] + epsilon32))) / fround(Math.sqrt(fround(squares[i] + epsilon32))),
        );
        const d = fround(ratio * g);
        squares[i] += fround(gain32 * fround(fround(g * g) - squares[i]));
        steps[i] += fround(gain32 * fround(fround(d * d) - steps[i]));
        parameters[i] -= fround(step32 * d);
      }
    },
    alignment(read, fast, mean, second, gradient, { beta2, epsilon, lag, secondCorrection }) {
      const gain2 = fround(1 - beta2);
      const correction2 = fround(secondCorrection);
      const epsilon32 = fround(epsilon);
      const lag32 = fround(lag);
      const products = new Float64Array(lanes);
      const squares = new Float64Array(lanes);
      const whole = gradient.length - (gradient.length % groupOfFour);
      const [q, away] = [new Float32Array(gradient.length), new Float32Array(gradient.length)];
      for (let i = 0; i < gradient.length; i++) {
        const g = gradient[i];
        const v = fround(second[i] + fround(gain2 * fround(fround(g * g) - second[i])));
        q[i] = g / fround(fround(Math.sqrt(fround(correction2 * v))) + epsilon32);
        away[i] = fround(mean[i] - fround(lag32 * fround(fast[i] - mean[i]))) - read[i];
        if (i >= whole) continue;
        products[i % groupOfFour] += q[i] * away[i];
        squares[i % groupOfFour] += q[i] * q[i];
      }
      let [product, square] = [sumOfLanes(products), sumOfLanes(squares)];
      for (let i = whole; i < gradient.length; i++) {
        product += q[i] * away[i];
        square += q[i] * q[i];
      }
      return { alignment: product, squaredDirection: square };
    },
    applyScheduleFree(
      parameters,
      fast,
      mean,
      second,
      gradient,
      { beta2, epsilon, interpolation, scale, secondCorrection, step, weight },
    ) {
      const scale32 = fround(scale);
      const gain2 = fround(1 - beta2);
      const correction2 = fround(secondCorrection);
      const epsilon32 = fround(epsilon);
      const step32 = fround(step);
      const weight32 = fround(weight);
      const interpolation32 = fround(interpolation);
      for (let i = 0; i < gradient.length; i++) {
        const g = fround(scale32 * gradient[i]);
        const v = fround(second[i] + fround(gain2 * fround(fround(g * g) - second[i])));
        second[i] = v;
        const divisor = fround(fround(Math.sqrt(fround(correction2 * v))) + epsilon32);
        const z = fround(fast[i] - fround(fround(step32 * g) / divisor));
        const x = fround(mean[i] + fround(weight32 * fround(z - mean[i])));
        fast[i] = z;
        mean[i] = x;
        parameters[i] = z + fround(interpolation32 * fround(x - z));
      }
    },
    applyScheduleFreeSgd(parameters, fast, mean, gradient, { interpolation, step, weight }) {
      const step32 = fround(step);
      const weight32 = fround(weight);
      const interpolation32 = fround(interpolation);
      for (let i = 0; i < gradient.length; i++) {
        const z = fround(fast[i] - fround(step32 * gradient[i]));
        const x = fround(mean[i] + fround(weight32 * fround(z - mean[i])));
        fast[i] = z;
        mean[i] = x;
        parameters[i] = z + fround(interpolation32 * fround(x - z));
      }
    },
    clip(gradient, scale, limit) {
      const scale32 = fround(scale);
      const limit32 = fround(limit);
      for (let i = 0; i < gradient.length; i++) {
        gradient[i] = Math.min(Math.max(fround(scale32 * gradient[i]), -limit32), limit32);
      }
    },
    compensate(gradient, parameters, read, strength) {
      const strength32 = fround(strength);
      for (let i = 0; i < gradient.length; i++) {
        const g = gradient[i];
        const moved = fround(parameters[i] - read[i]);
        gradient[i] = g + fround(fround(strength32 * fround(g * g)) * moved);
      }
    },
    divideByGap(gradient, parameters, read, squares, correction, epsilon) {
      const correction32 = fround(correction);
      const epsilon32 = fround(epsilon);
      for (let i = 0; i < gradient.length; i++) {
        const moved = Math.abs(fround(parameters[i] - read[i]));
        const step = fround(fround(Math.sqrt(fround(correction32 * squares[i]))) + epsilon32);
        gradient[i] /= fround(fround(moved / step) + 1);
      }
    },
    observeStep(parameters, before, squares, decay) {
      const gain = fround(1 - decay);
      for (let i = 0; i < parameters.length; i++) {
        const step = fround(parameters[i] - before[i]);
        const q = squares[i];
        squares[i] = q + fround(gain * fround(fround(step * step) - q));
      }
    },
    squaredDistance(parameters, reference) {
      return sumOfSquares(parameters.map((value, i) => value - reference[i]));
    },
    copy(source, target) {
      target.set(source);
    },
    scaleBytes(source, target, scale, offset) {
      const scale32 = fround(scale);
      const offset32 = fround(offset);
      for (let i = 0; i < source.length; i++) target[i] = fround(scale32 * source[i]) + offset32;
    },
  };
}

/** Σ v² in eight float64 lanes, then the tail one by one. */
function sumOfSquares(values: Float32Array): number {
  const sums = new Float64Array(lanes);
  const whole = values.length - (values.length % lanes);
  for (let i = 0; i < whole; i += lanes) {
    for (let lane = 0; lane < lanes; lane++) sums[lane] += values[i + lane] * values[i + lane];
  }
  let sum = sumOfLanes(sums);
  for (let i = whole; i < values.length; i++) sum += values[i] * values[i];
  return sum;
}

function sumOfLanes(sums: Float64Array): number {
  const even = sums[0] + sums[2] + (sums[4] + sums[6]);
  const odd = sums[1] + sums[3] + (sums[5] + sums[7]);
  return even + odd;
}
