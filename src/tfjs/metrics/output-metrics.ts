/** Which metrics have a meaning for an output, by its shape, its labels and its loss; and which way each of them gets better. */
import type { Column } from "../../data/dataset.ts";
import { fullLossName, type LossName, thresholdOfYes } from "../losses.ts";
import { accuracyOf } from "./accuracy.ts";
import { createMetric, type Metric, type MetricName } from "./metric.ts";

/** A metric of one output, by the name that people give it. */
export interface OutputMetric {
  readonly name: MetricName | "accuracy";
  readonly isBetterHigher: boolean;
  /** Begins to measure. */
  create(): Metric;
}

/** A metric of one output, or the loss. */
export interface MonitoredMetric {
  /** Without "val_"; of one of several outputs after its name. */
  readonly name: string;
  readonly isBetterHigher: boolean;
  /** Null for the loss, which is of all outputs. */
  readonly of: { readonly output: number; readonly create: OutputMetric["create"] } | null;
}

/** Metrics that are errors; of the others a higher value is better. */
const errors: readonly OutputMetric["name"][] = ["mse", "mae", "cosineProximity"];

/**
 * @param labels Of one example, undefined where the output is compared with nothing. @param predictions Shape of one prediction.
 * @param loss Name of the loss, null for a function of the user's.
 * @returns Those of probabilities at 0.5, of logits at 0; precision and recall of two classes are those of class 1.
 */
export function metricsOfOutput(
  labels: Pick<Column, "dtype" | "shape"> | undefined,
  predictions: readonly number[],
  loss: LossName | null,
): OutputMetric[] {
  if (labels === undefined) return [];
  const width = predictions.at(-1) ?? 1;
  const metric = (name: OutputMetric["name"], create: () => Metric): OutputMetric => ({
    name,
    isBetterHigher: !errors.includes(name),
    create,
  });
  const plain = (names: readonly MetricName[], threshold?: number) =>
    names.map((name) =>
      metric(name, () => createMetric(name, threshold === undefined ? { width } : { width, threshold })),
    );
  const accuracy = accuracyOf(labels, predictions, loss);
  const found =
    accuracy === null
      ? []
      : (["accuracy", accuracy.metric] as const).map((name) =>
          metric(name, () => createMetric(accuracy.metric, { ...accuracy, width })),
        );
  if (accuracy?.metric === "sparseCategoricalAccuracy") {
    const ofTwo = (["precision", "recall"] as const).map((name) => metric(name, () => ofSecondClass(name)));
    return width === 2 ? [...found, ...ofTwo] : found;
  }
  if (sizeOf(labels.shape) !== sizeOf(predictions)) return found;
  const threshold = loss === null ? null : thresholdOfAnswers(loss);
  return [
    ...found,
    ...(threshold === null ? [] : plain(["precision", "recall"], threshold)),
    ...plain(width > 1 ? ["mse", "mae", "cosineProximity"] : ["mse", "mae"]),
  ];
}

/** One-hot rows of probabilities are answers as well, those of logits are none. */
const thresholdOfAnswers = (loss: LossName) =>
  fullLossName(loss) === "categoricalCrossentropy" ? 0.5 : thresholdOfYes(loss);

/** Of two classes by their indices: the second one is a yes where it is predicted over the first. */
function ofSecondClass(name: "precision" | "recall"): Metric {
  const metric = createMetric(name, { width: 1, threshold: 0 });
  return {
    update(predictions, labels) {
      const margins = Array.from(labels, (_, i) => predictions[2 * i + 1] - predictions[2 * i]);
      metric.update(margins, labels);
    },
    get value() {
      return metric.value;
    },
  };
}

const sizeOf = (shape: readonly number[]) => shape.reduce((product, size) => product * size, 1);
