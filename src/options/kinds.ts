/**
 * What values an option can have: how they are written on the command line and what the library takes.
 *
 * A kind knows no option; the sentences about a wrong value are made in `resolve-options.ts`.
 */

export interface Kind<T> {
  /** What must hold, to follow the colon of an error's sentence. */
  readonly rule: string;
  /** The same in the library, where its values are others than the texts. */
  readonly libraryRule?: string;
  /** What `--help` calls the value, in brackets if it may be left out; null for a flag that takes none. */
  readonly placeholder: string | null;
  /** Words that it may be; absent where there are none. */
  readonly words?: readonly (T & string)[];
  /** What to do about a value that breaks the rule; null, or absent, where nothing is known. */
  advice?(value: string): string | null;
  /** The value that a text on the command line stands for, undefined if it breaks the rule. */
  fromText(text: string): T | undefined;
  /** The value that a library user gave, undefined if it breaks the rule. */
  fromValue(value: unknown): T | undefined;
}

const numberPattern = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

function numeric(rule: string, placeholder: string, accepts: (value: number) => boolean): Kind<number> {
  const fromValue = (value: unknown) => (typeof value === "number" && accepts(value) ? value : undefined);
  return {
    rule,
    placeholder,
    fromText: (text) => (numberPattern.test(text) ? fromValue(Number(text)) : undefined),
    fromValue,
  };
}

/** An integer in [min, max]; without `max`, any exact integer from `min`. */
export function integer(min: number, max: number = Number.MAX_SAFE_INTEGER): Kind<number> {
  const range = max === Number.MAX_SAFE_INTEGER ? `≥ ${min}` : `in [${min}, ${max}]`;
  return numeric(
    `must be an integer ${range}`,
    "N",
    (value) => Number.isSafeInteger(value) && value >= min && value <= max,
  );
}

/** A finite number > 0. */
export function positive(placeholder: string): Kind<number> {
  return numeric("must be a number > 0", placeholder, (value) => value > 0 && Number.isFinite(value));
}

/** Any finite number. */
export function finite(placeholder: string): Kind<number> {
  return numeric("must be a number", placeholder, Number.isFinite);
}

/** Numbers > 0, at least one. */
export function positives(placeholder: string): Kind<readonly number[]> {
  const { fromText, fromValue } = positive(placeholder);
  const all = (values: readonly (number | undefined)[]) =>
    values.length > 0 && values.every((value) => value !== undefined) ? (values as number[]) : undefined;
  return {
    rule: "must be numbers > 0 with commas in between",
    libraryRule: "must be an array of numbers > 0",
    placeholder,
    fromText: (text) => all(text.split(",").map(fromText)),
    fromValue: (value) => (Array.isArray(value) ? all(value.map(fromValue)) : undefined),
  };
}

/** A worker that is made slow on purpose. */
export interface WorkerDelay {
  /** Of the worker, from 0. */
  readonly rank: number;
  /** Mean, milliseconds, > 0. */
  readonly ms: number;
  /** Always the same, or exponentially distributed. */
  readonly law: "constant" | "exponential";
}

/** Delays of some workers, each at most once: `3=50;5=20,exponential`. */
export function delays(): Kind<readonly WorkerDelay[]> {
  const laws = choice(["constant", "exponential"]);
  const rankOf = integer(0, 255);
  const milliseconds = positive("MS");
  const all = (given: readonly { rank?: unknown; ms?: unknown; law?: unknown }[]) => {
    const checked = given.map(({ rank, ms, law = "constant" }) => ({
      rank: rankOf.fromValue(rank),
      ms: milliseconds.fromValue(ms),
      law: laws.fromValue(law),
    }));
    const complete = checked.every((delay) => Object.values(delay).every((value) => value !== undefined));
    const distinct = new Set(checked.map(({ rank }) => rank)).size === checked.length;
    return complete && distinct && checked.length > 0 ? (checked as WorkerDelay[]) : undefined;
  };
  return {
    rule: "must be rank=milliseconds[,constant|exponential], once per rank, with semicolons in between",
    libraryRule: "must be an array of { rank, ms, law }, once per rank",
    placeholder: "RANK=MS[,LAW];...",
    fromText: (text) =>
      all(
        text.split(";").map((part) => {
          const [rank, ms, law] = part.split(/[=,]/);
          return { rank: rankOf.fromText(rank), ms: milliseconds.fromText(ms ?? ""), law };
        }),
      ),
    fromValue: (value) =>
      Array.isArray(value) && value.every((item) => typeof item === "object" && item !== null)
        ? all(value)
        : undefined,
  };
}

