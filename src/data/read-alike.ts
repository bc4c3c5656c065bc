/** Reads other data by the rules of those that a model was trained on, as a run's description keeps them. */
import type { ColumnDescription, DataDescription } from "../formats/data-description.ts";
import { badFile } from "./bad-file.ts";
import { readCsvAlike } from "./csv-reading.ts";
import type { Column, Dataset } from "./dataset.ts";
import { readImagesAlike } from "./images-alike.ts";
import { readLibsvmAlike } from "./libsvm.ts";
import { fileFormOf } from "./read-file.ts";

export interface AlikeOptions {
  /** Whether labels are wanted; else examples have none. */
  readonly hasLabels: boolean;
  /** Names of arrays in the data to train on; null for known ones. */
  readonly featuresArray: string | null;
  readonly labelsArray: string | null;
  /** Whether images were scaled to one size. */
  readonly scalesImages: boolean;
}

export interface AlikeData {
  /** Without labels where none were wanted. */
  readonly dataset: Dataset;
  /** Of each example, where it is a file of its own; null elsewhere. */
  readonly files: readonly string[] | null;
  /** What was taken for granted, replaced or left out: a sentence each. */
  readonly notes: readonly string[];
}

/** @throws {YfError} `BAD_DATA` with file, line and column where the data are of another form than those to train on. */
export async function readAlike(
  path: string,
  description: DataDescription,
  options: AlikeOptions,
): Promise<AlikeData> {
  const { hasLabels, scalesImages } = options;
  const { inputs, reading, targets } = description;
  const form = fileFormOf(path);
  const notes: string[] = [];
  const classNames = targets[0].classNames;
  const refuse = (received: string) =>
    badFile(path, `must be data of the form to train on: ${formText(description)}`, received);
  if (form === "text") throw refuse("a text");
  if (form === "table") {
    if (reading?.form !== "table") throw refuse("a table");
    const dataset = await readCsvAlike(path, reading, { classNames, hasLabels, notes });
    return { dataset: shapedAs(dataset, targets), files: null, notes };
  }
  if (form === "libsvm") {
    if (reading?.form !== "libsvm") throw refuse("a file of LIBSVM");
    const [width] = inputs[0].shape;
    const { firstIndex } = reading;
    const dataset = await readLibsvmAlike(path, { classNames, firstIndex, hasLabels, width });
    return { dataset: shapedAs(dataset, targets), files: null, notes };
  }
  if (reading?.form === "table") throw refuse(form === null ? "another ending" : "arrays");
  if (form === null) {
    if (inputs.length > 1) throw refuse("images");
    const [input] = inputs;
    const images = { input, classNames: classNames ?? [], hasLabels, isScaled: scalesImages, notes };
    return { ...(await readImagesAlike(path, images)), notes };
  }
  const like = {
    labels: targets.map(({ classNames: names, name }) => ({
      ...(name === null ? {} : { name }),
      ...(names === null ? {} : { classNames: names }),
    })),
  };
  const kind = targets[0].dtype === "int32" ? "class" : "value";
  const read = form(path, { ...options, kind, like });
  notes.push(...(read.notes ?? []));
  // Where a file has those to test with, too, it is they that the model has not seen.
  const dataset = read.test ?? read.train;
  return {
    dataset: {
      ...dataset,
      features: arranged(path, "features", dataset.features, inputs),
      labels: hasLabels ? arranged(path, "labels", dataset.labels, targets) : [],
    },
    files: null,
    notes,
  };
}

/** A number of each example may be the shape [] or [1], as the loss of the run took it. */
function shapedAs(dataset: Dataset, targets: DataDescription["targets"]): Dataset {
  return { ...dataset, labels: dataset.labels.map((column, i) => ({ ...column, shape: targets[i].shape })) };
}

function formText({ inputs, reading }: DataDescription): string {
  if (reading !== null) return reading.form === "table" ? "a table (.csv, .tsv)" : "a file of LIBSVM (.svm)";
  return inputs.map(({ shape, stored }) => `${stored} [${shape.join(", ")}]`).join(", ");
}

/** In the order of the model, where columns have names. */
function arranged(
  path: string,
  kind: "features" | "labels",
  columns: readonly Column[],
  described: readonly ColumnDescription[],
): readonly Column[] {
  const typeOf = ({ dtype, scale, shape }: Column | ColumnDescription) =>
    `${scale === 1 ? dtype : `bytes of images`} [${shape.join(", ")}]`;
  return described.map((expected, i) => {
    const column = expected.name === null ? columns[i] : columns.find(({ name }) => name === expected.name);
    const what = expected.name === null ? kind : `${kind}/${expected.name}`;
    const rule = `its ${what} must be like those to train on, ${typeOf(expected)}`;
    if (column === undefined || columns.length !== described.length) {
      throw badFile(path, rule, `${columns.length} arrays`);
    }
    if (typeOf(column) !== typeOf(expected) || column.scale !== expected.scale) {
      throw badFile(path, rule, typeOf(column));
    }
    return column;
  });
}
