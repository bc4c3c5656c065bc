/** What a data set holds, for files of a run and in one line for people. */
import type { ColumnDescription, DataDescription, Field } from "../formats/data-description.ts";
import { isImage } from "./augment.ts";
import type { Column, DataSplit } from "./dataset.ts";

export function describeData({ reading, test, train }: DataSplit): DataDescription {
  return {
    trainExamples: train.length,
    testExamples: test?.length ?? 0,
    inputs: train.features.map(describeColumn),
    targets: train.labels.map(describeColumn),
    reading: reading ?? null,
  };
}

function describeColumn(column: Column): ColumnDescription {
  const { classes, classNames, data, dtype, fields, name, offset, scale, shape } = column;
  const isLabel = dtype === "int32" && classes !== undefined;
  return {
    name: name ?? null,
    shape,
    layout: isImage(column) ? "HWC" : null,
    dtype,
    stored: data instanceof Uint8Array ? "uint8" : data instanceof Int32Array ? "int32" : "float32",
    scale,
    offset,
    classNames: classNames ?? (isLabel ? Array.from({ length: classes }, (_, index) => `${index}`) : null),
    fields: fields ?? null,
  };
}

/** Such as `400 examples (80 to test), 6 features from 4 columns (city: 3 words), 2 classes (no, yes)`. */
export function dataText({ inputs, reading, targets, testExamples, trainExamples }: DataDescription): string {
  const tested =
    testExamples === 0
      ? "none to test: --validation-split X keeps some"
      : `${testExamples.toLocaleString("en-US")} to test`;
  return [
    `${count(trainExamples + testExamples, "example")} (${tested})`,
    ...inputs.map((input) => named(input, inputText(input))),
    ...targets.map((target) => named(target, targetText(target))),
    ...readingText(reading),
  ].join(", ");
}

/** What was recognised, where it is not what most tables have. */
function readingText(reading: DataDescription["reading"]): string[] {
  if (reading?.form !== "table") return [];
  const { decimalSign, separator } = reading;
  const parts = [
    ...(separator === "comma" ? [] : [`${separator === "pipe" ? "pipes" : `${separator}s`} between columns`]),
    ...(decimalSign === "point" ? [] : ["decimal commas"]),
  ];
  return parts.length === 0 ? [] : [`read with ${parts.join(" and ")}`];
}

const named = ({ name }: ColumnDescription, text: string) => (name === null ? text : `${name}: ${text}`);

function inputText({ dtype, fields, layout, shape }: ColumnDescription): string {
  if (layout !== null) return `images of ${shape.join("×")}`;
  if (shape.length > 1) return `features of ${shape.join("×")}`;
  const [width = 1] = shape;
  if (dtype === "int32") return `sequences of ${width}`;
  const features = count(width, "feature");
  return fields === null
    ? features
    : `${features} from ${count(fields.length, "column")}${wordsText(fields)}`;
}

/** Columns of words, the first ones by name. */
function wordsText(fields: readonly Field[]): string {
  const columns = fields.flatMap(({ name, words }) =>
    words === null ? [] : [`${name}: ${count(words.length, "word")}`],
  );
  return columns.length === 0 ? "" : ` (${shortList(columns)})`;
}

function targetText({ classNames, dtype, fields, shape }: ColumnDescription): string {
  if (classNames !== null)
    return `${count(classNames.length, "class", "classes")} (${shortList(classNames)})`;
  if (dtype === "int32") return shape.length === 0 ? "class indices" : `class indices of ${shape.join("×")}`;
  const width = shape.reduce((product, size) => product * size, 1);
  const names = fields === null ? "" : ` (${shortList(fields.map(({ name }) => name))})`;
  return width === 1 ? `numbers to predict${names}` : `${width} numbers to predict${names}`;
}

/** Names are cut after so many, and after so many characters each. */
const mostNames = 4;
const mostCharacters = 24;

function shortList(names: readonly string[]): string {
  const cut = (given: string) => {
    const name = visible(given);
    return name.length > mostCharacters ? `${name.slice(0, mostCharacters - 1)}…` : name || '""';
  };
  if (names.length <= mostNames) return names.map(cut).join(", ");
  return [...names.slice(0, mostNames - 1).map(cut), "…", cut(names[names.length - 1])].join(", ");
}

/** White space has to be seen: a class of a text may be a line break. */
function visible(name: string): string {
  return name.trim() === name ? name : JSON.stringify(name);
}

function count(number: number, one: string, many = `${one}s`): string {
  return `${number.toLocaleString("en-US")} ${number === 1 ? one : many}`;
}
