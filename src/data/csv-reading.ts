/** How a table to train on was read, kept as JSON with the description of its data. */
import type { TableReading } from "../formats/data-description.ts";
import type { CsvSchema } from "./csv-schema.ts";

/** The means are those of examples, which a schema does not see. */
export function describeTable(schema: CsvSchema): TableReading {
  const { columns, decimalSign, foundSeparator, hasHeader, label, missing } = schema;
  return {
    form: "table",
    separator: foundSeparator,
    decimalSign,
    hasHeader,
    missing,
    means: null,
    columns: columns.map(({ at, isPercent, name, words }, i) => ({
      name,
      role: i === label ? "label" : at === null ? "ignored" : "feature",
      isPercent,
      words: words === null ? null : [...words.keys()],
    })),
  };
}
