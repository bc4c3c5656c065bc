/**
 * YellowFin for one thread: an optimizer over a flat parameter vector, without TensorFlow.js and without workers.
 *
 * Owns what the workers keep in shared memory: gradient mean, velocity, clipping, the measurement of momentum.
 * In float32 it computes the bits of a run with one worker.
 */
import { cannot } from "../errors.ts";
import { sampleCoordinates } from "../momentum-estimators/sample-coordinates.ts";
import { defaultSampleCount, totalMomentum } from "../momentum-estimators/total-momentum.ts";
import { type LoopName, loopAliases, loopNames } from "../optimizers/loop.ts";
import { usesBackOff } from "../optimizers/optimizers.ts";
import { withBackOff } from "../tuner/back-off.ts";
import { clipScale } from "../tuner/clip-scale.ts";
import { type Controller, gradientMeanDecay, type Hyperparameters, type State } from "../tuner/controller.ts";
import {
  defaultSlowStart,
  type YellowFinTelemetry,
  yellowFinController,
} from "../tuner/yellowfin-controller.ts";
import { type Precision, type Vector, type VectorArithmetic, vectorArithmetic } from "./vector-arithmetic.ts";

/** How a {@link YellowFin} is made. */
export interface YellowFinOptions {
  /** P, number of parameters, ≥ 1. */
  readonly length: number;
  /** `corrected` (default): back-off. `feedback`: momentum steered by the measured one. `none`: neither. Alone, nothing is stale. */
  readonly loop?: LoopName;
  /** Whether to halve the learning rate when the loss rises; on by default with the corrected loop. Needs losses. */
  readonly backOff?: boolean;
  /** Multiplies the learning rate, > 0; default 1. */
  readonly learningRateFactor?: number;
  /** Updates over which the learning rate grows to its full size, ≥ 1; default 200. */
  readonly slowStart?: number;
  /** Of parameters, gradients and all vectors kept; default `float32`. */
  readonly precision?: Precision;
  /** Seed of the choice of coordinates that momentum is measured at, an int32; default 1. */
  readonly seed?: number;
}

/** For users without types: Array, Float64Array, Null, … */
const kindOf = (value: unknown) => Object.prototype.toString.call(value).slice(8, -1);

/** What YellowFin saw and decided at one update. */
export interface YellowFinReport {
  /** Smallest curvature, smoothed |g|². Gradient units². */
  readonly hMin: number;
  /** Largest curvature, as {@link hMin}. */
  readonly hMax: number;
  /** C, variance of the gradient summed over coordinates. Gradient units². */
  readonly variance: number;
  /** D, distance to the optimum. Parameter units. */
  readonly distance: number;
  /** μ that this update applies. */
  readonly momentum: number;
  /** α that this update applies. */
  readonly learningRate: number;
  /** Factor in (0, 1] that clips the gradient of this update before it is applied. */
  readonly gradientScale: number;
  /** μ*, the momentum aimed at. */
  readonly targetMomentum: number;
  /** Measured total momentum, smoothed; NaN before the first measurement. */
  readonly totalMomentum: number;
}

/** What may be known of a gradient besides itself. */
export interface GradientFacts {
  /** Mean loss of its minibatch; the back-off counts only losses it is given. */
  readonly loss?: number;
  /** μ̂, total momentum as measured by the caller, for the loop `feedback`. */
  readonly totalMomentum?: number;
}

/**
 * Sets momentum and learning rate by itself.
 *
 * Each update measures the gradient g, tunes (μ, α) with it and then does  v ← μv − αg; x ← x + v.  The loss must be a
 * mean over the minibatch: α goes with 1/|g|², so a loss s times as large gets a learning rate s² times as small.
 *
 * @example
 * ```ts
 * // f(x) = Σ x²/2, whose gradient is x
 * const parameters = Float32Array.of(1, -2);
 * const optimizer = new YellowFin({ length: 2 });
 * for (let t = 0; t < 500; t++) optimizer.update(parameters, parameters.slice());
 * Math.hypot(...parameters) < 0.01; // → true
 * ```
 *
 * Source: Zhang, Mitliagkas, Ré, "YellowFin and the Art of Momentum Tuning", arXiv:1706.03471, Algorithms 1 to 5.
 */
export class YellowFin {
  readonly #arithmetic: VectorArithmetic;
  readonly #controller: Controller<State, YellowFinTelemetry>;
  readonly #state: State;
  readonly #mean: Vector;
  readonly #velocity: Vector;
  readonly #coordinates: Int32Array;
  readonly #scratch: Float64Array;
  #clips: Pick<Hyperparameters, "observeClip" | "applyClip">;
  /** Sampled iterates x_{r−1} and x_r; the first exists from the second update on. */
  #previous: Vector | null = null;
  #measured = Number.NaN;
  #updates = 0;
  #skipped = 0;

