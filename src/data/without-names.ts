/** A data set for threads, each of which gets a copy of all but the numbers: names are left out, as there may be many. */
import type { Column, Dataset } from "./dataset.ts";

export function withoutNames({ features, labels, length }: Dataset): Dataset {
  return { features: features.map(bare), labels: labels.map(bare), length };
}

const bare = ({ classNames: _, fields: __, ...column }: Column): Column => column;
