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
import { findModel } from "../tfjs/models/find-model.ts";
import type { FoundModel } from "../tfjs/models/load-module.ts";
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
  const found = await foundModel(given, settings);
  const stated = given.loss ?? settings.loss ?? found.loss;
  const { data, model } = await dataAndModel(given, settings, found, stated);
  const loss = stated ?? defaultLoss(data.train.labels);
  return { model, variables: found.variables, loss, data: arrangeColumns(data, model, loss) };
}

async function foundModel(given: Given, settings: TrainSettings): Promise<FoundModel> {
  const { model = settings.model, variables = [] } = given;
  if (typeof model === "string") return findModel(model);
  return { ready: model, make: async () => model, variables, loss: null };
}

async function dataAndModel(
  given: Given,
  settings: TrainSettings,
  { make, ready }: FoundModel,
  loss: Loss | null,
): Promise<Pick<Task, "data" | "model">> {
  const { data, classes } = await loadData(given, settings, labelKinds(loss, ready));
  const { features, labels } = data.train;
  if (settings.augment !== null && !features.some(isImage)) {
    const rule = "it changes images, float32 features [H, W, C]";
    throw new YfError("BAD_OPTION", cannot("augment the data", rule, features.map(typeOf).join(", ")));
  }
  const model = await make({ inputShape: features[0].shape, classes: classes(), seed: settings.seed });
  const kinds = labelKinds(loss, model);
  const areValues = labels.some(({ dtype, name }, i) => dtype === "int32" && kinds(i, name) === "value");
  // Of a model that is made for the data, the outputs are known only now, and with them what a function as loss takes.
  if (ready !== null || !areValues) return { data, model };
  return { data: (await loadData(given, settings, kinds)).data, model };
}

function defaultLoss(labels: readonly Column[]): Loss {
  const values = labels.find(({ dtype }) => dtype !== "int32");
  if (values === undefined) return "sparseSoftmaxCrossEntropy";
  const rule =
    "it must be given where labels are no class indices, integers ≥ 0 (meanSquaredError for numbers, softmaxCrossEntropy for one-hot vectors)";
  const { data, shape } = values;
  const isScalar = shape.length === 0 || `${shape}` === "1";
  const other = !isScalar ? -1 : data.findIndex((label) => !(Number.isInteger(label) && label >= 0));
  const received =
    other < 0 ? `${values.dtype} labels of shape [${shape.join(", ")}]` : `${data[other]} at index ${other}`;
  throw new YfError("BAD_LOSS", cannot("choose a loss", rule, received));
}

interface LoadedData {
  readonly data: DataSplit;
  /** Number of outputs that a built-in model needs. */
  readonly classes: () => number;
}

async function loadData(given: Given, settings: TrainSettings, kinds: LabelKinds): Promise<LoadedData> {
  const { data } = given;
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

/**
 * What the loss of each column of labels takes. Every built-in one but that for class indices takes numbers; so does a
 * function where the output that it is for is one number, which tells no classes apart.
 */
function labelKinds(loss: Loss | null, model: Task["model"] | null): LabelKinds {
  const layersModel = model instanceof layers.LayersModel ? model : null;
  const outputs = layersModel === null ? [] : outputNames(layersModel);
  const shapes = layersModel?.outputs?.map(({ shape }) => shape.slice(1)) ?? [];
  return (index, name = outputs[index]) => {
    // Columns by name may be in another order than the outputs, which a list of losses is in.
    const place = name !== undefined && outputs.includes(name) ? outputs.indexOf(name) : index;
    const one = lossOf(loss ?? "sparseSoftmaxCrossEntropy", place, name);
    if (typeof one === "string") return one === "sparseSoftmaxCrossEntropy" ? "class" : "value";
    // A function of all outputs compares them with the labels as it likes.
    const isOfOne = typeof loss !== "function" || shapes.length === 1;
    return isOfOne && `${shapes[place]}` === "1" ? "value" : "class";
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
