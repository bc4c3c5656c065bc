/**
 * Which options do not go together: a table of rules, and nothing of how options are written or errors are thrown.
 *
 * What one option takes is in `table.ts`.
 */
import { type OptimizerName, optimizers, optimizersWith } from "../optimizers/optimizers.ts";
import { isOrdered } from "../schedule/create-schedule.ts";
import { namedData, type OptionName, type OptionValues } from "./table.ts";

/** Where options come from: texts of a command line, or values of a program. */
export type OptionSource = "cli" | "library";

/** How an option is called where it was given, such as `--mode` or `mode`. */
type Written = (name: OptionName) => string;

/** What the rules look at where it was not given. */
const usual = {
  data: "mnist",
  device: "cpu",
  engine: "ort",
  mode: "hogwild",
  optimizer: "auto",
  schedule: "constant",
} as const satisfies Partial<OptionValues>;

type Given = Partial<OptionValues> & Pick<OptionValues, keyof typeof usual>;

/** The option that is refused, whether it is, and the words of the rule that it breaks. */
type Rule = readonly [
  name: OptionName,
  isBroken: (given: Given, source: OptionSource) => boolean,
  words: (given: Given, written: Written) => string,
];

/** An option that does not go with another one, and the rule that it breaks. */
interface Conflict {
  readonly name: OptionName;
  readonly rule: string;
}

const isGiven = (value: unknown) => value !== null && value !== undefined;
const isFree = ({ mode }: Given) => mode === "hogwild" || mode === "locked";
const isEndless = ({ epochs, maxSeconds, maxUpdates }: Given) =>
  isGiven(maxSeconds) && !isGiven(epochs) && !isGiven(maxUpdates);

/** What the table of optimizers says of the one that is chosen. */
const factsOf = ({ optimizer }: Given) => optimizers[optimizer];

