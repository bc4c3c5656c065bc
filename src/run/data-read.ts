/** What a run has read, told before it trains and kept in its summary. */
import { dataWarnings } from "../data/data-warnings.ts";
import type { DataSplit } from "../data/dataset.ts";
import { dataText, describeData } from "../data/describe-data.ts";
import { type RunEvent, runEvent } from "../report/run-event.ts";
import type { Summary } from "../report/summary.ts";

interface DataRead extends Pick<Summary, "dataRead" | "dataNotes" | "dataDescription"> {
  /** The same, as what happens first in a run. */
  readonly events: readonly RunEvent[];
}

/** @param model Its name, null for one of the user's. @param parameters Number of trained ones. */
export function dataReadBy(data: DataSplit, model: string | null, parameters: number): DataRead {
  const description = describeData(data);
  const text = `${dataText(description)}; ${model ?? "own model"}, ${parameters.toLocaleString("en-US")} parameters`;
  const { notes = [] } = data;
  const warnings = dataWarnings(data);
  return {
    dataRead: text,
    dataNotes: [...notes, ...warnings],
    dataDescription: description,
    events: [
      ...[text, ...notes].map((note) => runEvent({ event: "data", note })),
      ...warnings.map((problem) => runEvent({ event: "warning", about: "data", problem })),
    ],
  };
}
