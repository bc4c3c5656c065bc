/**
 * How a gradient changes the parameters and the optimizer's vectors, over the kernels.
 *
 * All rules are elementwise, so that workers may apply them to the same vectors at once without a lock.
 */
import type { Alignment, Kernels } from "../kernels/kernels.ts";
import { type OptimizerName, optimizers, type RuleName } from "../optimizers/optimizers.ts";
import type { RuleConstants } from "../optimizers/rule-constants.ts";
import { autoInterpolation, autoSecondDecay } from "../tuner/auto.ts";
import type { Hyperparameters, RuleCommand } from "../tuner/controller.ts";

/** What a vector is before the first update: the parameters, or one number everywhere. */
type VectorStart = "parameters" | number;

/** The vectors of a rule by name, each `[P]`. */
export type RuleVectors<N extends string = string> = Readonly<Record<N, Float32Array>>;

/** @typeParam N Names of the vectors that it keeps. */
export interface UpdateRule<N extends string = string> {
  /** What each vector starts as, a copy or a number everywhere, in the order in which they lie in shared memory. */
  readonly vectors: Readonly<Record<N, VectorStart>>;
  /** The vector that is the model, evaluated and saved; absent where the parameters are. */
  readonly model?: NoInfer<N>;
  /** The vector with the parameters that distance is measured from; absent where no controller asks. */
  readonly start?: NoInfer<N>;
  /**
   * Applies one update in place.
   *
   * @param parameters x, `[P]`. @param vectors The rule's own, `[P]` each, from {@link nameVectors}.
   * @param gradient g as computed, `[P]`; not changed.
   * @param scale Factor in (0, 1] that clips g, from {@link clipScale}; part of the step, so g is not rewritten.
   * @param updates Updates applied so far by all workers, ≥ 0.
   */
  apply(
    kernels: Kernels,
    parameters: Float32Array,
    vectors: RuleVectors<N>,
    gradient: Float32Array,
    hyperparameters: Hyperparameters,
    scale: number,
    updates: number,
  ): void;
  /**
   * How the gradient g, taken at r, lies to the way from there to the average; only rules whose tuner asks have it.
   *
   * @param read r, `[P]`. @param staleness Updates applied since r was read, ≥ 0.
   */
  align?(
    kernels: Kernels,
    read: Float32Array,
    vectors: RuleVectors<N>,
    gradient: Float32Array,
    hyperparameters: Hyperparameters,
    staleness: number,
  ): Alignment;
  /** Executes a command of the tuner, in place; only rules whose tuner gives commands have it. */
  execute?(command: RuleCommand, kernels: Kernels, parameters: Float32Array, vectors: RuleVectors<N>): void;
}

/** The rule's vectors by name. @param shared All vectors in shared memory, the rule's first. */
export function nameVectors({ vectors }: UpdateRule, shared: readonly Float32Array[]): RuleVectors {
  return Object.fromEntries(Object.keys(vectors).map((name, i) => [name, shared[i]]));
}

/** Number of vectors that a rule keeps. */
export function vectorCount({ vectors }: UpdateRule): number {
  return Object.keys(vectors).length;
}

/** Checks the names of a rule's vectors against their uses. */
function rule<const N extends string>(definition: UpdateRule<N>): UpdateRule {
  return definition;
}

/** v ← μv − αg; x ← x + v. The velocity v is the last step itself, so it points down the gradient. */
const momentum = rule({
  vectors: { velocity: 0 },
  apply(kernels, parameters, { velocity }, gradient, hyperparameters, scale) {
    const { learningRate } = hyperparameters;
    kernels.applyMomentum(parameters, velocity, gradient, hyperparameters.momentum, scale * learningRate);
  },
});

/**
 * v ← μv − αg; x ← x + μv − αg: x is where momentum will have carried the iterate, so that gradients are taken there.
 *
 * Source: Sutskever et al., "On the importance of initialization and momentum in deep learning", ICML 2013, in the
 * variables of Bengio, Boulanger-Lewandowski, Pascanu, arXiv:1212.0901, §3.5.
 */
const nesterov = rule({
  vectors: { velocity: 0 },
  apply(kernels, parameters, { velocity }, gradient, hyperparameters, scale) {
    const { learningRate } = hyperparameters;
    kernels.applyNesterov(parameters, velocity, gradient, hyperparameters.momentum, scale * learningRate);
  },
});

