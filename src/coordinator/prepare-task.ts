/**
 * Turns what a user wants trained into a {@link Task}: loads data, finds a named model, chooses the loss.
 */
import type { Column, DataSplit } from "../data/dataset.ts";
import { type ArrayData, fromArrays } from "../data/from-arrays.ts";
import { loadDataset } from "../data/load-dataset.ts";
import { type LabelKind, outputsOf } from "../data/tensor-pairs.ts";
import { cannot, YfError } from "../errors.ts";
import type { TrainSettings } from "../options/parse.ts";
import { type BatchDataset, type BatchFunction, collectBatches } from "../tfjs/collect-batches.ts";
import type { Loss } from "../tfjs/losses.ts";
import { resolveModel } from "../tfjs/models/resolve-model.ts";
import type { Task } from "./compile-programs.ts";

/** Examples as arrays, as a finite `tf.data` dataset of minibatches, or from a function that gives those. */
export type ExampleSource = ArrayData | BatchDataset | BatchFunction;

/** Examples to train on, and others to test with. */
export interface ArraySplit {
  /** Examples to train on; a dataset or a function is read to its end before training. */
  readonly train: ExampleSource;
  /** Of the same shapes; without it nothing is evaluated. */
  readonly test?: ExampleSource | undefined;
}

/** What of a task is the user's own; the settings name the rest. */
export interface Given {
  readonly model?: string | Task["model"] | undefined;
  readonly variables?: Task["variables"] | undefined;
  readonly loss?: Loss | undefined;
  readonly data?: string | ArraySplit | undefined;
}

/** @throws {YfError} `BAD_DATA`, `BAD_MODEL` or `BAD_LOSS`. */
export async function prepareTask(given: Given, settings: TrainSettings): Promise<Task> {
  const { data, classes } = await loadData(given, settings);
  const { features, labels } = data.train;
  if (settings.augment !== null && (features.shape.length !== 3 || features.dtype !== "float32")) {
    const rule = "it changes images, float32 features [H, W, C]";
    const received = `${features.dtype} [${features.shape.join(", ")}]`;
    throw new YfError("BAD_OPTION", cannot("augment the data", rule, received));
  }
  const { model = settings.model, variables = [] } = given;
  const resolved =
    typeof model === "string"
      ? await resolveModel(model, { inputShape: features.shape, classes: classes(), seed: settings.seed })
      : { model, variables, loss: null };
  const loss = given.loss ?? settings.loss ?? resolved.loss ?? defaultLoss(labels);
  return { model: resolved.model, variables: resolved.variables, loss, data };
}

function defaultLoss({ dtype, shape }: Column): Loss {
  if (dtype === "int32") return "sparseSoftmaxCrossEntropy";
  const rule = "it must be given where labels are no class indices";
  throw new YfError(
    "BAD_LOSS",
    cannot("choose a loss", rule, `${dtype} labels of shape [${shape.join(", ")}]`),
  );
}

interface LoadedData {
  readonly data: DataSplit;
  /** Number of outputs that a built-in model needs. */
  readonly classes: () => number;
}

async function loadData(given: Given, settings: TrainSettings): Promise<LoadedData> {
  const { data } = given;
  const loss = given.loss ?? settings.loss ?? "sparseSoftmaxCrossEntropy";
  // Every other built-in loss takes numbers, not class indices.
  const labels = typeof loss === "function" || loss === "sparseSoftmaxCrossEntropy" ? "class" : "value";
  if (typeof data !== "object") {
    const { classes, test, train } = await loadDataset(settings.data, { ...settings, labels });
    return { data: { train, test }, classes: () => classes };
  }
  const arrays = await arraysOf(data.train, labels);
  const train = fromArrays(arrays);
  const test = data.test === undefined ? null : fromArrays(await arraysOf(data.test, labels));
  if (test !== null) {
    requireSameType("features", train.features, test.features);
    requireSameType("labels", train.labels, test.labels);
  }
  return { data: { train, test }, classes: () => arrays.classes ?? outputsOf(train) };
}

async function arraysOf(source: ExampleSource, labels: LabelKind): Promise<ArrayData> {
  const isBatches = typeof source === "function" || "iterator" in source;
  return isBatches ? collectBatches(source, labels) : source;
}

function requireSameType(name: string, train: Column, test: Column): void {
  const [expected, received] = [train, test].map(({ dtype, shape }) => `${dtype} [${shape.join(", ")}]`);
  if (expected === received) return;
  const rule = `they must be like the ${name} to train on, ${expected}`;
  throw new YfError("BAD_DATA", cannot(`use the ${name} to test with`, rule, received));
}
