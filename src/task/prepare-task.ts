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
import type { RunSpec } from "../options/run-spec.ts";
import { type BatchDataset, type BatchFunction, collectBatches } from "../tfjs/collect-batches.ts";
import { type Loss, thresholdOfYes } from "../tfjs/losses.ts";
import { modelNames } from "../tfjs/models/build-model.ts";
import { findModel } from "../tfjs/models/find-model.ts";
import type { FoundModel } from "../tfjs/models/load-module.ts";
import { layers } from "../tfjs/tf.ts";
import { tracedOutputs } from "../tfjs/traced-outputs.ts";
import { arrangeColumns } from "./arrange-columns.ts";
import { chooseLoss } from "./choose-loss.ts";
import { classWeightsOf } from "./class-weights.ts";
import type { Task } from "./compile-programs.ts";
import { hasFunction, labelKinds, outputsOfLayers } from "./label-kinds.ts";

/** Examples as arrays, as a finite `tf.data` dataset of minibatches, or from a function that gives those. */
export type ExampleSource = ArrayData | BatchDataset | BatchFunction;

/** Examples to train on, and others to test with. */
export interface ArraySplit {
  /** Examples to train on; a dataset or a function is read to its end before training. */
  readonly train: ExampleSource;
  /** Of the same shapes; without it nothing is evaluated. */
  readonly test?: ExampleSource | undefined;
}

/** What of a task is the user's own; the spec names the rest. */
export interface Given {
  readonly model?: string | Task["model"] | undefined;
  readonly variables?: Task["variables"] | undefined;
  readonly loss?: Loss | undefined;
  readonly data?: string | ArraySplit | undefined;
  /** Data that have been read, instead of {@link data}. */
  readonly split?: DataSplit | undefined;
}

/** @throws {YfError} `BAD_DATA`, `BAD_MODEL`, `BAD_LOSS`, or `BAD_OPTION` for weights of classes that do not fit. */
export async function prepareTask(given: Given, spec: RunSpec): Promise<Task> {
  const task = await unweighted(given, spec);
  const { classWeight } = spec.model;
  if (classWeight === null) return task;
  const { data, loss } = task;
  const { note, weights } = classWeightsOf(classWeight, loss, data.train.labels);
  return { ...task, classWeights: weights, data: { ...data, notes: [...(data.notes ?? []), note] } };
}

async function unweighted(given: Given, spec: RunSpec): Promise<Task> {
  const found = await foundModel(given, spec);
  const stated = given.loss ?? spec.model.loss ?? found.loss;
  const { data: read, model } = await dataAndModel(given, spec, found, stated);
  const { variables } = found;
  const data = arrangeColumns(read, model, stated ?? usualLoss);
  if (stated !== null) return { model, variables, loss: stated, data };
  const { features, labels } = data.train;
  // Those that are made by name give logits.
  if (modelNames.some((name) => name === (given.model ?? spec.model.model))) {
    return { model, variables, loss: chooseLoss(labels, []).loss, data };
  }
  const outputs = tracedOutputs({ model, features, variables, batchSize: spec.batching.batchSize });
  const { loss, note } = chooseLoss(labels, outputs);
  return { model, variables, loss, data: { ...data, notes: [...(data.notes ?? []), note] } };
}

/** What data are read for before a loss is known. */
const usualLoss = "sparseSoftmaxCrossEntropy";

async function foundModel(given: Given, spec: RunSpec): Promise<FoundModel> {
  const { model = spec.model.model, variables = [] } = given;
  if (typeof model === "string") return findModel(model);
  return { ready: model, make: async () => model, variables, loss: null };
}