/** Weight ≥ 0 of each class by its name or index; or `"balanced"`: examples / (classes × examples of the class). */
export type ClassWeight = "balanced" | Readonly<Record<number, number>> | Readonly<Record<string, number>>;

/** Weights of classes: `balanced`, or `0:1,1:19`. */
export function classWeights(): Kind<ClassWeight> {
  const weight = numeric("", "", (value) => value >= 0 && Number.isFinite(value));
  const all = (given: readonly (readonly [string, number | undefined])[]) => {
    const known = given.filter(
      (one): one is readonly [string, number] => one[0] !== "" && one[1] !== undefined,
    );
    const distinct = new Set(known.map(([name]) => name)).size === given.length;
    const some = known.some(([, one]) => one > 0);
    return distinct && some ? Object.fromEntries(known) : undefined;
  };
  return {
    rule: "must be balanced, or class:weight, each weight ≥ 0, once per class, with commas in between",
    libraryRule: 'must be "balanced" or an object of weights ≥ 0 by class',
    placeholder: "balanced|CLASS:W,...",
    fromText(text) {
      if (text === "balanced") return text;
      return all(
        text.split(",").map((part) => {
          const at = part.lastIndexOf(":");
          return [part.slice(0, Math.max(at, 0)).trim(), weight.fromText(part.slice(at + 1).trim())];
        }),
      );
    },
    fromValue(value) {
      if (value === "balanced") return value;
      if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
      return all(Object.entries(value).map(([name, one]) => [name, weight.fromValue(one)]));
    },
  };
}

/** A number in [min, max]. */
export function between(min: number, max: number, placeholder: string): Kind<number> {
  return numeric(
    `must be a number in [${min}, ${max}]`,
    placeholder,
    (value) => value >= min && value <= max,
  );
}

/** A number in (0, 1), both excluded. */
export function share(placeholder: string): Kind<number> {
  return numeric("must be a number in (0, 1)", placeholder, (value) => value > 0 && value < 1);
}

/** A text that is not empty. */
export function text(placeholder: string): Kind<string> {
  const fromValue = (value: unknown) => (typeof value === "string" && value !== "" ? value : undefined);
  return { rule: "must not be empty", placeholder, fromText: fromValue, fromValue };
}

/** Texts that are not empty, at least one. */
export function names(placeholder: string): Kind<readonly string[]> {
  const { fromValue } = text(placeholder);
  const all = (given: readonly unknown[]) => {
    const known = given.map(fromValue);
    return known.length > 0 && !known.includes(undefined) ? (known as string[]) : undefined;
  };
  return {
    rule: "must be names with commas in between",
    libraryRule: "must be an array of names",
    placeholder,
    fromText: (given) => all(given.split(",")),
    fromValue: (value) => (Array.isArray(value) ? all(value) : undefined),
  };
}

/** Width and height in pixels: `64x48`. */
export interface PixelSize {
  /** Columns, > 0. */
  readonly width: number;
  /** Rows, > 0. */
  readonly height: number;
}

/** A size of images, each side in [1, 4096]. */
export function pixelSize(): Kind<PixelSize> {
  const side = integer(1, 4096);
  const both = (width: number | undefined, height: number | undefined) =>
    width === undefined || height === undefined ? undefined : { width, height };
  return {
    rule: "must be WIDTHxHEIGHT, each in [1, 4096]",
    libraryRule: "must be { width, height }, each an integer in [1, 4096]",
    placeholder: "WxH",
    fromText: (given) => {
      const [width, height, ...rest] = given.split("x");
      return rest.length > 0 ? undefined : both(side.fromText(width), side.fromText(height ?? ""));
    },
    fromValue: (value) => {
      const { height, width } = Object(value) as { height?: unknown; width?: unknown };
      return both(side.fromValue(width), side.fromValue(height));
    },
  };
}

