/**
 * The loops over whole parameter vectors as one interface, and its SIMD form in WebAssembly.
 *
 * Owns loading the compiled module and checking what is handed to it; `assembly/kernels.ts` owns the
 * arithmetic, `plain.ts` the same arithmetic in JavaScript. Both give the same bits. Coefficients (steps,
 * decays, scales) are rounded to float32 once, then every product and sum is rounded to float32, in the order
 * in which the formulas below are written; sums over a vector are float64.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

/** Coefficients of one Adam step. */
export interface AdamCoefficients {
  /** β₁, decay of the first moment, in [0, 1). */
  readonly beta1: number;
  /** β₂, decay of the second moment, in [0, 1). */
  readonly beta2: number;
  /** ε, added to the root of the second moment, > 0. */
  readonly epsilon: number;
  /** α, the learning rate. */
  readonly step: number;
  /** 1 / (1 − β₁ᵗ) for the t-th update (t ≥ 1); 1 for none. */
  readonly firstCorrection: number;
  /** 1 / (1 − β₂ᵗ). */
  readonly secondCorrection: number;
  /** α·λ, the share of each parameter that decays apart from the gradient; 0 for none. */
  readonly decay: number;
}

/** Coefficients of one schedule-free step of SGD. */
interface ScheduleFreeSgdCoefficients {
  /** γ, the learning rate. */
  readonly step: number;
  /** β, share of the average in the point at which gradients are taken, in [0, 1]. */
  readonly interpolation: number;
  /** c, weight of the newest z in the average, in (0, 1]. */
  readonly weight: number;
}

/** Coefficients of one schedule-free step of Adam. */
export interface ScheduleFreeCoefficients
  extends ScheduleFreeSgdCoefficients,
    Pick<AdamCoefficients, "beta2" | "epsilon" | "secondCorrection"> {
  /** Multiplies the gradient before all else, in (0, 1]. */
  readonly scale: number;
}

/** What {@link Kernels.alignment} measures. */
export interface Alignment {
  /** Σ q·(x̄ − r), of a direction without unit; parameter units. */
  readonly alignment: number;
  /** Σ q² ≥ 0. */
  readonly squaredDirection: number;
}

/** Of {@link Kernels.alignment}. */
interface AlignmentCoefficients extends Pick<AdamCoefficients, "beta2" | "epsilon" | "secondCorrection"> {
  /** How much of the way from z to x̄ the average has made since r was read, in [0, 1]. */
  readonly lag: number;
}

