/**
 * How a gradient changes the parameters and the optimizer's vectors, over the kernels.
 *
 * All rules are elementwise, so that workers may apply them to the same vectors at once without a lock.
 */
import type { Kernels } from "../kernels/kernels.ts";
import type { Hyperparameters } from "../tuner/controller.ts";
import { type OptimizerName, optimizers, type RuleName } from "../tuner/optimizers.ts";

export interface UpdateRule {
  readonly name: RuleName;
  /** Vectors of the parameters' length that the rule keeps, zero at the start. */
  readonly vectors: number;
  /**
   * Applies one update in place.
   *
   * @param parameters x, `[P]`. @param vectors The rule's own, `[P]` each.
   * @param gradient g as computed, `[P]`; not changed.
   * @param scale Factor in (0, 1] that clips g, from {@link clipScale}; part of the step, so g is not rewritten.
   * @param updates Updates applied so far by all workers, ≥ 0.
   */
  apply(
    kernels: Kernels,
    parameters: Float32Array,
    vectors: readonly Float32Array[],
    gradient: Float32Array,
    hyperparameters: Hyperparameters,
    scale: number,
    updates: number,
  ): void;
}

/**
 * d ← μd − αg; x ← x + d.
 *
 * In displacement form, d is the last step itself, so that momentum measured with one worker is the one applied.
 */
const momentum: UpdateRule = {
  name: "momentum",
  vectors: 1,
  apply(kernels, parameters, [displacement], gradient, hyperparameters, scale) {
    const { learningRate } = hyperparameters;
    kernels.applyMomentum(parameters, displacement, gradient, hyperparameters.momentum, scale * learningRate);
  },
};

/** x ← x − αg. */
const plain: UpdateRule = {
  name: "plain",
  vectors: 0,
  apply(kernels, parameters, _vectors, gradient, { learningRate }, scale) {
    kernels.applyPlain(parameters, gradient, scale * learningRate);
  },
};

const beta1 = 0.9;
const beta2 = 0.999;
const epsilon = 1e-8;

/**
 * Adam with its paper's decays. The count of all workers' updates debiases the moments, which they share too.
 *
 * Its step hardly depends on the gradient's length, so it takes no clipping: `scale` has no effect.
 * Source: Kingma, Ba, "Adam: A Method for Stochastic Optimization", arXiv:1412.6980, Algorithm 1.
 */
const adam: UpdateRule = {
  name: "adam",
  vectors: 2,
  apply(kernels, parameters, [first, second], gradient, { learningRate }, _scale, updates) {
    kernels.applyAdam(parameters, first, second, gradient, {
      beta1,
      beta2,
      epsilon,
      step: learningRate,
      firstCorrection: 1 / (1 - beta1 ** (updates + 1)),
      secondCorrection: 1 / (1 - beta2 ** (updates + 1)),
    });
  },
};

const rules: Readonly<Record<RuleName, UpdateRule>> = { momentum, plain, adam };

/** The update rule of an optimizer. */
export function updateRule(optimizer: OptimizerName): UpdateRule {
  return rules[optimizers[optimizer].rule];
}
