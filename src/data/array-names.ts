/**
 * Which arrays of a file are features and which are labels, by the names that people give them.
 *
 * Owns the list of known names; what must hold between the arrays is in `tensor-pairs.ts`.
 */

/** In the order in which they are looked for; upper and lower case are alike. */
const featureWords = ["features", "x", "images", "data", "inputs"] as const;
const labelWords = ["labels", "label", "y", "targets", "target"] as const;

/** Labels that are looked for first beside features of a name. */
const partners: Readonly<Record<string, string>> = { x: "y", data: "target", inputs: "targets" };

/** What `numpy.savez` calls arrays without names. */
const unnamed = ["arr_0", "arr_1"] as const;

type Half = "train" | "test" | "validation";

const halves: Readonly<Record<string, Half>> = {
  train: "train",
  training: "train",
  test: "test",
  val: "validation",
  valid: "validation",
  validation: "validation",
};

const affix = Object.keys(halves).join("|");
/** A known word: `x_train`, `train-x`, `xTrain` or `x`. */
const knownForm = new RegExp(
  `^(?:(${affix})[_. -]?)?(${[...featureWords, ...labelWords].join("|")})(?:[_. -]?(${affix}))?$`,
);
/** Any other word: `embedding_train`. */
const otherForm = new RegExp(`^(?:(${affix})[_. -])?(.+?)(?:[_. -](${affix}))?$`);

/** In one line, for errors. */
export const knownNames = {
  features: `${featureWords.join(", ")}, x_train or train_x and the like`,
  labels: `${labelWords.join(", ")}, y_train or train_y and the like`,
} as const;

/** Names that the user gives; null for the known ones. */
export interface ArrayChoice {
  readonly featuresArray: string | null;
  readonly labelsArray: string | null;
}

/** Names of arrays up to a slash; null where there is none. */
export interface ChosenArrays {
  readonly features: string | null;
  readonly labels: string | null;
  readonly test: { readonly features: string; readonly labels: string } | null;
}

/**
 * Chooses by name. Those to train on are a known word with `train` before or after it, else alone; those to test with have
 * `test` there, else `val`, `valid` or `validation`. Where there are only `arr_0` and `arr_1`, these are features and labels.
 *
 * @param names Of the arrays, up to a slash.
 */
export function chooseArrays(
  names: readonly string[],
  { featuresArray, labelsArray }: ArrayChoice,
): ChosenArrays {
  const parts = names.map(partsOf);
  const find = (candidates: readonly string[], half: Half | null) =>
    candidates
      .map((word) => parts.find((part) => part.word === word && part.half === half)?.name)
      .find((name) => name !== undefined) ?? null;
  if (featuresArray === null && labelsArray === null && `${[...names].sort()}` === `${unnamed}`) {
    return { features: unnamed[0], labels: unnamed[1], test: null };
  }
  const features = featuresArray ?? find(featureWords, "train") ?? find(featureWords, null);
  const { half, word } = partsOf(features ?? labelsArray ?? "");
  const labels =
    labelsArray ?? alike(features ?? "", names) ?? find([partners[word] ?? "", ...labelWords], half);
  if (features === null || labels === null) return { features, labels, test: null };
  for (const other of ["test", "validation"] as const) {
    const [x, y] = [features, labels].map((name) => find([partsOf(name).word], other));
    if (x !== null && y !== null) return { features, labels, test: { features: x, labels: y } };
  }
  return { features, labels, test: null };
}

/**
 * The array of features alone, of examples that need no labels: the one of that name, else a known word alone or for testing
 * before one for training, else the only array.
 */
export function chooseFeatures(names: readonly string[], featuresArray: string | null): string | null {
  if (featuresArray !== null && names.includes(featuresArray)) return featuresArray;
  const parts = names.map(partsOf);
  for (const half of [null, "test", "validation", "train"] as const) {
    const found = featureWords
      .map((word) => parts.find((part) => part.word === word && part.half === half)?.name)
      .find((name) => name !== undefined);
    if (found !== undefined) return found;
  }
  return names.includes(unnamed[0]) ? unnamed[0] : names.length === 1 ? names[0] : null;
}

/** The name that differs from that of features in one word: `y_small` for `x_small`. */
function alike(features: string, names: readonly string[]): string | null {
  const text = features.toLowerCase();
  const labels = text.replace(/features|images|inputs/, "labels").replace(/^x/, "y");
  return (labels !== text && names.find((name) => name.toLowerCase() === labels)) || null;
}

/** A name without what it says of a half. */
function partsOf(name: string): { name: string; word: string; half: Half | null } {
  const text = name.toLowerCase();
  const [, before, word = text, after] = knownForm.exec(text) ?? otherForm.exec(text) ?? [];
  return { name, word, half: halves[before ?? after ?? ""] ?? null };
}