/** Element-wise loops over vectors of equal length; every array is float32 unless its type says otherwise. */
export interface Kernels {
  /** Σ g². A NaN or an infinity in g makes the result NaN or Infinity, so this is also the test for both. */
  squaredNorm(gradient: Float32Array): number;
  /**
   * m ← m + (1 − decay)·(scale·g − m), which is m ← decay·m + (1 − decay)·scale·g, and returns Σ m².
   *
   * The first form, because float32(0.999) and float32(0.001) do not add up to 1: the second would be off by
   * 1.3e-5 after many steps, and the variance is a small difference of two such numbers.
   */
  observe(gradient: Float32Array, mean: Float32Array, scale: number, decay: number): number;
  /** v ← μ·v − step·g; x ← x + v. The velocity v is the last step itself, which is added to the parameters. */
  applyMomentum(
    parameters: Float32Array,
    velocity: Float32Array,
    gradient: Float32Array,
    momentum: number,
    step: number,
  ): void;
  /** v ← μ·v − step·g; x ← x + (μ·v − step·g), with the new v: the gradient is taken where momentum will carry x. */
  applyNesterov(
    parameters: Float32Array,
    velocity: Float32Array,
    gradient: Float32Array,
    momentum: number,
    step: number,
  ): void;
  /** x ← x − step·g. */
  applySgd(parameters: Float32Array, gradient: Float32Array, step: number): void;
  /**
   * m ← m + (1 − β₁)·(g − m);  v ← v + (1 − β₂)·(g² − v);
   * x ← (x − decay·x) − (α·firstCorrection)·m / (√(secondCorrection·v) + ε).
   *
   * Sources: Kingma, Ba, "Adam: A Method for Stochastic Optimization", arXiv:1412.6980, Algorithm 1; with decay Loshchilov,
   * Hutter, "Decoupled Weight Decay Regularization", arXiv:1711.05101, Algorithm 2.
   */
  applyAdam(
    parameters: Float32Array,
    first: Float32Array,
    second: Float32Array,
    gradient: Float32Array,
    coefficients: AdamCoefficients,
  ): void;
  /** s ← s + (1 − decay)·(g² − s);  v ← momentum·v − step·g / √(s + ε);  x ← x + v. */
  applyRmsProp(
    parameters: Float32Array,
    squares: Float32Array,
    velocity: Float32Array,
    gradient: Float32Array,
    coefficients: RmsPropCoefficients,
  ): void;
  /** s ← s + g²;  x ← x − step·g / √(s + ε). */
  applyAdagrad(
    parameters: Float32Array,
    squares: Float32Array,
    gradient: Float32Array,
    step: number,
    epsilon: number,
  ): void;
  /** m ← m + (1 − β₁)·(g − m);  u ← max(β₂·u, |g|);  x ← x − step·m / (u + ε). */
  applyAdamax(
    parameters: Float32Array,
    first: Float32Array,
    largest: Float32Array,
    gradient: Float32Array,
    coefficients: AdamaxCoefficients,
  ): void;
  /**
   * d ← g·√(q + ε) / √(s + ε);  s ← s + (1 − decay)·(g² − s);  q ← q + (1 − decay)·(d² − q);  x ← x − step·d.
   *
   * d is divided by the s of before, as TensorFlow.js does; in the paper s takes g² in first.
   */
  applyAdadelta(
    parameters: Float32Array,
    squares: Float32Array,
    steps: Float32Array,
    gradient: Float32Array,
    coefficients: AdadeltaCoefficients,
  ): void;
  /**
   * Σ q·(c − r) and Σ q², where q = g / (√(secondCorrection·v') + ε), v' = v + (1 − β₂)·(g² − v) and c = x̄ − lag·(z − x̄): along
   * the direction q of a gradient taken at r, how far back it is to the average x̄ as it was then. Positive while descending.
   */
  alignment(
    read: Float32Array,
    fast: Float32Array,
    mean: Float32Array,
    second: Float32Array,
    gradient: Float32Array,
    coefficients: AlignmentCoefficients,
  ): Alignment;
  /**
   * With scale·g for g:  v ← v + (1 − β₂)·(g² − v);  z ← z − step·g / (√(secondCorrection·v) + ε);
   * x̄ ← x̄ + c·(z − x̄);  y ← z + β·(x̄ − z).
   *
   * Source: Defazio et al., "The Road Less Scheduled", arXiv:2405.15682, Algorithm 1, without its weight decay.
   */
  applyScheduleFree(
    parameters: Float32Array,
    fast: Float32Array,
    mean: Float32Array,
    second: Float32Array,
    gradient: Float32Array,
    coefficients: ScheduleFreeCoefficients,
  ): void;
  /**
   * z ← z − step·g;  x̄ ← x̄ + c·(z − x̄);  y ← z + β·(x̄ − z).
   *
   * Source: as {@link applyScheduleFree}, equations 3 to 5.
   */
  applyScheduleFreeSgd(
    parameters: Float32Array,
    fast: Float32Array,
    mean: Float32Array,
    gradient: Float32Array,
    coefficients: ScheduleFreeSgdCoefficients,
  ): void;
  /** g ← min(max(scale·g, −limit), limit). */
  clip(gradient: Float32Array, scale: number, limit: number): void;
  /** g ← g + strength·g²·(x − r). */
  compensate(gradient: Float32Array, parameters: Float32Array, read: Float32Array, strength: number): void;
  /** g ← g / (|x − r| / (√(correction·q) + ε) + 1). */
  divideByGap(
    gradient: Float32Array,
    parameters: Float32Array,
    read: Float32Array,
    squares: Float32Array,
    correction: number,
    epsilon: number,
  ): void;
  /** q ← q + (1 − decay)·((x − b)² − q). */
  observeStep(parameters: Float32Array, before: Float32Array, squares: Float32Array, decay: number): void;
  /** Σ (x − r)². */
  squaredDistance(parameters: Float32Array, reference: Float32Array): number;
  /** target ← source. */
  copy(source: Float32Array, target: Float32Array): void;
  /** target ← scale·source + offset. */
  scaleBytes(source: Uint8Array, target: Float32Array, scale: number, offset: number): void;
}

/** Of {@link Kernels.applyRmsProp}. */
interface RmsPropCoefficients {
  /** ρ, of the mean square. */
  readonly decay: number;
  readonly momentum: number;
  readonly step: number;
  readonly epsilon: number;
}

/** Of {@link Kernels.applyAdamax}. */
interface AdamaxCoefficients {
  readonly beta1: number;
  readonly beta2: number;
  /** α / (1 − β₁ᵗ). */
  readonly step: number;
  readonly epsilon: number;
}

/** Of {@link Kernels.applyAdadelta}. */
interface AdadeltaCoefficients {
  /** ρ, of both mean squares. */
  readonly decay: number;
  readonly step: number;
  readonly epsilon: number;
}

