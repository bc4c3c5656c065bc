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
  optimizer: "yellowfin",
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
  "testShare",
  "labelColumn",
  "ignoreColumns",
  "header",
  "separator",
  "decimal",
  "missing",
  "imageSize",
  "featuresArray",
  "labelsArray",
] as const;
const ofSteps = ["decay", "decayEvery"] as const;
const ofTime = ["speeds", "stepTime"] as const;

/** In the order in which they are told; the first one that is broken is. */
const rules: readonly Rule[] = [
  [
    "device",
    ({ device, engine }) =>
      device !== "cpu" && engine !== "ort" && !(device === "cuda" && engine === "tensorflow"),
    ({ device, engine }, written) =>
      `only the ${device === "cuda" ? "engines ort and tensorflow have" : "engine ort has"} it and ${written("engine")} is ${engine}`,
  ],
  ...ofFiles.map(
    (name): Rule => [
      name,
      (given) => isGiven(given[name]) && namedData.some((named) => named === given.data),
      ({ data }, written) => `only data in files takes it and ${written("data")} is ${data}`,
    ],
  ),
  [
    "testShare",
    ({ testData, testShare }) => isGiven(testData) && isGiven(testShare),
    (_, written) => `${written("testData")} is all that is tested with`,
  ],
  [
    "learningRate",
    (given) => isGiven(given.learningRate) && factsOf(given).learningRate === undefined,
    ({ optimizer }, written) =>
      `${optimizer} sets it by itself (scale it with ${written("learningRateFactor")})`,
  ],
  [
    "momentum",
    (given) => isGiven(given.momentum) && factsOf(given).momentum === undefined,
    ({ optimizer }, written) =>
      `only ${listed(optimizersWith("momentum"))} take it and ${written("optimizer")} is ${optimizer}`,
  ],
  [
    "weightDecay",
    (given) => isGiven(given.weightDecay) && factsOf(given).weightDecay === undefined,
    ({ optimizer }, written) =>
      `only ${listed(optimizersWith("weightDecay"))} takes it and ${written("optimizer")} is ${optimizer}`,
  ],
  [
    "averaging",
    (given) => given.averaging === true && factsOf(given).hasOwnAverage === true,
    ({ optimizer }) => `${optimizer} has an average of its own`,
  ],
  [
    "schedule",
    (given) => given.schedule !== "constant" && factsOf(given).hasOwnAverage === true,
    ({ optimizer }) => `${optimizer} needs none: its average takes the place of one`,
  ],
  ...ofSteps.map(
    (name): Rule => [
      name,
      (given) => isGiven(given[name]) && given.schedule !== "step" && given.schedule !== "epoch-decay",
      ({ schedule }, written) =>
        `only the schedules step and epoch-decay have steps and ${written("schedule")} is ${schedule}`,
    ],
  ),
  [
    "schedule",
    (given) =>
      (given.schedule === "cosine" || (given.schedule === "step" && !isGiven(given.decayEvery))) &&
      isEndless(given),
    (_, written) => `its end must be known, by ${written("epochs")} or ${written("maxUpdates")}`,
  ],
  [
    "clipValue",
    ({ clipNorm, clipValue }) => isGiven(clipValue) && isGiven(clipNorm),
    (_, written) => `${written("clipNorm")} clips already`,
  ],
  [
    "backOff",
    (given) => isGiven(given.backOff) && factsOf(given).hasOwnBackOff === true,
    ({ optimizer }) => `${optimizer} has a back-off of its own`,
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
    (_, written) => `nothing is too stale without ${written("maxStaleness")}`,
  ],
  [
    "stalenessPolicy",
    ({ onStale, stalenessPolicy }) => stalenessPolicy === "drop" && onStale === "wait",
    (_, written) => `${written("onStale")} is wait`,
  ],
  [
    "stalenessPolicy",
    (given) => given.stalenessPolicy === "closed-loop" && factsOf(given).holdsMomentum !== true,
    (given, written) => {
      const steered = listed(optimizersWith("holdsMomentum"));
      const rule = `it steers ${steered} and ${written("optimizer")} is ${given.optimizer}`;
      return factsOf(given).hasLoop === true ? `${rule}, which has ${written("loop")}` : rule;
    },
  ],
  [
    "momentumEstimator",
    (given) => isGiven(given.momentumEstimator) && factsOf(given).measuresMomentum !== true,
    ({ optimizer }) => `no momentum is measured of the optimizer ${optimizer}`,
  ],
  [
    "loop",
    (given) => given.loop !== undefined && factsOf(given).hasLoop !== true,
    ({ optimizer }, written) =>
      `only ${listed(optimizersWith("hasLoop"))} has a loop and ${written("optimizer")} is ${optimizer}`,
  ],
  [
    "workers",
    ({ mode, workers }) => mode === "serial" && (workers ?? 1) > 1,
    () => "serial mode has one worker",
  ],
  [
    "simulateWorkers",
    ({ mode, simulateWorkers }) => isGiven(simulateWorkers) && !isOrdered(mode),
    ({ mode }, written) => `only a schedule simulates workers and ${written("mode")} is ${mode}`,
  ],
  [
    "delay",
    (given) => isGiven(given.delay) && !isFree(given),
    ({ mode }, written) => `only free threads can be slow and ${written("mode")} is ${mode}`,
  ],
  [
    "maxStaleness",
    (given) => isGiven(given.maxStaleness) && !isFree(given) && given.mode !== "round-robin",
    ({ mode }, written) => `only free threads can drop or wait and ${written("mode")} is ${mode}`,
  ],
  [
    "onStale",
    ({ maxStaleness, onStale }) => isGiven(onStale) && !isGiven(maxStaleness),
    (_, written) => `nothing is too stale without ${written("maxStaleness")}`,
  ],
  ...ofTime.map(
    (name): Rule => [
      name,
      (given) => isGiven(given[name]) && given.mode !== "timed",
      ({ mode }, written) => `only mode timed has step times and ${written("mode")} is ${mode}`,
    ],
  ),
  [
    "record",
    (given) => given.record === true && !isFree(given),
    ({ mode }, written) => `a schedule has its order from the seed and ${written("mode")} is ${mode}`,
  ],
  [
    "record",
    (given) => given.record === true && isEndless(given),
    (_, written) => `room for the order needs ${written("epochs")} or ${written("maxUpdates")}`,
  ],
  [
    "record",
    ({ out, record }, source) => record === true && source === "cli" && !isGiven(out),
    (_, written) => `there is nowhere to keep it without ${written("out")}`,
  ],
  [
    "supervise",
    ({ keepCheckpoints, supervise }) => supervise === true && keepCheckpoints === 0,
    (_, written) => `there is nothing to go on from with ${written("keepCheckpoints")} 0`,
  ],
  [
    "supervise",
    ({ checkpointDir, out, resume, supervise }) =>
      supervise === true && !isGiven(out) && !isGiven(checkpointDir) && !isGiven(resume),
    (_, written) => `there is nowhere to keep checkpoints without ${written("out")}`,
  ],
  [
    "tensorboard",
    ({ out, tensorboard }) => tensorboard === true && !isGiven(out),
    (_, written) => `there is nowhere to write without ${written("out")}`,
  ],
  [
    "onnxPreprocessing",
    ({ onnxPreprocessing, out }) => onnxPreprocessing === true && !isGiven(out),
    (_, written) => `there is nowhere to write without ${written("out")}`,
  ],
  [
    "force",
    ({ force, out }) => force === true && !isGiven(out),
    (_, written) => `there is nothing to overwrite without ${written("out")}`,
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
