/** What the classes of a task weigh: as given by their names, or so that each counts as much as the others. */
import { maxClasses } from "../data/class-labels.ts";
import type { Column } from "../data/dataset.ts";
import { cannot, YfError } from "../errors.ts";
import type { ClassWeight } from "../options/kinds.ts";
import { significant } from "../report/live-fields.ts";
import { type Loss, takesClassIndices, takesOneHot, thresholdOfYes } from "../tfjs/losses.ts";

/** The weights by index of the class, and the sentence that tells people of them. */
interface ResolvedWeights {
  readonly weights: readonly number[];
  readonly note: string;
}

/**
 * @param given By the names that the data have for their classes, else by index. @param labels Of the examples to train on.
 * @throws {YfError} `BAD_OPTION` if the loss compares no classes, or there is not one weight for each class.
 */
export function classWeightsOf(given: ClassWeight, loss: Loss, labels: readonly Column[]): ResolvedWeights {
  if (labels.length !== 1) {
    throw refused("the model must have one output (fit() takes weights for several)", labels.length);
  }
  const [column] = labels;
  const counts = countClasses(column, loss);
  const names = counts.map((_, index) => column.classNames?.[index] ?? String(index));
  const weights =
    given === "balanced" ? balancedWeights(counts) : weightsByName(new Map(Object.entries(given)), names);
  return { weights, note: noteOf(names, weights) };
}

/**
 * N/(K·n): N examples of K classes, n of this one; 1 for a class without examples.
 *
 * Source: King, Zeng, "Logistic Regression in Rare Events Data", Political Analysis 9, 2001, as scikit-learn has it.
 *
 * @param counts Examples of each class.
 */
export function balancedWeights(counts: readonly number[]): number[] {
  const all = counts.reduce((sum, count) => sum + count, 0);
  const classes = counts.filter((count) => count > 0).length;
  return counts.map((count) => (count === 0 ? 1 : all / (classes * count)));
}

/** Examples, or positions of them, of each class. */
function countClasses({ classNames, data, offset, scale, shape }: Column, loss: Loss): number[] {
  const counts: number[] = [];
  const count = (index: number) => {
    // Whatever is no class is refused with its place once the classes of the model are known.
    if (!(Number.isInteger(index) && index >= 0 && index < maxClasses)) return;
    while (counts.length <= index) counts.push(0);
    counts[index]++;
  };
  const name = typeof loss === "string" ? loss : null;
  if (name !== null && takesClassIndices(name)) {
    for (const stored of data) count(scale * stored + offset);
    while (counts.length < (classNames?.length ?? 0)) counts.push(0);
  } else if (name !== null && takesOneHot(name)) {
    const width = shape.at(-1) ?? 1;
    for (let from = 0; from < data.length; from += width) {
      const row = data.subarray(from, from + width);
      count(row.indexOf(Math.max(...row)));
    }
    while (counts.length < width) counts.push(0);
  } else if (name !== null && thresholdOfYes(name) !== null) {
    for (const stored of data) count(Number(scale * stored + offset > 0.5));
    while (counts.length < 2) counts.push(0);
  } else {
    throw refused("the loss must be a built-in one that compares classes", name ?? "a function");
  }
  return counts;
}

function weightsByName(given: ReadonlyMap<string, number>, names: readonly string[]): number[] {
  const unknown = [...given.keys()].find((name) => !names.includes(name));
  const listed = names.length > mostNamed ? `0 to ${names.length - 1}` : names.join(", ");
  if (unknown !== undefined) throw refused(`must be for the classes ${listed}`, unknown);
  return names.map((name) => {
    const weight = given.get(name);
    if (weight === undefined) throw refused(`there must be one for each class ${listed}`, `none for ${name}`);
    return weight;
  });
}

/** More classes are not listed. */
const mostNamed = 10;

function noteOf(names: readonly string[], weights: readonly number[]): string {
  if (names.length > mostNamed) {
    return `Classes weigh ${significant(Math.min(...weights))} to ${significant(Math.max(...weights))}`;
  }
  return `Classes weigh ${names.map((name, i) => `${name}: ${significant(weights[i])}`).join(", ")}`;
}

function refused(rule: string, received: unknown): YfError {
  return new YfError("BAD_OPTION", cannot("weigh the classes", rule, received), { option: "classWeight" });
}
