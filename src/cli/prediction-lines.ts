/** Predictions as lines of text: CSV (RFC 4180), or an object of JSON each. */
import type { Answer, Answering } from "../task/answers.ts";

export interface PredictionLines {
  /** Empty for JSON. */
  readonly heading: string;
  /** @param file Of the example, where it is a file. @param answers One for each output. */
  readonly line: (file: string | null, answers: readonly Answer[]) => string;
}

/** An output of the model, and how it is read. */
export interface NamedAnswering extends Answering {
  /** Null for the only one. */
  readonly name: string | null;
}

export function csvLines(outputs: readonly NamedAnswering[], hasFiles: boolean): PredictionLines {
  const heading = outputs.flatMap(({ classNames, name, width }) => {
    const numbers = width === 1 ? [""] : Array.from({ length: width }, (_, i) => `_${i}`);
    const columns =
      classNames === null
        ? numbers.map((place) => `prediction${place}`)
        : ["prediction", ...classNames.map((className) => `probability_${className}`)];
    return columns.map((column) => (name === null ? column : `${name}.${column}`));
  });
  return {
    heading: csvLine(hasFiles ? ["file", ...heading] : heading),
    line: (file, answers) =>
      csvLine([
        ...(file === null ? [] : [file]),
        ...answers.flatMap(({ prediction, probabilities }) => [
          ...[prediction].flat().map(textOf),
          ...(probabilities ?? []).map(textOf),
        ]),
      ]),
  };
}

export function jsonLines(outputs: readonly NamedAnswering[]): PredictionLines {
  const entryOf = ({ prediction, probabilities }: Answer, { classNames }: Answering) => ({
    prediction: typeof prediction === "string" ? prediction : rounded(prediction),
    ...(probabilities === null || classNames === null
      ? {}
      : { probabilities: Object.fromEntries(classNames.map((name, i) => [name, short(probabilities[i])])) }),
  });
  return {
    heading: "",
    line: (file, answers) => {
      const values = answers.map((answer, i) => entryOf(answer, outputs[i]));
      const named =
        values.length === 1
          ? values[0]
          : Object.fromEntries(values.map((value, i) => [outputs[i].name, value]));
      return `${JSON.stringify({ ...(file === null ? {} : { file }), ...named })}\n`;
    },
  };
}

const csvLine = (cells: readonly string[]) => `${cells.map(quoted).join(",")}\r\n`;

const quoted = (text: string) => (/[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

const textOf = (value: string | number) => (typeof value === "string" ? value : `${short(value)}`);

const rounded = (value: number | readonly number[]) =>
  typeof value === "number" ? short(value) : value.map(short);

/** The nine digits that a float32 takes. */
const short = (value: number) => Number(value.toPrecision(9));
