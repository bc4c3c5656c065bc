/** The metric that decides which weights of a run are better, found by its name among those that the model has. */
import type { Program } from "../engine/engine.ts";
import { cannot, YfError } from "../errors.ts";
import { outputNames } from "../tfjs/column-names.ts";
import { type MonitoredMetric, metricsOfOutput, type OutputMetric } from "../tfjs/metrics/output-metrics.ts";
import { namesOfLosses, type Task } from "./compile-programs.ts";

/** Other names of TensorFlow.js and Keras. */
const aliases: Readonly<Record<string, string>> = {
  acc: "accuracy",
  meanAbsoluteError: "mae",
  meanSquaredError: "mse",
  cosine: "cosineProximity",
};

/**
 * @param given As in TensorFlow.js's logs: `val_mae`, or `mae` alone; of several outputs `out_mae`, and `mae` is that of the
 *   first output which has one. @param program One that evaluates.
 * @throws {YfError} `BAD_OPTION`, with the names that there are.
 */
export function monitoredMetric(given: string, task: Task, { predictions }: Program): MonitoredMetric {
  const { labels } = task.data.train;
  const losses = namesOfLosses(task);
  const names = outputNames(task.model, labels);
  const found = new Map<string, MonitoredMetric>([
    ["loss", { name: "loss", isBetterHigher: false, of: null }],
  ]);
  const add = (name: string, output: number, { create, isBetterHigher }: OutputMetric) => {
    if (!found.has(name)) found.set(name, { name, isBetterHigher, of: { output, create } });
  };
  for (const [output, { shape }] of predictions.entries()) {
    for (const metric of metricsOfOutput(labels[output], shape.slice(1), losses[output] ?? null)) {
      add(metric.name, output, metric);
      if (predictions.length > 1 && names[output] !== undefined) {
        add(`${names[output]}_${metric.name}`, output, metric);
      }
    }
  }
  const monitored = found.get(plainName(given));
  if (monitored !== undefined) return monitored;
  const available = [...found.keys()];
  const rule = `must be one of ${available.join(", ")}, the metrics of this model`;
  throw new YfError("BAD_OPTION", cannot("monitor a metric", rule, given), { option: "monitor", available });
}

/** Without the prefix of validation, and with its one name here. */
function plainName(given: string): string {
  const name = given.replace(/^(val|test)_/, "");
  const [, output = "", metric] = /^(.*_)?([^_]*)$/.exec(name) as RegExpExecArray;
  return `${output}${aliases[metric] ?? metric}`;
}