/** Some of some words, each at most once. */
export function choices<const T extends string>(words: readonly T[]): Kind<readonly T[]> {
  const { fromValue: word } = choice(words);
  const all = (given: readonly unknown[]) => {
    const known = given.map(word);
    const distinct = new Set(known).size === known.length;
    return distinct && known.length > 0 && !known.includes(undefined) ? (known as T[]) : undefined;
  };
  return {
    rule: `must be some of ${words.join(", ")}, each once, with commas in between`,
    libraryRule: `must be an array of some of ${words.join(", ")}, each once`,
    placeholder: words.join(","),
    fromText: (given) => all(given.split(",")),
    fromValue: (value) => (Array.isArray(value) ? all(value) : undefined),
  };
}

/** A number in (0, 1]. */
export function fraction(placeholder: string): Kind<number> {
  return numeric("must be a number in (0, 1]", placeholder, (value) => value > 0 && value <= 1);
}

/** One of some words. @param aliases Earlier words, which still work, and what they stand for. */
export function choice<const T extends string>(
  words: readonly T[],
  aliases: Readonly<Record<string, NoInfer<T>>> = {},
): Kind<T> {
  const meant = new Map<unknown, T>([
    ...Object.entries(aliases),
    ...words.map((word) => [word, word] as const),
  ]);
  const fromValue = (value: unknown) => meant.get(value);
  return {
    rule: `must be one of ${words.join(", ")}`,
    placeholder: "NAME",
    words,
    fromText: fromValue,
    fromValue,
  };
}

/** One of some words, or the path of a file with one of some endings, such as ".json"; "/" is for any path with one in it. */
export function choiceOrFile<const T extends string, const E extends string>(
  words: readonly T[],
  endings: readonly E[],
): Kind<T | FileOf<E>> {
  const { fromText: word } = choice(words);
  const { fromText: file } = path("FILE");
  const files = endings.filter((ending) => ending !== "/");
  const folders = files.length < endings.length;
  const isFile = (text: string) =>
    files.some((ending) => text.length > ending.length && text.endsWith(ending)) ||
    (folders && /[^/\\][/\\]|[/\\][^/\\]/.test(text));
  const fromText = (text: string) =>
    word(text) ?? (isFile(text) ? (file(text) as FileOf<E> | undefined) : undefined);
  return {
    rule: `must be one of ${words.join(", ")}, or a file ${files.join(", ")}${folders ? ", or a folder, with a / in its path" : ""}`,
    placeholder: "NAME|FILE",
    words,
    fromText,
    fromValue: (value) => (typeof value === "string" ? fromText(value) : undefined),
  };
}

type FileOf<E extends string> = `${string}${E}` | ("/" extends E ? `${string}/${string}` : never);

/** `on` or `off` on the command line, a boolean in the library. */
export function toggle(): Kind<boolean> {
  return {
    rule: "must be on or off",
    libraryRule: "must be true or false",
    placeholder: "on|off",
    fromText: (text) => (text === "on" ? true : text === "off" ? false : undefined),
    fromValue: (value) => (typeof value === "boolean" ? value : undefined),
  };
}

/** A flag: there or not there. */
export function flag(): Kind<boolean> {
  return {
    rule: "must be true or false",
    placeholder: null,
    fromText: () => undefined,
    fromValue: (value) => (typeof value === "boolean" ? value : undefined),
  };
}

/** An integer in [0, 65535], or the default where the flag stands alone. */
export function port(fallback: number): Kind<number> {
  const kind = integer(0, 65_535);
  return {
    ...kind,
    placeholder: "[PORT]",
    fromValue: (value) => (value === true ? fallback : kind.fromValue(value)),
  };
}

/** A path that is not empty. */
export function path(placeholder: string): Kind<string> {
  const fromValue = (value: unknown) =>
    typeof value === "string" && value !== "" && !value.includes("\0") ? value : undefined;
  return { rule: "must be a path", placeholder, fromText: fromValue, fromValue };
}
