/**
 * The metrics of a compiled model, by the functions that `model.compile` made of them: of the labels and predictions of a
 * minibatch on the way of its gradient, and of a data set.
 *
 * While training they are state of the program: sums that each minibatch adds to. Workers overwrite each other's state, so
 * with several of them a sum is over a part of the minibatches; with one it is over all of them.
 */
import { type layers, tf } from "../tfjs/tf.ts";

type MetricFunction = (labels: tf.Tensor, predictions: tf.Tensor) => tf.Tensor;

/** What `model.compile` keeps. */
interface Compiled {
  readonly metricsNames: readonly string[];
  readonly metricsTensors: readonly (readonly [metric: MetricFunction, output: number])[];
}

export class CompiledMetrics {
  /** In the order of `model.metricsNames`, without the loss; names that are there twice are numbered. */
  readonly names: readonly string[];
  /** `[1 + M]`: the number of examples, then each metric's sum over them. */
  readonly sums: tf.Variable;
  readonly #metrics: Compiled["metricsTensors"];

  constructor(model: layers.LayersModel) {
    const { metricsNames, metricsTensors } = model as unknown as Compiled;
    const [, ...names] = metricsNames;
    this.names = names.map((name, i) => {
      const before = names.slice(0, i).filter((other) => other === name).length;
      return before === 0 ? name : `${name}_${before}`;
    });
    this.#metrics = metricsTensors;
    this.sums = tf.tidy(() => tf.variable(tf.zeros([1 + names.length]), false));
  }

  /** Adds a minibatch to {@link sums}; to be traced. */
  observe(labels: readonly tf.Tensor[], predictions: readonly tf.Tensor[]): void {
    const size = predictions[0].shape[0] as number;
    const means = this.#means(labels, predictions).map((mean) => tf.mul(tf.cast(mean, "float32"), size));
    this.sums.assign(tf.add(this.sums, tf.stack([tf.scalar(size), ...means])));
  }

  /** Each metric of one minibatch. */
  of(labels: readonly tf.Tensor[], predictions: readonly tf.Tensor[]): number[] {
    return tf.tidy(() => this.#means(labels, predictions).map((mean) => mean.dataSync()[0]));
  }

  /** The means by name of what {@link sums} has come to. */
  fromSums([count, ...sums]: ArrayLike<number> & Iterable<number>): Record<string, number> {
    return Object.fromEntries(this.names.map((name, i) => [name, sums[i] / count]));
  }

  dispose(): void {
    this.sums.dispose();
  }

  #means(labels: readonly tf.Tensor[], predictions: readonly tf.Tensor[]): tf.Tensor[] {
    return this.#metrics.map(([metric, output]) =>
      tf.mean(metric(beside(labels[output], predictions[output]), predictions[output])),
    );
  }
}

/** Labels in the shape of the predictions where they are as many: beside `[B, 1]`, labels `[B]` would become `[B, B]`. */
function beside(labels: tf.Tensor, predictions: tf.Tensor): tf.Tensor {
  return labels.size === predictions.size ? tf.reshape(labels, predictions.shape) : labels;
}
