/** What is probably a mistake in a data set, as far as its numbers tell: a rule and a sentence each. */
import { isImage } from "./augment.ts";
import type { Column, DataSplit } from "./dataset.ts";

/** So many different whole numbers are rarely classes. */
const manyNumbers = 100;
/** Numbers whose sizes differ by so much need scaling: one learning rate does not fit them. */
const scaleRatio = 1e4;
/** Examples that sizes are measured of, evenly over the data set. */
const mostMeasured = 10_000;

/** A sentence for each likely mistake; none for a data set that looks sound. */
export function dataWarnings({ train, warnings = [] }: DataSplit): string[] {
  const { features, labels, length } = train;
  return [
    ...warnings,
    ...labels.flatMap((column) => [classWarning(column, length), emptyClassWarning(column)]),
    ...features.map((column) => featureScaleWarning(column, length)),
    ...labels.map((column) => targetScaleWarning(column, length)),
  ].filter((sentence) => sentence !== null);
}

function classWarning({ classNames, shape }: Column, length: number): string | null {
  if (classNames === undefined || shape.length > 0) return null;
  const count = classNames.length;
  if (count >= manyNumbers && classNames.every((name) => /^-?\d+$/.test(name))) {
    return (
      `The labels are ${count.toLocaleString("en-US")} different whole numbers, which are taken for classes: ` +
      "--loss meanSquaredError takes them as numbers."
    );
  }
  if (count <= length / count) return null;
  return `There are more classes (${count}) than examples of each (${(length / count).toFixed(1)} on average), too few to tell them apart.`;
}

function emptyClassWarning({ classNames, data, shape }: Column): string | null {
  if (classNames === undefined || shape.length > 0) return null;
  const counts = new Uint32Array(classNames.length);
  for (const label of data) counts[label]++;
  const missing = classNames.filter((_, index) => counts[index] === 0);
  if (missing.length === 0) return null;
  if (missing.length === classNames.length - 1) {
    return `All examples to train on are of one class, ${classNames[counts.findIndex((count) => count > 0)]}.`;
  }
  const shown = missing.length > 4 ? [...missing.slice(0, 3), "…", missing[missing.length - 1]] : missing;
  return `No example to train on is of class ${shown.join(", ")}.`;
}

/** Largest absolute value at each place of an example; 0 where there are only zeros. */
function sizesOf({ data, offset, scale, shape }: Column, length: number): Float64Array {
  const width = shape.reduce((product, size) => product * size, 1);
  const sizes = new Float64Array(width);
  const step = Math.max(1, Math.floor(length / mostMeasured));
  for (let row = 0; row < length; row += step) {
    for (let place = 0; place < width; place++) {
      const size = Math.abs(scale * data[row * width + place] + offset);
      if (size > sizes[place]) sizes[place] = size;
    }
  }
  return sizes;
}

function featureScaleWarning(column: Column, length: number): string | null {
  if (column.dtype !== "float32" || column.shape.length !== 1 || isImage(column)) return null;
  const sizes = sizesOf(column, length);
  const names = placeNames(column);
  let [small, large] = [-1, -1];
  for (const [place, size] of sizes.entries()) {
    if (size === 0) continue;
    if (small < 0 || size < sizes[small]) small = place;
    if (large < 0 || size > sizes[large]) large = place;
  }
  if (small < 0) return "All features are 0.";
  if (sizes[large] < scaleRatio * sizes[small]) return null;
  const text = (place: number) => `${names(place)} (up to ${Number(sizes[place].toPrecision(3))})`;
  return `Features differ in scale, from ${text(small)} to ${text(large)}: training is slow or diverges unless they are scaled.`;
}

function targetScaleWarning(column: Column, length: number): string | null {
  if (column.dtype !== "float32" || column.shape.length > 1) return null;
  const size = Math.max(...sizesOf(column, length));
  if (size === 0 || (size < scaleRatio && size > 1 / scaleRatio)) return null;
  return (
    `The numbers to predict are up to ${Number(size.toPrecision(3))}, far from the 1 that models begin with: ` +
    "training is slow or diverges unless they are scaled."
  );
}

/** What is at a place of an example. */
function placeNames({ fields }: Column): (place: number) => string {
  const names = fields?.flatMap(({ name, words }) => words?.map((word) => `${name} ${word}`) ?? [name]);
  return (place) => names?.[place] ?? `feature ${place + 1}`;
}