/** x ← x − αg. */
const applySgd: UpdateRule["apply"] = (kernels, parameters, _vectors, gradient, { learningRate }, scale) =>
  kernels.applySgd(parameters, gradient, scale * learningRate);

const sgd = rule({ vectors: {}, apply: applySgd });

const beta1 = 0.9;
const beta2 = 0.999;
const epsilon = 1e-8;
const adamConstants = { beta1, beta2, epsilon };

/**
 * Adam with its paper's decays. The count of all workers' updates debiases the moments, which they share too.
 *
 * Its step hardly depends on the gradient's length, so it takes no clipping: `scale` has no effect.
 * Source: Kingma, Ba, "Adam: A Method for Stochastic Optimization", arXiv:1412.6980, Algorithm 1; with decoupled weight
 * decay, Loshchilov, Hutter, arXiv:1711.05101, Algorithm 2.
 *
 * @param weightDecay λ ≥ 0: each update takes αλx off x.
 */
function adam(weightDecay: number, constants: RuleConstants): UpdateRule {
  const { beta1, beta2, epsilon } = { ...adamConstants, ...constants };
  return rule({
    vectors: { first: 0, second: 0 },
    apply(kernels, parameters, { first, second }, gradient, { learningRate }, _scale, updates) {
      kernels.applyAdam(parameters, first, second, gradient, {
        beta1,
        beta2,
        epsilon,
        step: learningRate,
        firstCorrection: 1 / (1 - beta1 ** (updates + 1)),
        secondCorrection: 1 / (1 - beta2 ** (updates + 1)),
        decay: learningRate * weightDecay,
      });
    },
  });
}

/** ε of the rules that are TensorFlow.js's: its backends' for float32. */
const tfjsEpsilon = 1e-7;

/**
 * RMSProp with momentum, not centred, as TensorFlow.js and Keras have it, with ε inside of the root.
 *
 * Source: Tieleman, Hinton, "Lecture 6.5 — RMSProp", COURSERA: Neural Networks for Machine Learning, 2012.
 */
function rmsprop({ epsilon = tfjsEpsilon, rho = 0.9 }: RuleConstants): UpdateRule {
  return rule({
    vectors: { squares: 0, velocity: 0 },
    apply(kernels, parameters, { squares, velocity }, gradient, { learningRate, momentum }) {
      kernels.applyRmsProp(parameters, squares, velocity, gradient, {
        decay: rho,
        momentum,
        step: learningRate,
        epsilon,
      });
    },
  });
}

/**
 * Adagrad as TensorFlow.js and Keras have it: the sum of squares starts at 0.1, or what is given.
 *
 * Source: Duchi, Hazan, Singer, "Adaptive Subgradient Methods", JMLR 12, 2011.
 */
function adagrad({ epsilon = tfjsEpsilon, initialAccumulator = 0.1 }: RuleConstants): UpdateRule {
  return rule({
    vectors: { squares: initialAccumulator },
    apply: (kernels, parameters, { squares }, gradient, { learningRate }) =>
      kernels.applyAdagrad(parameters, squares, gradient, learningRate, epsilon),
  });
}

/** Source: Kingma, Ba, arXiv:1412.6980, Algorithm 2, with the ε that TensorFlow.js and Keras add to the divisor. */
function adamax(constants: RuleConstants): UpdateRule {
  const { beta1, beta2, decay, epsilon } = { ...adamConstants, epsilon: tfjsEpsilon, decay: 0, ...constants };
  return rule({
    vectors: { first: 0, largest: 0 },
    apply(kernels, parameters, { first, largest }, gradient, { learningRate }, _scale, updates) {
      kernels.applyAdamax(parameters, first, largest, gradient, {
        beta1,
        beta2,
        step: learningRate / (1 + decay * updates) / (1 - beta1 ** (updates + 1)),
        epsilon,
      });
    },
  });
}

/**
 * Adadelta as TensorFlow.js has it: g is divided by the mean square from before it.
 *
 * Source: Zeiler, "ADADELTA: An Adaptive Learning Rate Method", arXiv:1212.5701, Algorithm 1.
 */
function adadelta({ epsilon = tfjsEpsilon, rho = 0.95 }: RuleConstants): UpdateRule {
  return rule({
    vectors: { squares: 0, steps: 0 },
    apply(kernels, parameters, { squares, steps }, gradient, { learningRate }) {
      kernels.applyAdadelta(parameters, squares, steps, gradient, {
        decay: rho,
        step: learningRate,
        epsilon,
      });
    },
  });
}