  /** @throws {RangeError} If a number is out of its range. */
  constructor(options: YellowFinOptions) {
    const { length, learningRateFactor = 1, precision = "float32", seed = 1 } = options;
    const given: string = options.loop ?? "corrected";
    const loop =
      loopNames.find((name) => name === given) ??
      new Map<string, LoopName>(Object.entries(loopAliases)).get(given);
    if (loop === undefined) {
      throw new RangeError(
        cannot("create a YellowFin", `loop must be one of ${loopNames.join(", ")}`, given),
      );
    }
    const { backOff = usesBackOff("yellowfin", loop), slowStart = defaultSlowStart } = options;
    if (!(Number.isInteger(length) && length > 0)) {
      throw new RangeError(cannot("create a YellowFin", "length must be an integer ≥ 1", length));
    }
    const controller = yellowFinController({ loop, learningRateFactor, slowStart });
    this.#controller = (backOff ? withBackOff(controller) : controller) as Controller<
      State,
      YellowFinTelemetry
    >;
    this.#state = this.#controller.init();
    this.#clips = this.#controller.start().hyperparameters;
    this.#arithmetic = vectorArithmetic(precision);
    this.#mean = new this.#arithmetic.Vector(length);
    this.#velocity = new this.#arithmetic.Vector(length);
    this.#coordinates = sampleCoordinates(length, Math.min(length, defaultSampleCount), seed);
    this.#scratch = new Float64Array(this.#coordinates.length);
  }

  /** Gradients that were measured. */
  get updates(): number {
    return this.#updates;
  }

  /** Gradients that were left out because they, or their loss, were not finite. */
  get skipped(): number {
    return this.#skipped;
  }

  /**
   * Does one whole update: measures the gradient, tunes, and changes the parameters.
   *
   * @param parameters x, `[P]`, changed in place; where the gradient was computed.
   * @param gradient g, `[P]`, of a mean loss; not changed.
   * @param loss Mean loss of the minibatch, for the back-off.
   * @returns Null when the gradient or the loss is not finite: it is counted, nothing else happens.
   * @throws {TypeError} If a vector is not of the chosen precision. @throws {RangeError} If its length is not P.
   */
  update(parameters: Vector, gradient: Vector, loss?: number): YellowFinReport | null {
    this.#requireVector("parameters", parameters);
    const report = this.observe(gradient, {
      ...(loss === undefined ? {} : { loss }),
      totalMomentum: this.#measured,
    });
    if (report === null) return null;
    const { gradientScale, learningRate, momentum } = report;
    const current = this.#sample(parameters, 1);
    this.#arithmetic.applyMomentum(
      parameters,
      this.#velocity,
      gradient,
      momentum,
      gradientScale * learningRate,
    );
    if (this.#previous !== null) {
      this.#measured = totalMomentum(
        this.#previous,
        current,
        this.#sample(parameters, 1),
        this.#sample(gradient, gradientScale),
        learningRate,
        this.#scratch,
      );
    }
    this.#previous = current;
    return report;
  }

  /**
   * Measures a gradient and tunes, but leaves the parameters to the caller.
   *
   * The update to make is  v ← μv − α·gradientScale·g; x ← x + v  with the returned values.
   *
   * @param gradient g, `[P]`, of a mean loss; not changed.
   * @returns Null when the gradient or the loss is not finite: it is counted, nothing else happens.
   * @throws {TypeError} If it is not of the chosen precision. @throws {RangeError} If its length is not P.
   */
  observe(gradient: Vector, facts: GradientFacts = {}): YellowFinReport | null {
    this.#requireVector("gradient", gradient);
    const { loss, totalMomentum: measured = Number.NaN } = facts;
    const rawSquaredNorm = this.#arithmetic.squaredNorm(gradient);
    if (!Number.isFinite(rawSquaredNorm) || !Number.isFinite(loss ?? 0)) {
      this.#skipped++;
      return null;
    }
    const { observeClip, applyClip } = this.#clips;
    const scale = clipScale(rawSquaredNorm, observeClip);
    const { hyperparameters, telemetry } = this.#controller.update(this.#state, {
      squaredNorm: rawSquaredNorm * scale * scale,
      meanSquaredNorm: this.#arithmetic.observe(gradient, this.#mean, scale, gradientMeanDecay),
      loss: loss ?? Number.NaN,
      staleness: 0,
      totalMomentum: measured,
      squaredDistance: 0,
      alignment: 0,
      squaredDirection: 0,
    });
    this.#clips = hyperparameters;
    this.#updates++;
    const { learningRate, momentum } = hyperparameters;
    const { distance, hMax, hMin, targetMomentum, variance } = telemetry;
    return {
      hMin,
      hMax,
      variance,
      distance,
      momentum,
      learningRate,
      gradientScale: clipScale(rawSquaredNorm, applyClip),
      targetMomentum,
      totalMomentum: telemetry.totalMomentum,
    };
  }

  /** The sampled coordinates of a vector, times `scale`. */
  #sample(values: Vector, scale: number): Vector {
    const sample = new this.#arithmetic.Vector(this.#coordinates.length);
    for (let i = 0; i < sample.length; i++) sample[i] = scale * values[this.#coordinates[i]];
    return sample;
  }

  #requireVector(name: string, vector: Vector): void {
    const { Vector } = this.#arithmetic;
    if (!(vector instanceof Vector)) {
      throw new TypeError(
        cannot("update with YellowFin", `${name} must be a ${Vector.name}`, kindOf(vector)),
      );
    }
    if (vector.length !== this.#mean.length) {
      const rule = `${name} must have ${this.#mean.length} elements`;
      throw new RangeError(cannot("update with YellowFin", rule, vector.length));
    }
  }
}
