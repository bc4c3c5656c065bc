/**
 * Refuses labels that their loss has no meaning for, and indices beyond the rows that a model gathers from.
 *
 * An engine would take −1 for the last row, clip, or train towards nonsense, each in its own way and without a word.
 */
import { cannot, YfError } from "../errors.ts";
import type { Graph, ValueId } from "../graph/graph.ts";
import { type FullLossName, fullLossName, type LossName } from "./losses.ts";

/** A column of a data set, one example after the other. */
interface Column {
  readonly name?: string | undefined;
  readonly data: ArrayLike<number>;
  /** Of one example. */
  readonly shape: readonly number[];
  /** A number is scale·stored + offset. */
  readonly scale: number;
  readonly offset: number;
}

/** What one label must be. */
interface Rule {
  readonly text: string;
  readonly isRight: (label: number) => boolean;
  /** Whether the labels of a row must sum up to 1. */
  readonly isShare?: boolean;
}

const between0And1 = (label: number) => label >= 0 && label <= 1;
const yesOrNo: Rule = { text: "in [0, 1], 0 for no and 1 for yes", isRight: between0And1 };
const share: Rule = { text: "in [0, 1], in rows that sum up to 1", isRight: between0And1, isShare: true };
const sign: Rule = {
  text: "−1 or 1 (0 counts as −1)",
  isRight: (label) => label === -1 || label === 0 || label === 1,
};
const classOf = (classes: number): Rule => ({
  text: `in [0, ${classes - 1}], a whole number for one of the ${classes} classes of the model's output`,
  isRight: (label) => Number.isInteger(label) && label >= 0 && label < classes,
});

function ruleOf(name: FullLossName, classes: number): Rule | null {
  switch (name) {
    case "sparseSoftmaxCrossEntropy":
    case "sparseCategoricalCrossentropy":
      return classOf(classes);
    case "sigmoidCrossEntropy":
    case "binaryCrossentropy":
      return yesOrNo;
    case "softmaxCrossEntropy":
    case "categoricalCrossentropy":
    case "kullbackLeiblerDivergence":
      return share;
    case "hinge":
    case "squaredHinge":
      return sign;
    case "poisson":
      return { text: "≥ 0, a number of events", isRight: (label) => label >= 0 };
    default:
      return null;
  }
}

/** Float32 rows of C shares miss 1 by their rounding, and by that of whoever wrote them with few decimals. */
const sumTolerance = 0.01;

/**
 * @param loss Of the output that the labels are for, null for a function that compares class indices. @param classes Numbers along the last axis of the output.
 * @param half Which part of the data the column is of, for the message.
 * @throws {YfError} `BAD_DATA` with the first label that is wrong, and its place.
 */
export function requireLabels(loss: LossName | null, classes: number, column: Column, half: string): void {
  const rule = loss === null ? classOf(classes) : ruleOf(fullLossName(loss), classes);
  if (rule === null) return;
  const { data, name, offset, scale } = column;
  const width = column.shape.at(-1) ?? 1;
  const which = name === undefined ? "every label" : `every label ${name}`;
  const refuse = (received: string, details: Record<string, unknown>) => {
    const text = `${which}${loss === null ? "" : ` of ${loss}`} must be ${rule.text}`;
    return new YfError("BAD_DATA", cannot("use the labels", text, received), {
      loss,
      half,
      name,
      ...details,
    });
  };
  const perExample = column.shape.reduce((product, size) => product * size, 1);
  const placeOf = (i: number) => `at index ${Math.floor(i / perExample)} of ${half}`;
  let sum = 0;
  for (let i = 0; i < data.length; i++) {
    const value = scale * data[i] + offset;
    const index = Math.floor(i / perExample);
    if (!rule.isRight(value)) throw refuse(`${value} ${placeOf(i)}`, { value, index });
    if (!rule.isShare) continue;
    sum = i % width === 0 ? value : sum + value;
    if (i % width !== width - 1 || Math.abs(sum - 1) <= sumTolerance) continue;
    throw refuse(`a sum of ${sum} ${placeOf(i)}`, { value: sum, index });
  }
}

/** A column whose numbers are indices of rows. */
export interface IndexColumn {
  readonly column: number;
  /** Rows that there are. */
  readonly rows: number;
  /** The layer that gathers them, null for none. */
  readonly layer: string | null;
}

/** The features of which a model gathers rows, as embeddings do. */
export function indexColumns({ features, nodes, values }: Graph): IndexColumn[] {
  const columns = new Map<ValueId, number>(features.map(({ value }, i) => [value, i]));
  const found: IndexColumn[] = [];
  for (const { attributes, inputs, layer, op, outputs } of nodes) {
    const [x, indices] = inputs as [ValueId, ValueId];
    if (op === "GatherV2" && columns.has(indices)) {
      const rows = values[x].shape.at(attributes.axis as number) as number;
      found.push({ column: columns.get(indices) as number, rows, layer });
    } else if (["Cast", "Reshape", "ExpandDims"].includes(op) && columns.has(x)) {
      columns.set(outputs[0], columns.get(x) as number);
    }
  }
  return found;
}

/** @throws {YfError} `BAD_DATA` with the first index that has no row, and its place. */
export function requireIndices({ layer, rows }: IndexColumn, column: Column, half: string): void {
  const { data, name, offset, scale } = column;
  const perExample = column.shape.reduce((product, size) => product * size, 1);
  for (let i = 0; i < data.length; i++) {
    const value = scale * data[i] + offset;
    // As a cast to int32 sees it.
    if (value > -1 && value < rows) continue;
    const index = Math.floor(i / perExample);
    const which = name === undefined ? "every feature" : `every feature ${name}`;
    const rule = `${which} must be in [0, ${rows - 1}], a row of ${layer === null ? "what it picks from" : `layer ${layer}`}`;
    throw new YfError("BAD_DATA", cannot("use the features", rule, `${value} at index ${index} of ${half}`), {
      value,
      index,
      half,
      layer,
      rows,
    });
  }
}
