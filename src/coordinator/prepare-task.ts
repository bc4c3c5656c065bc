/**
 * Turns what a user wants trained into a {@link Task}: loads data, finds a named model, chooses the loss.
 */
import { isImage } from "../data/augment.ts";
import type { Column, DataSplit, Dataset } from "../data/dataset.ts";
import { type ArrayData, fromArrays } from "../data/from-arrays.ts";
import type { LabelKinds } from "../data/label-kind.ts";
import { loadDataset } from "../data/load-dataset.ts";
import { outputsOf } from "../data/tensor-pairs.ts";
import { cannot, YfError } from "../errors.ts";
import type { TrainSettings } from "../options/parse.ts";
import { type BatchDataset, type BatchFunction, collectBatches } from "../tfjs/collect-batches.ts";
import { outputNames } from "../tfjs/column-names.ts";
import type { Loss, OutputLoss } from "../tfjs/losses.ts";
import { resolveModel } from "../tfjs/models/resolve-model.ts";
import { layers } from "../tfjs/tf.ts";
import { arrangeColumns } from "./arrange-columns.ts";
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
  if (settings.augment !== null && !features.some(isImage)) {
    const rule = "it changes images, float32 features [H, W, C]";
    throw new YfError("BAD_OPTION", cannot("augment the data", rule, features.map(typeOf).join(", ")));
  }
  const { model = settings.model, variables = [] } = given;
  const resolved =
    typeof model === "string"
      ? await resolveModel(model, { inputShape: features[0].shape, classes: classes(), seed: settings.seed })
      : { model, variables, loss: null };
  const loss = given.loss ?? settings.loss ?? resolved.loss ?? defaultLoss(labels);
  return {
    model: resolved.model,
    variables: resolved.variables,
    loss,
    data: arrangeColumns(data, resolved.model, loss),
  };
}

function defaultLoss(labels: readonly Column[]): Loss {
  const values = labels.find(({ dtype }) => dtype !== "int32");
  if (values === undefined) return "sparseSoftmaxCrossEntropy";
  const rule = "it must be given where labels are no class indices, integers ≥ 0";
  const { data, shape } = values;
  const other = shape.length > 0 ? -1 : data.findIndex((label) => !(Number.isInteger(label) && label >= 0));
  const received =
    other < 0 ? `${values.dtype} labels of shape [${shape.join(", ")}]` : `${data[other]} at index ${other}`;
  throw new YfError("BAD_LOSS", cannot("choose a loss", rule, received));
}

interface LoadedData {
  readonly data: DataSplit;
  /** Number of outputs that a built-in model needs. */
  readonly classes: () => number;
}

async function loadData(given: Given, settings: TrainSettings): Promise<LoadedData> {
  const { data } = given;
  const kinds = labelKinds(given, settings);
  if (typeof data !== "object") {
    const { classes, test, train } = await loadDataset(settings.data, {
      ...settings,
      labels: kinds(0, undefined),
    });
    return { data: { train, test }, classes: () => classes };
  }
  const collected = async (source: ExampleSource) => fromArrays(await arraysOf(source, kinds), kinds);
  const train = await collected(data.train);
  const test = data.test === undefined ? null : await collected(data.test);
  if (test !== null) {
    requireSameTypes("features", train, test);
    requireSameTypes("labels", train, test);
  }
  return { data: { train, test }, classes: () => outputsOf(train) };
}

/** What the loss of each column of labels takes. Every built-in one but that for class indices takes numbers. */
function labelKinds(given: Given, settings: TrainSettings): LabelKinds {
  const loss = given.loss ?? settings.loss ?? "sparseSoftmaxCrossEntropy";
  const outputs = given.model instanceof layers.LayersModel ? outputNames(given.model) : [];
  return (index, name = outputs[index]) => {
    // Columns by name may be in another order than the outputs, which a list of losses is in.
    const place = name !== undefined && outputs.includes(name) ? outputs.indexOf(name) : index;
    const one = lossOf(loss, place, name);
    return typeof one === "string" && one !== "sparseSoftmaxCrossEntropy" ? "value" : "class";
  };
}

function lossOf(loss: Loss, index: number, name: string | undefined): OutputLoss | undefined {
  if (typeof loss !== "object") return loss;
  const byName = loss as Readonly<Record<string, OutputLoss | undefined>>;
  const one = Array.isArray(loss) ? (loss as readonly OutputLoss[])[index] : byName[name ?? ""];
  return typeof one === "object" ? one.loss : one;
}

async function arraysOf(source: ExampleSource, kinds: LabelKinds): Promise<ArrayData> {
  if (Object(source) !== source) {
    const rule = "examples must be arrays, a dataset of minibatches or a function that gives them";
    throw new YfError("BAD_DATA", cannot("use the data", rule, source));
  }
  const isBatches = typeof source === "function" || "iterator" in source;
  return isBatches ? collectBatches(source, kinds) : source;
}

const typeOf = ({ dtype, shape }: Column) => `${dtype} [${shape.join(", ")}]`;

function requireSameTypes(name: "features" | "labels", train: Dataset, test: Dataset): void {
  const [expected, received] = [train, test].map((dataset) =>
    dataset[name]
      .map((column) => `${column.name === undefined ? "" : `${column.name} `}${typeOf(column)}`)
      .sort()
      .join(", "),
  );
  if (expected === received) return;
  const rule = `they must be like the ${name} to train on, ${expected}`;
  throw new YfError("BAD_DATA", cannot(`use the ${name} to test with`, rule, received));
}
