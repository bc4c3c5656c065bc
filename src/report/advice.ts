/** What a finished run's own numbers say could be done better: a rule and a sentence each. */
import { medianInPlace } from "../math/median.ts";
import { percent, significant, whole } from "./live-fields.ts";
import type { Summary } from "./summary.ts";

export interface AdviceFacts {
  readonly summary: Omit<Summary, "advice">;
  /** Mean loss of the first minibatches; null where they are too small to say anything. */
  readonly firstLoss: number | null;
  /** Loss of the best constant answer to the examples to train on; null where it is not known. */
  readonly constantLoss: number | null;
  /** Updates of each worker, by rank. */
  readonly workerUpdates: readonly number[];
  /** Mean staleness of each worker's updates, NaN without one. */
  readonly workerStaleness: readonly number[];
  /** Cores that threads may use. */
  readonly cores: number;
}

/** A run of fewer updates says little. */
const fewestUpdates = 100;
/** People read so many sentences. */
const mostSentences = 2;

/** A loss so many times that of the first minibatches is one of a run that diverged. */
const timesTheFirst = 100;
const scalingAdvice = "scale features and targets to about 1, or take a smaller --learning-rate.";

/** A worker is a straggler if it makes less than this share of the others' updates. */
const stragglerShare = 1 / 3;
/** The tuner is starved if it misses more than this share of the gradients. */
const missedShare = 0.05;
/** Minibatches come to little if more than this share of the gradients was too stale to be used. */
const droppedShare = 0.3;
/** Copying and tuning outweigh gradients below this share of the workers' time. */
const gradientShare = 0.5;

/** At most two sentences, most telling first; none if there is nothing to say. */
export function advise(facts: AdviceFacts): string[] {
  const unusable = notFinite(facts.summary) ?? worseThanUntrained(facts);
  if (unusable !== null) return [unusable];
  if (facts.summary.updates < fewestUpdates) return [];
  return [learntNothing, straggler, starvedTuner, stuckOrder, tooFewExamples, oversubscribed, smallMinibatch]
    .map((rule) => rule(facts))
    .filter((sentence) => sentence !== null)
    .slice(0, mostSentences);
}

/** What to do about a trained model whose results are no numbers; null for one that is as it should be. */
export function notFinite({ testLoss, trainLoss }: Pick<Summary, "testLoss" | "trainLoss">): string | null {
  const isLost = (loss: number | null) => loss !== null && !Number.isFinite(loss);
  // The training loss is NaN where nothing was measured.
  if (!isLost(testLoss) && trainLoss !== Number.POSITIVE_INFINITY) return null;
  const which = isLost(testLoss) ? "test" : "training";
  return `The ${which} loss of the trained model is not finite, so the model is of no use: ${scalingAdvice}`;
}

type Rule = (facts: AdviceFacts) => string | null;

/** As a run whose loss passes this bound while it is looked at ends; a short one may be over before that. */
const worseThanUntrained: Rule = ({ firstLoss, summary: { trainLoss } }) => {
  if (firstLoss === null || trainLoss === null || firstLoss <= 0 || !(trainLoss > timesTheFirst * firstLoss))
    return null;
  return (
    `The training loss rose from ${significant(firstLoss)} to ${significant(trainLoss)}, so the model is of no use: ` +
    scalingAdvice
  );
};

/** A loss so near that of a constant answer is one of a model that ignores its features. */
const nothingLearnt = 0.99;
/** Before all examples were seen, a model may have learnt nothing yet. */
const fewestEpochs = 1;

const learntNothing: Rule = ({ constantLoss, summary: { epochs, testLoss, trainLoss } }) => {
  // The training loss has the penalties of regularizers in it.
  const loss = testLoss ?? trainLoss;
  if (constantLoss === null || constantLoss <= 0 || loss === null || epochs < fewestEpochs) return null;
  return loss < nothingLearnt * constantLoss
    ? null
    : `The loss, ${significant(loss)}, is no better than that of one answer to all examples, ${significant(constantLoss)}: the model ignores its ` +
        "features; its units may be dead or saturated (a smaller --learning-rate, another initialization), or the features say nothing of the labels.";
};

/** Whether every worker is a thread that runs at its own speed. */
const runsFree = ({ summary: { mode, workers } }: AdviceFacts) =>
  workers > 1 && (mode === "hogwild" || mode === "locked");

const medianOf = (values: readonly number[]) => medianInPlace(Float64Array.from(values), values.length);

const straggler: Rule = (facts) => {
  const { summary, workerStaleness, workerUpdates } = facts;
  if (!runsFree(facts)) return null;
  const least = Math.min(...workerUpdates);
  const rank = workerUpdates.indexOf(least);
  const others = medianOf(workerUpdates.filter((_, other) => other !== rank));
  if (least >= stragglerShare * others) return null;
  const staleness = workerStaleness[rank];
  const age = Number.isNaN(staleness) ? "" : `, each about ${significant(Math.round(staleness))} updates old`;
  const bound = Math.max(summary.workers, 2 * (summary.staleness.p50 ?? 0));
  return (
    `Worker ${rank} made ${whole(least)} ${least === 1 ? "update" : "updates"}${age}, where the others made ${significant(others)}: something slows it; ` +
    `--max-staleness ${bound} keeps its stale gradients out, one worker less does without it.`
  );
};

const starvedTuner: Rule = ({ summary: { missedObservations, updates } }) =>
  missedObservations <= missedShare * updates
    ? null
    : `The tuner saw only ${percent(1 - missedObservations / updates)} of the gradients, as it could not keep up: ` +
      "fewer workers or larger minibatches give it time.";

const stuckOrder: Rule = ({ summary: { droppedGradients, updates } }) => {
  const share = droppedGradients / (updates + droppedGradients);
  return share <= droppedShare
    ? null
    : `${percent(share)} of the gradients were too stale and computed anew, so that the same minibatches came again and again: ` +
        "a larger --max-staleness or --on-stale wait lets training continue through the data.";
};

const tooFewExamples: Rule = (facts) => {
  const { batchSize, trainingExamples, workers } = facts.summary;
  return !runsFree(facts) || batchSize * workers <= trainingExamples
    ? null
    : `${workers} minibatches of ${batchSize} are more than the ${whole(trainingExamples)} examples that there are: workers compute ` +
        `gradients of the same examples; --batch-size ${Math.max(1, Math.floor(trainingExamples / workers))} gives each its own.`;
};

const oversubscribed: Rule = (facts) => {
  const { cores, summary } = facts;
  const { mean } = summary.staleness;
  return !runsFree(facts) || summary.workers <= cores
    ? null
    : `${summary.workers} workers shared ${cores} ${cores === 1 ? "core" : "cores"}: --workers ${cores} makes about as many updates ` +
        `a second, and their staleness is about ${cores - 1} instead of ${(mean ?? 0).toFixed(1)}.`;
};

const smallMinibatch: Rule = ({ summary: { batchSize, phaseSeconds } }) => {
  const total = Object.values(phaseSeconds).reduce((sum, seconds) => sum + seconds, 0);
  const share = (phaseSeconds.gradient ?? 0) / total;
  return total === 0 || share >= gradientShare
    ? null
    : `Only ${percent(share)} of the workers' time went into gradients, the rest into copying and tuning: ` +
        `--batch-size ${2 * batchSize} gets more out of each update.`;
};
