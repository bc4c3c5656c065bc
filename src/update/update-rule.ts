/**
 * How a gradient changes the parameters and the optimizer's vectors: one rule per optimizer, over the kernels.
 *
 * All rules are elementwise, so that workers may apply them to the same vectors at once without a lock.
 */
import type { Kernels } from "../kernels/kernels.ts";
import type { Hyperparameters } from "../tuner/controller.ts";
import type { OptimizerName } from "../tuner/create-controller.ts";

export interface UpdateRule {
  /** Vectors of the parameters' length that the rule keeps, zero at the start. */
  readonly vectors: number;
  /**
   * Applies one update in place.
   *
   * @param gradient As computed. @param scale Factor that clips it, from {@link clipScale}.
   * @param updates Updates applied so far by all workers.
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

/** d ← μd − αg; x ← x + d. The displacement form: one worker's measured momentum is the applied one exactly. */
const momentum: UpdateRule = {
  vectors: 1,
  apply(kernels, parameters, [displacement], gradient, hyperparameters, scale) {
    const { learningRate } = hyperparameters;
    kernels.applyMomentum(parameters, displacement, gradient, hyperparameters.momentum, scale * learningRate);
  },
};

/** x ← x − αg. */
const plain: UpdateRule = {
  vectors: 0,
  apply(kernels, parameters, _vectors, gradient, { learningRate }, scale) {
    kernels.applyPlain(parameters, gradient, scale * learningRate);
  },
};

const beta1 = 0.9;
const beta2 = 0.999;
const epsilon = 1e-8;

/** Kingma, Ba, arXiv:1412.6980, with its default decays. The count of all workers' updates debiases the moments. */
const adam: UpdateRule = {
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

const rules: Readonly<Record<OptimizerName, UpdateRule>> = {
  yellowfin: momentum,
  "yellowfin-no-momentum": plain,
  sgd: plain,
  momentum,
  adam,
};

/** The update rule of an optimizer. */
export function updateRule(optimizer: OptimizerName): UpdateRule {
  return rules[optimizer];
}