async function dataAndModel(
  given: Given,
  spec: RunSpec,
  { make, ready, variables }: FoundModel,
  loss: Loss | null,
): Promise<Pick<Task, "data" | "model">> {
  const known = ready instanceof layers.LayersModel ? outputsOfLayers(ready) : null;
  const { data, classes } = await loadData(given, spec, labelKinds(loss, known), loss);
  const { features, labels } = data.train;
  if (spec.batching.augment.length > 0 && !features.some(isImage)) {
    const rule = "features must be float32 images [H, W, C]";
    const types = features.map(typeOf);
    const message = cannot("augment the data", rule, types.join(", "));
    throw new YfError("BAD_OPTION", message, { option: "augment", features: types });
  }
  const model = await make({ inputShape: features[0].shape, classes: classes(), seed: spec.randomness.seed });
  // Of a model that is made for the data, or is a function of it, the outputs are known only now, and with them what a function
  // as loss takes.
  if (known !== null || !hasFunction(loss)) return { data, model };
  const outputs =
    model instanceof layers.LayersModel
      ? outputsOfLayers(model)
      : {
          names: [],
          shapes: tracedOutputs({ model, features, variables, batchSize: spec.batching.batchSize }).map(
            ({ shape }) => shape,
          ),
          mayBeScalar: true,
        };
  const kinds = labelKinds(loss, outputs);
  const areValues = labels.map(({ dtype, name }, i) => dtype === "int32" && kinds(i, name) === "value");
  if (!areValues.includes(true)) return { data, model };
  const anew = (await loadData(given, spec, kinds, loss)).data;
  // Beside numbers [B] a loss takes labels [B]: of [B, 1] it would make [B, B].
  const fitted = (dataset: Dataset): Dataset => ({
    ...dataset,
    labels: dataset.labels.map((column, i) =>
      areValues[i] && outputs.shapes[i]?.length === 0 ? { ...column, shape: [] } : column,
    ),
  });
  return { data: { ...anew, train: fitted(anew.train), test: anew.test && fitted(anew.test) }, model };
}

interface LoadedData {
  readonly data: DataSplit;
  /** Number of outputs that a built-in model needs. */
  readonly classes: () => number;
}

async function loadData(
  given: Given,
  spec: RunSpec,
  kinds: LabelKinds,
  loss: Loss | null,
): Promise<LoadedData> {
  const { data, split: read } = given;
  if (read !== undefined) return { data: read, classes: () => outputsOf(read.train) };
  const ofAnswers = typeof loss === "string" && thresholdOfYes(loss) !== null;
  if (typeof data !== "object") {
    const {
      classes,
      name: _,
      ...split
    } = await loadDataset(spec.data.data, {
      ...spec.data,
      // Whichever two labels a file has are the answers no and yes.
      labels: ofAnswers ? "class" : kinds(0, undefined),
    });
    requireSameTypes(split);
    // Yes or no is one number, whatever the answers are called.
    const isOne = ofAnswers && split.train.labels[0].shape.length === 0;
    return { data: split, classes: () => (isOne ? 1 : classes) };
  }
  const collected = async (source: ExampleSource) => fromArrays(await arraysOf(source, kinds), kinds);
  const train = await collected(data.train);
  const test = data.test === undefined ? null : await collected(data.test);
  requireSameTypes({ train, test });
  return { data: { train, test }, classes: () => outputsOf(train) };
}

async function arraysOf(source: ExampleSource, kinds: LabelKinds): Promise<ArrayData> {
  if (Object(source) !== source) {
    const rule = "examples must be arrays, a dataset of minibatches or a function that gives them";
    throw new YfError("BAD_DATA", cannot("use the data", rule, source), { received: source });
  }
  const isBatches = typeof source === "function" || "iterator" in source;
  return isBatches ? collectBatches(source, kinds) : source;
}

const typeOf = ({ dtype, shape }: Column) => `${dtype} [${shape.join(", ")}]`;

function requireSameTypes({ test, train }: DataSplit): void {
  if (test === null) return;
  for (const name of ["features", "labels"] as const) {
    const [expected, received] = [train, test].map((dataset) =>
      dataset[name]
        .map((column) => `${column.name === undefined ? "" : `${column.name} `}${typeOf(column)}`)
        .sort()
        .join(", "),
    );
    if (expected === received) continue;
    const rule = `they must be like the ${name} to train on, ${expected}`;
    throw new YfError("BAD_DATA", cannot(`use the ${name} to test with`, rule, received), {
      columns: name,
      expected,
      received,
    });
  }
}
