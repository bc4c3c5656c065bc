/**
 * Metrics over a data set, minibatch by minibatch: the values that `tf.metrics` gives for all of it at once.
 *
 * Pure sums over arrays in float64, so that neither the size of the minibatches nor their order counts.
 */

/** What is measured; each over all examples and all their positions. */
export type MetricName = keyof typeof metrics;

export interface MetricOptions {
  /** Numbers of a prediction along its last axis, C of `[B, ..., C]`. */
  readonly width: number;
  /** Least prediction that is no yes any more: 0.5 (default) of probabilities, 0 of logits. */
  readonly threshold?: number;
}

export interface Metric {
  /**
   * Counts a minibatch in.
   *
   * @param predictions `[B, ..., C]`. @param labels Of the same size, or class indices `[B, ...]`.
   */
  update(predictions: ArrayLike<number>, labels: ArrayLike<number>): void;
  /** Of everything until now; NaN for nothing, 0 for a precision or recall without positives. */
  readonly value: number;
}

/** What a minibatch adds above and below the line. */
type Tally = (
  predictions: ArrayLike<number>,
  labels: ArrayLike<number>,
  options: Required<MetricOptions>,
) => readonly [sum: number, count: number];

const metrics = {
  mse: ofElements((prediction, label) => (prediction - label) ** 2),
  mae: ofElements((prediction, label) => Math.abs(prediction - label)),
  binaryAccuracy: ofElements((prediction, label, { threshold }) =>
    Number(prediction > threshold === label > 0.5),
  ),
  categoricalAccuracy: ofRows((predictions, labels, from, { width }) =>
    Number(argmax(predictions, from, width) === argmax(labels, from, width)),
  ),
  sparseCategoricalAccuracy: ofRows((predictions, labels, from, { width }) =>
    Number(argmax(predictions, from, width) === labels[from / width]),
  ),
  precision: positives(({ isPredicted }) => isPredicted),
  recall: positives(({ isLabelled }) => isLabelled),
  cosineProximity: ofRows((predictions, labels, from, { width }) => {
    let [product, a, b] = [0, 0, 0];
    for (let i = from; i < from + width; i++) {
      product += predictions[i] * labels[i];
      a += predictions[i] ** 2;
      b += labels[i] ** 2;
    }
    // TensorFlow.js divides by no less than the root of 1e-7.
    return -product / Math.sqrt(Math.max(a, 1e-7) * Math.max(b, 1e-7));
  }),
} as const satisfies Record<string, Tally>;

/** A metric that has counted nothing yet. */
export function createMetric(name: MetricName, { threshold = 0.5, width }: MetricOptions): Metric {
  let [sum, count] = [0, 0];
  const isShareOfPositives = name === "precision" || name === "recall";
  return {
    update(predictions, labels) {
      const [more, all] = metrics[name](predictions, labels, { threshold, width });
      sum += more;
      count += all;
    },
    get value() {
      return count === 0 && isShareOfPositives ? 0 : sum / count;
    },
  };
}

function ofElements(
  each: (prediction: number, label: number, options: Required<MetricOptions>) => number,
): Tally {
  return (predictions, labels, options) => {
    let sum = 0;
    for (let i = 0; i < predictions.length; i++) sum += each(predictions[i], labels[i], options);
    return [sum, predictions.length];
  };
}

/** @param each Of the row that begins at `from`. */
function ofRows(
  each: (
    predictions: ArrayLike<number>,
    labels: ArrayLike<number>,
    from: number,
    options: Required<MetricOptions>,
  ) => number,
): Tally {
  return (predictions, labels, options) => {
    let sum = 0;
    for (let from = 0; from < predictions.length; from += options.width) {
      sum += each(predictions, labels, from, options);
    }
    return [sum, predictions.length / options.width];
  };
}

/** The share of true positives among those that count. */
function positives(counts: (one: { isPredicted: boolean; isLabelled: boolean }) => boolean): Tally {
  return (predictions, labels, { threshold }) => {
    let [right, all] = [0, 0];
    for (let i = 0; i < predictions.length; i++) {
      const one = { isPredicted: predictions[i] > threshold, isLabelled: labels[i] > 0.5 };
      if (counts(one)) all++;
      if (one.isPredicted && one.isLabelled) right++;
    }
    return [right, all];
  };
}

/** The first of the largest. */
function argmax(values: ArrayLike<number>, from: number, width: number): number {
  let best = 0;
  for (let i = 1; i < width; i++) if (values[from + i] > values[from + best]) best = i;
  return best;
}