/**
 * Schedule-free Adam without its first moment's decay of weights: the parameters hold y, the point between the fast
 * iterate z and the average x̄, which is the model.
 *
 * A constant learning rate gives every z the same weight, c = 1/t. The average is the rule's own.
 * Source: Defazio et al., "The Road Less Scheduled", arXiv:2405.15682, Algorithm 1, β₁ = 0.9, no warm-up.
 */
const scheduleFree = rule({
  vectors: { fast: "parameters", mean: "parameters", second: 0 },
  model: "mean",
  apply(kernels, parameters, { fast, mean, second }, gradient, { learningRate }, scale, updates) {
    kernels.applyScheduleFree(parameters, fast, mean, second, gradient, {
      beta2,
      epsilon,
      scale,
      step: learningRate,
      secondCorrection: 1 / (1 - beta2 ** (updates + 1)),
      weight: 1 / (updates + 1),
      interpolation: beta1,
    });
  },
});

/**
 * Schedule-free SGD, in the same vectors but for the second moment.
 *
 * Source: as {@link scheduleFree}, equations 3 to 5, β = 0.9, no warm-up.
 */
const scheduleFreeSgd = rule({
  vectors: { fast: "parameters", mean: "parameters" },
  model: "mean",
  apply(kernels, parameters, { fast, mean }, gradient, { learningRate }, scale, updates) {
    kernels.applyScheduleFreeSgd(parameters, fast, mean, gradient, {
      step: scale * learningRate,
      weight: 1 / (updates + 1),
      interpolation: beta1,
    });
  },
});

/**
 * The structure of schedule-free Adam with an average that forgets: the tuner sets its weight by the staleness. A step reaches
 * the point at which gradients are taken in part at once and in part as slowly as the average follows, which leaves directions of
 * high curvature stable at a learning rate that directions of low curvature have in full.
 *
 * Two generations of the average are kept for the tuner to go back to.
 */
const auto = rule({
  vectors: { fast: "parameters", mean: "parameters", second: 0, newer: "parameters", older: "parameters" },
  align(kernels, read, { fast, mean, second }, gradient, hyperparameters, staleness) {
    const { averageWeight, epsilon, secondCorrection } = hyperparameters;
    return kernels.alignment(read, fast, mean, second, gradient, {
      beta2: autoSecondDecay,
      epsilon,
      secondCorrection,
      lag: Math.min(1, staleness * averageWeight),
    });
  },
  apply(kernels, parameters, { fast, mean, second }, gradient, hyperparameters, scale) {
    const { averageWeight, epsilon, learningRate, secondCorrection } = hyperparameters;
    kernels.applyScheduleFree(parameters, fast, mean, second, gradient, {
      beta2: autoSecondDecay,
      epsilon,
      scale,
      secondCorrection,
      step: learningRate,
      weight: averageWeight,
      interpolation: autoInterpolation,
    });
  },
  execute(command, kernels, parameters, { fast, mean, newer, older, second }) {
    if (command === "save") {
      kernels.copy(newer, older);
      kernels.copy(mean, newer);
      return;
    }
    for (const vector of [newer, mean, fast, parameters]) kernels.copy(older, vector);
    second.fill(0);
  },
});

/** x ← x − αg, and the start of the run is remembered. */
const sgdFromStart = rule({ vectors: { start: "parameters" }, start: "start", apply: applySgd });

/** What a run may choose of a rule. */
interface RuleOptions {
  readonly constants?: RuleConstants;
  /** λ of AdamW; null for its default. */
  readonly weightDecay?: number | null;
}

/** The update rule of an optimizer. */
export function updateRule(
  optimizer: OptimizerName,
  { constants = {}, weightDecay = null }: RuleOptions = {},
): UpdateRule {
  const facts = optimizers[optimizer];
  const rules: Readonly<Record<RuleName, () => UpdateRule>> = {
    sgd: () => sgd,
    momentum: () => momentum,
    nesterov: () => nesterov,
    adam: () => adam(weightDecay ?? facts.weightDecay ?? 0, constants),
    rmsprop: () => rmsprop(constants),
    adagrad: () => adagrad(constants),
    adamax: () => adamax(constants),
    adadelta: () => adadelta(constants),
    "schedule-free": () => scheduleFree,
    "schedule-free-sgd": () => scheduleFreeSgd,
    auto: () => auto,
    "sgd-from-start": () => sgdFromStart,
  };
  return rules[facts.rule]();
}