/** What `assembly/kernels.ts` exports: byte addresses, element counts, float32 coefficients. */
interface Exports {
  squaredNorm(gradient: number, length: number): number;
  observe(gradient: number, mean: number, length: number, scale: number, gain: number): number;
  applyMomentum(
    parameters: number,
    velocity: number,
    gradient: number,
    length: number,
    momentum: number,
    step: number,
  ): void;
  applyNesterov(
    parameters: number,
    velocity: number,
    gradient: number,
    length: number,
    momentum: number,
    step: number,
  ): void;
  applySgd(parameters: number, gradient: number, length: number, step: number): void;
  applyAdam(
    parameters: number,
    first: number,
    second: number,
    gradient: number,
    length: number,
    gain1: number,
    gain2: number,
    correction2: number,
    epsilon: number,
    step: number,
    decay: number,
  ): void;
  applyRmsProp(
    parameters: number,
    squares: number,
    velocity: number,
    gradient: number,
    length: number,
    gain: number,
    momentum: number,
    step: number,
    epsilon: number,
  ): void;
  applyAdagrad(
    parameters: number,
    squares: number,
    gradient: number,
    length: number,
    step: number,
    epsilon: number,
  ): void;
  applyAdamax(
    parameters: number,
    first: number,
    largest: number,
    gradient: number,
    length: number,
    gain1: number,
    beta2: number,
    step: number,
    epsilon: number,
  ): void;
  applyAdadelta(
    parameters: number,
    squares: number,
    steps: number,
    gradient: number,
    length: number,
    gain: number,
    step: number,
    epsilon: number,
  ): void;
  alignment(
    read: number,
    fast: number,
    mean: number,
    second: number,
    gradient: number,
    length: number,
    gain2: number,
    correction2: number,
    epsilon: number,
    lag: number,
  ): number;
  lastSquaredDirection(): number;
  applyScheduleFree(
    parameters: number,
    fast: number,
    mean: number,
    second: number,
    gradient: number,
    length: number,
    scale: number,
    gain2: number,
    correction2: number,
    epsilon: number,
    step: number,
    weight: number,
    interpolation: number,
  ): void;
  applyScheduleFreeSgd(
    parameters: number,
    fast: number,
    mean: number,
    gradient: number,
    length: number,
    step: number,
    weight: number,
    interpolation: number,
  ): void;
  clip(gradient: number, length: number, scale: number, limit: number): void;
  compensate(gradient: number, parameters: number, read: number, length: number, strength: number): void;
  divideByGap(
    gradient: number,
    parameters: number,
    read: number,
    squares: number,
    length: number,
    correction: number,
    epsilon: number,
  ): void;
  observeStep(parameters: number, before: number, squares: number, length: number, gain: number): void;
  squaredDistance(parameters: number, reference: number, length: number): number;
  copy(source: number, target: number, length: number): void;
  scaleBytes(source: number, target: number, length: number, scale: number, offset: number): void;
}

/**
 * Compiles the SIMD kernels. The module may be sent to other threads, which then need not compile it again.
 *
 * @throws {Error} ENOENT when the package was not built (`npm run build:kernels`).
 */
export function compileKernels(): WebAssembly.Module {
  return new WebAssembly.Module(readFileSync(createRequire(import.meta.url).resolve("#kernels")));
}

/**
 * SIMD kernels over arrays inside one shared memory.
 *
 * @param memory A shared `WebAssembly.Memory` that never grows. Every array given to the kernels must be a view
 *   of it.
 * @param module From {@link compileKernels}.
 * @throws {TypeError} From the kernels, if an array is not a view of `memory`.
 * @throws {RangeError} From the kernels, if two arrays differ in length.
 */
