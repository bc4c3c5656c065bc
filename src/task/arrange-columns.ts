/** Brings columns that have names into the order of the model's inputs and outputs. */
import type { Column, DataSplit, Dataset } from "../data/dataset.ts";
import { cannot, YfError } from "../errors.ts";
import { inputNames, outputNames } from "../tfjs/column-names.ts";
import type { Loss } from "../tfjs/losses.ts";
import { layers } from "../tfjs/tf.ts";
import type { Task } from "./compile-programs.ts";

/**
 * Columns without names, and those of a model that is a function, are in order as they are. So are the labels of a loss
 * that is a function: it may compare them with the outputs as it likes.
 *
 * @throws {YfError} `BAD_DATA` if a column is for no input or output of the model, or one has none.
 */
export function arrangeColumns(data: DataSplit, model: Task["model"], loss: Loss): DataSplit {
  if (!(model instanceof layers.LayersModel)) return data;
  const arranged = ({ features, labels, length }: Dataset): Dataset => ({
    features: inOrder("features", features, "inputs", inputNames(model)),
    labels: typeof loss === "function" ? labels : inOrder("labels", labels, "outputs", outputNames(model)),
    length,
  });
  return { ...data, train: arranged(data.train), test: data.test === null ? null : arranged(data.test) };
}

function inOrder(
  kind: "features" | "labels",
  columns: readonly Column[],
  places: "inputs" | "outputs",
  names: readonly (string | undefined)[],
): readonly Column[] {
  if (columns.some(({ name }) => name === undefined)) return columns;
  const given = columns.map(({ name }) => name);
  if (new Set(names).size === names.length && given.length === names.length) {
    const found = names.map((name) => columns.find((column) => column.name === name));
    if (found.every((column) => column !== undefined)) return found;
  }
  const rule = `columns by name must be those of the model's ${places} ${names.join(", ")}`;
  throw new YfError("BAD_DATA", cannot(`use the ${kind}`, rule, given), { columns: kind, names, given });
}