/** "the optimizer adamw" or "the optimizers momentum and nesterov". */
const listed = (names: readonly OptimizerName[]) =>
  names.length === 1
    ? `the optimizer ${names[0]}`
    : `the optimizers ${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;

const ofFiles = [
  "testData",
  "validationSplit",
  "labelColumn",
  "ignoreColumns",
  "header",
  "separator",
  "decimal",
  "missing",
  "features",
  "imageSize",
  "featuresArray",
  "labelsArray",
] as const;
const ofSteps = ["decay", "decayEvery"] as const;
const ofTime = ["speeds", "stepTime"] as const;

/** In the order in which they are told; the first one that is broken is. */
const rules: readonly Rule[] = [
  [
    "target",
    ({ monitor, target }) => isGiven(target) && !isGiven(monitor),
    (_, written) => `requires ${written("monitor")}`,
  ],
  [
    "device",
    ({ device, engine }) =>
      device !== "cpu" && engine !== "ort" && !(device === "cuda" && engine === "tensorflow"),
    ({ device, engine }, written) =>
      `${device} needs the engine ort${device === "cuda" ? " or tensorflow" : ""} (${written("engine")} is ${engine})`,
  ],
  ...ofFiles.map(
    (name): Rule => [
      name,
      (given) => isGiven(given[name]) && namedData.some((named) => named === given.data),
      ({ data }, written) => `applies only to data in files (${written("data")} is ${data})`,
    ],
  ),
  [
    "validationSplit",
    ({ testData, validationSplit }) => isGiven(testData) && isGiven(validationSplit),
    (_, written) => `${written("validationSplit")} and ${written("testData")} are mutually exclusive`,
  ],
  [
    "learningRate",
    (given) => isGiven(given.learningRate) && factsOf(given).learningRate === undefined,
    ({ optimizer }, written) =>
      `${optimizer} tunes the learning rate itself (scale it with ${written("learningRateFactor")})`,
  ],
  [
    "momentum",
    (given) => isGiven(given.momentum) && factsOf(given).momentum === undefined,
    ({ optimizer }, written) =>
      `applies only to ${listed(optimizersWith("momentum"))} (${written("optimizer")} is ${optimizer})`,
  ],
  [
    "nesterov",
    ({ nesterov, optimizer }) => nesterov === true && optimizer !== "nesterov",
    ({ optimizer }, written) =>
      `applies only to the optimizer momentum (${written("optimizer")} is ${optimizer})`,
  ],
  [
    "nesterov",
    ({ nesterov, optimizer }) => nesterov === false && optimizer === "nesterov",
    (_, written) => `${written("optimizer")} nesterov is the optimizer momentum with it`,
  ],
  [
    "weightDecay",
    (given) => isGiven(given.weightDecay) && factsOf(given).weightDecay === undefined,
    ({ optimizer }, written) =>
      `applies only to ${listed(optimizersWith("weightDecay"))} (${written("optimizer")} is ${optimizer})`,
  ],
  [
    "averaging",
    (given) => given.averaging === true && factsOf(given).hasOwnAverage === true,
    ({ optimizer }) => `${optimizer} keeps its own average`,
  ],
  [
    "schedule",
    (given) => given.schedule !== "constant" && factsOf(given).hasOwnAverage === true,
    ({ optimizer }) => `${optimizer} needs no schedule, since it evaluates an average`,
  ],
  ...ofSteps.map(
    (name): Rule => [
      name,
      (given) => isGiven(given[name]) && given.schedule !== "step" && given.schedule !== "epoch-decay",
      ({ schedule }, written) =>
        `applies only to the schedules step and epoch-decay (${written("schedule")} is ${schedule})`,
    ],
  ),
  [
    "schedule",
    (given) =>
      (given.schedule === "cosine" || (given.schedule === "step" && !isGiven(given.decayEvery))) &&
      isEndless(given),
    (_, written) =>
      `the length of the run must be known (set ${written("epochs")} or ${written("maxUpdates")})`,
  ],
  [
    "clipValue",
    ({ clipNorm, clipValue }) => isGiven(clipValue) && isGiven(clipNorm),
    (_, written) => `${written("clipNorm")} clips already`,
  ],
  [
    "backOff",
    (given) => isGiven(given.backOff) && factsOf(given).hasOwnBackOff === true,
    ({ optimizer }) => `${optimizer} has its own back-off`,
  ],
  [
    "stalenessPolicy",
    ({ mode, stalenessPolicy }) =>
      isGiven(stalenessPolicy) && stalenessPolicy !== "none" && (mode === "serial" || mode === "sync"),
    ({ mode }) => `nothing is stale in mode ${mode}`,
  ],
  [
    "stalenessPolicy",
    ({ maxStaleness, stalenessPolicy }) => stalenessPolicy === "drop" && !isGiven(maxStaleness),
    (_, written) => `requires ${written("maxStaleness")}`,
  ],
  [
    "stalenessPolicy",
    ({ onStale, stalenessPolicy }) => stalenessPolicy === "drop" && onStale === "wait",
    (_, written) => `drop must not be combined with ${written("onStale")} wait`,
  ],
  [
    "stalenessPolicy",
    (given) => given.stalenessPolicy === "closed-loop" && factsOf(given).holdsMomentum !== true,
    (given, written) => {
      const steered = listed(optimizersWith("holdsMomentum"));
      const rule = `closed-loop applies only to ${steered} (${written("optimizer")} is ${given.optimizer})`;
      return factsOf(given).hasLoop === true
        ? `${rule}; use ${written("loop")} with ${given.optimizer}`
        : rule;
    },
  ],
  [
    "momentumEstimator",
    (given) => isGiven(given.momentumEstimator) && factsOf(given).measuresMomentum !== true,
    ({ optimizer }) => `total momentum is not measured for the optimizer ${optimizer}`,
  ],
  [
    "loop",
    (given) => given.loop !== undefined && factsOf(given).hasLoop !== true,
    ({ optimizer }, written) =>
      `applies only to ${listed(optimizersWith("hasLoop"))} (${written("optimizer")} is ${optimizer})`,
  ],
  [
    "workers",
    ({ mode, workers }) => mode === "serial" && (workers ?? 1) > 1,
    () => "mode serial has exactly one worker",
  ],
  [
    "simulateWorkers",
    ({ mode, simulateWorkers }) => isGiven(simulateWorkers) && !isOrdered(mode),
    ({ mode }, written) => `applies only to simulated modes (${written("mode")} is ${mode})`,
  ],
  [
    "delay",
    (given) => isGiven(given.delay) && !isFree(given),
    ({ mode }, written) => `applies only to the modes hogwild and locked (${written("mode")} is ${mode})`,
  ],
  [
    "maxStaleness",
    (given) => isGiven(given.maxStaleness) && !isFree(given) && given.mode !== "round-robin",
    ({ mode }, written) =>
      `applies only to the modes hogwild, locked and round-robin (${written("mode")} is ${mode})`,
  ],
  [
    "onStale",
    ({ maxStaleness, onStale }) => isGiven(onStale) && !isGiven(maxStaleness),
    (_, written) => `requires ${written("maxStaleness")}`,
  ],
  ...ofTime.map(
    (name): Rule => [
      name,
      (given) => isGiven(given[name]) && given.mode !== "timed",
      ({ mode }, written) => `applies only to mode timed (${written("mode")} is ${mode})`,
    ],
  ),
  [
    "record",
    (given) => given.record === true && !isFree(given),
    ({ mode }, written) =>
      `applies only to the modes hogwild and locked, since the seed fixes the order of the others (${written("mode")} is ${mode})`,
  ],
  [
    "record",
    (given) => given.record === true && isEndless(given),
    (_, written) =>
      `the length of the run must be known (set ${written("epochs")} or ${written("maxUpdates")})`,
  ],
  [
    "record",
    ({ out, record }, source) => record === true && source === "cli" && !isGiven(out),
    (_, written) => `requires ${written("out")}`,
  ],
  [
    "supervise",
    ({ keepCheckpoints, supervise }) => supervise === true && keepCheckpoints === 0,
    (_, written) => `${written("keepCheckpoints")} 0 leaves nothing to resume from`,
  ],
  [
    "supervise",
    ({ checkpointDir, out, resume, supervise }) =>
      supervise === true && !isGiven(out) && !isGiven(checkpointDir) && !isGiven(resume),
    (_, written) => `requires ${written("out")} or ${written("checkpointDir")}`,
  ],
  [
    "tensorboard",
    ({ out, tensorboard }) => tensorboard === true && !isGiven(out),
    (_, written) => `requires ${written("out")}`,
  ],
  [
    "onnxPreprocessing",
    ({ onnxPreprocessing, out }) => onnxPreprocessing === true && !isGiven(out),
    (_, written) => `requires ${written("out")}`,
  ],
  [
    "force",
    ({ force, out }) => force === true && !isGiven(out),
    (_, written) => `requires ${written("out")}`,
  ],
];

/** The first rule that is broken; null where everything goes together. */
export function conflictOf(
  given: Partial<OptionValues>,
  source: OptionSource,
  written: Written,
): Conflict | null {
  const all = { ...usual, ...given };
  const broken = rules.find(([, isBroken]) => isBroken(all, source));
  if (broken === undefined) return null;
  const [name, , words] = broken;
  return { name, rule: words(all, written) };
}
