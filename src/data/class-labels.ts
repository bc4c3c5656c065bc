/**
 * Which classes labels stand for: the one rule of all readers.
 *
 * Whole numbers from 0 on are class indices themselves; a number among them that no label has is a class without
 * examples. Other whole numbers (from 1, −1 and +1, 10 20 30) are classes in their order, and words in theirs.
 */
import { compareNaturally } from "./natural-order.ts";

/** Class index of each label, in the order of the indices; the keys are the names of the classes. */
export type Classes<Label> = ReadonlyMap<Label, number>;

/** More are no classes that a model could tell apart; a larger output layer would be a mistake in the data. */
export const maxClasses = 65_536;

type Refuse = (rule: string, received?: unknown) => Error;

/**
 * The classes of labels that are numbers.
 *
 * @returns Null where a label is no whole number, so that labels are values and not classes.
 * @throws What `refuse` makes, where there are more than {@link maxClasses} classes.
 */
export function classesOfNumbers(labels: Iterable<number>, refuse: Refuse): Classes<number> | null {
  const distinct = new Set<number>();
  for (const label of labels) {
    if (!Number.isInteger(label)) return null;
    // Adding 0 makes −0 the 0 that it equals.
    distinct.add(label + 0);
    if (distinct.size > maxClasses) throw tooMany(refuse);
  }
  const sorted = [...distinct].sort((a, b) => a - b);
  const largest = sorted[sorted.length - 1];
  // Indices with more gaps than labels are numbers that mean something else, such as the grey of a mask: 0 and 255.
  const areIndices = sorted[0] === 0 && largest + 1 <= 2 * sorted.length;
  if (areIndices && largest >= maxClasses) throw tooMany(refuse);
  return indexed(areIndices ? Array.from({ length: largest + 1 }, (_, index) => index) : sorted);
}

/** The classes of labels that are words, in natural order: `grade 2` before `grade 10`. @throws As above. */
export function classesOfWords(words: Iterable<string>, refuse: Refuse): Classes<string> {
  const distinct = new Set(words);
  if (distinct.size > maxClasses) throw tooMany(refuse);
  return indexed([...distinct].sort(compareNaturally));
}

/** The names of classes, in the order of their indices. */
export function namesOf(classes: Classes<number | string>): string[] {
  return Array.from(classes.keys(), String);
}

const indexed = <Label>(labels: readonly Label[]) => new Map(labels.map((label, index) => [label, index]));

const tooMany = (refuse: Refuse) => refuse(`labels must be at most ${maxClasses} classes`);