export function wasmKernels(
  memory: WebAssembly.Memory,
  module: WebAssembly.Module = compileKernels(),
): Kernels {
  const instance = new WebAssembly.Instance(module, { env: { memory } });
  const simd = instance.exports as unknown as Exports;
  const buffer = memory.buffer;

  /** Byte address of `array`, which must have `length` elements. */
  const address = (array: Float32Array | Uint8Array, length: number): number => {
    if (array.buffer !== buffer) {
      throw new TypeError("Cannot run a SIMD kernel: every array must be a view of its memory");
    }
    if (array.length !== length) {
      throw new RangeError(
        `Cannot run a kernel: its arrays must have one length (got ${length} and ${array.length})`,
      );
    }
    return array.byteOffset;
  };

  return {
    squaredNorm(gradient) {
      const { length } = gradient;
      return simd.squaredNorm(address(gradient, length), length);
    },
    observe(gradient, mean, scale, decay) {
      const { length } = gradient;
      return simd.observe(address(gradient, length), address(mean, length), length, scale, 1 - decay);
    },
    applyMomentum(parameters, velocity, gradient, momentum, step) {
      const { length } = gradient;
      simd.applyMomentum(
        address(parameters, length),
        address(velocity, length),
        address(gradient, length),
        length,
        momentum,
        step,
      );
    },
    applyNesterov(parameters, velocity, gradient, momentum, step) {
      const { length } = gradient;
      simd.applyNesterov(
        address(parameters, length),
        address(velocity, length),
        address(gradient, length),
        length,
        momentum,
        step,
      );
    },
    applySgd(parameters, gradient, step) {
      const { length } = gradient;
      simd.applySgd(address(parameters, length), address(gradient, length), length, step);
    },
    applyAdam(parameters, first, second, gradient, coefficients) {
      const { length } = gradient;
      const { beta1, beta2, decay, epsilon, step, firstCorrection, secondCorrection } = coefficients;
      simd.applyAdam(
        address(parameters, length),
        address(first, length),
        address(second, length),
        address(gradient, length),
        length,
        1 - beta1,
        1 - beta2,
        secondCorrection,
        epsilon,
        step * firstCorrection,
        decay,
      );
    },
    applyRmsProp(parameters, squares, velocity, gradient, { decay, epsilon, momentum, step }) {
      const { length } = gradient;
      simd.applyRmsProp(
        address(parameters, length),
        address(squares, length),
        address(velocity, length),
        address(gradient, length),
        length,
        1 - decay,
        momentum,
        step,
        epsilon,
      );
    },
    applyAdagrad(parameters, squares, gradient, step, epsilon) {
      const { length } = gradient;
      simd.applyAdagrad(
        address(parameters, length),
        address(squares, length),
        address(gradient, length),
        length,
        step,
        epsilon,
      );
    },
    applyAdamax(parameters, first, largest, gradient, { beta1, beta2, epsilon, step }) {
      const { length } = gradient;
      simd.applyAdamax(
        address(parameters, length),
        address(first, length),
        address(largest, length),
        address(gradient, length),
        length,
        1 - beta1,
        beta2,
        step,
        epsilon,
      );
    },
    applyAdadelta(parameters, squares, steps, gradient, { decay, epsilon, step }) {
      const { length } = gradient;
      simd.applyAdadelta(
        address(parameters, length),
        address(squares, length),
        address(steps, length),
        address(gradient, length),
        length,
        1 - decay,
        step,
        epsilon,
      );
    },
    alignment(read, fast, mean, second, gradient, { beta2, epsilon, lag, secondCorrection }) {
      const { length } = gradient;
      const alignment = simd.alignment(
        address(read, length),
        address(fast, length),
        address(mean, length),
        address(second, length),
        address(gradient, length),
        length,
        1 - beta2,
        secondCorrection,
        epsilon,
        lag,
      );
      return { alignment, squaredDirection: simd.lastSquaredDirection() };
    },
    applyScheduleFree(parameters, fast, mean, second, gradient, coefficients) {
      const { length } = gradient;
      const { beta2, epsilon, interpolation, scale, secondCorrection, step, weight } = coefficients;
      simd.applyScheduleFree(
        address(parameters, length),
        address(fast, length),
        address(mean, length),
        address(second, length),
        address(gradient, length),
        length,
        scale,
        1 - beta2,
        secondCorrection,
        epsilon,
        step,
        weight,
        interpolation,
      );
    },
    applyScheduleFreeSgd(parameters, fast, mean, gradient, { interpolation, step, weight }) {
      const { length } = gradient;
      simd.applyScheduleFreeSgd(
        address(parameters, length),
        address(fast, length),
        address(mean, length),
        address(gradient, length),
        length,
        step,
        weight,
        interpolation,
      );
    },
    clip(gradient, scale, limit) {
      const { length } = gradient;
      simd.clip(address(gradient, length), length, scale, limit);
    },
    compensate(gradient, parameters, read, strength) {
      const { length } = gradient;
      simd.compensate(
        address(gradient, length),
        address(parameters, length),
        address(read, length),
        length,
        strength,
      );
    },
    divideByGap(gradient, parameters, read, squares, correction, epsilon) {
      const { length } = gradient;
      simd.divideByGap(
        address(gradient, length),
        address(parameters, length),
        address(read, length),
        address(squares, length),
        length,
        correction,
        epsilon,
      );
    },
    observeStep(parameters, before, squares, decay) {
      const { length } = parameters;
      simd.observeStep(
        address(parameters, length),
        address(before, length),
        address(squares, length),
        length,
        1 - decay,
      );
    },
    squaredDistance(parameters, reference) {
      const { length } = parameters;
      return simd.squaredDistance(address(parameters, length), address(reference, length), length);
    },
    copy(source, target) {
      const { length } = source;
      simd.copy(address(source, length), address(target, length), length);
    },
    scaleBytes(source, target, scale, offset) {
      const { length } = source;
      simd.scaleBytes(address(source, length), address(target, length), length, scale, offset);
    },
  };
}
