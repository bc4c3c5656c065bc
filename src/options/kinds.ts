/**
 * What values an option can have: how they are written on the command line and what the library takes.
 *
 * A kind knows no option; the sentences about a wrong value are made in `parse.ts`.
 */

export interface Kind<T> {
  /** What must hold, to follow "as ". */
  readonly rule: string;
  /** The same in the library, where its values are others than the texts. */
  readonly libraryRule?: string;
  /** Placeholder in `--help`; null for a flag that takes no value. */
  readonly placeholder: string | null;
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
    `it must be an integer ${range}`,
    "N",
    (value) => Number.isSafeInteger(value) && value >= min && value <= max,
  );
}

/** A finite number > 0. */
export function positive(placeholder: string): Kind<number> {
  return numeric("it must be a number > 0", placeholder, (value) => value > 0 && Number.isFinite(value));
}

/** A number in [min, max]. */
export function between(min: number, max: number, placeholder: string): Kind<number> {
  return numeric(
    `it must be a number in [${min}, ${max}]`,
    placeholder,
    (value) => value >= min && value <= max,
  );
}

/** A number in (0, 1]. */
export function fraction(placeholder: string): Kind<number> {
  return numeric("it must be a number in (0, 1]", placeholder, (value) => value > 0 && value <= 1);
}

/** One of some words. */
export function choice<const T extends string>(words: readonly T[]): Kind<T> {
  const fromValue = (value: unknown) => words.find((word) => word === value);
  return {
    rule: `it must be one of ${words.join(", ")}`,
    placeholder: words.join("|"),
    fromText: fromValue,
    fromValue,
  };
}

/** `on` or `off` on the command line, a boolean in the library. */
export function toggle(): Kind<boolean> {
  return {
    rule: "it must be on or off",
    libraryRule: "it must be true or false",
    placeholder: "on|off",
    fromText: (text) => (text === "on" ? true : text === "off" ? false : undefined),
    fromValue: (value) => (typeof value === "boolean" ? value : undefined),
  };
}

/** A flag: there or not there. */
export function flag(): Kind<boolean> {
  return {
    rule: "it must be true or false",
    placeholder: null,
    fromText: () => undefined,
    fromValue: (value) => (typeof value === "boolean" ? value : undefined),
  };
}

/** A path that is not empty. */
export function path(placeholder: string): Kind<string> {
  const fromValue = (value: unknown) =>
    typeof value === "string" && value !== "" && !value.includes("\0") ? value : undefined;
  return { rule: "it must be a path", placeholder, fromText: fromValue, fromValue };
}
