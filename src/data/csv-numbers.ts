/**
 * Numbers as people and programs write them: with decimal points or commas, thousands signs, percent, currencies.
 *
 * Owns one text; what a whole column or table has in common is found in `csv-schema.ts`.
 */

/** What stands before the fraction. */
export type DecimalSign = "point" | "comma";

/** As programs write numbers. */
const plain = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

const exponent = "(?:[eE][+-]?\\d+)?";
const simple = {
  point: new RegExp(`^(?:\\d+\\.?\\d*|\\.\\d+)${exponent}$`),
  comma: new RegExp(`^(?:\\d+,?\\d*|,\\d+)${exponent}$`),
} as const;
/** Groups of three digits with one sign between them; the first does not begin with 0. */
const grouped = {
  point: /^[1-9]\d{0,2}(?:([,'’_ \u00a0\u2009\u202f])\d{3})(?:\1\d{3})*(?:\.\d*)?$/,
  comma: /^[1-9]\d{0,2}(?:([.'’_ \u00a0\u2009\u202f])\d{3})(?:\1\d{3})*(?:,\d*)?$/,
} as const;

/** A number by either sign: 1.234 is 1234 in a table with decimal commas. */
const pointThousands = /^[+-]?[1-9]\d{0,2}\.\d{3}$/;

const sign = /^([+\-−]?)\s*(.*)$/s;
const currency = /^\p{Sc}\s*|\s*\p{Sc}$/u;

/** A text that is a number by at least one decimal sign. */
export interface NumberReading {
  /** By each sign; null where the text is no number by it. */
  readonly point: number | null;
  readonly comma: number | null;
  readonly isPercent: boolean;
  /** Such as `€`; empty for none. */
  readonly currency: string;
}

/** @returns Null for what is no number by either sign. A percentage is read as it stands: 12 for `12 %`. */
export function readNumber(text: string): NumberReading | null {
  if (!/\d/.test(text)) return null;
  if (plain.test(text)) {
    const value = Number(text);
    const isWhole = !text.includes(".");
    const comma = isWhole ? value : pointThousands.test(text) ? Number(text.replace(".", "")) : null;
    return { point: value, comma, isPercent: false, currency: "" };
  }
  const isPercent = text.endsWith("%");
  const [, before, rest] = sign.exec(isPercent ? text.slice(0, -1).trimEnd() : text) as RegExpExecArray;
  const found = currency.exec(rest);
  const [, after, body] = sign.exec(found === null ? rest : rest.replace(found[0], "")) as RegExpExecArray;
  // One sign, on either side of a currency.
  if (before !== "" && after !== "") return null;
  const factor = before === "-" || before === "−" || after === "-" || after === "−" ? -1 : 1;
  const point = parsedBy(body, "point");
  const comma = parsedBy(body, "comma");
  if (point === null && comma === null) return null;
  return {
    point: point && factor * point,
    comma: comma && factor * comma,
    isPercent,
    currency: found?.[0].trim() ?? "",
  };
}

function parsedBy(body: string, decimal: DecimalSign): number | null {
  if (simple[decimal].test(body)) return Number(body.replace(",", "."));
  if (!grouped[decimal].test(body)) return null;
  const thousands = decimal === "point" ? /[^\d.]/g : /[^\d,]/g;
  return Number(body.replace(thousands, "").replace(",", "."));
}

/** Whether a text is a number by any decimal sign. */
export function looksNumeric(text: string): boolean {
  return plain.test(text) || readNumber(text) !== null;
}

/** Whether a text is a number as programs write it. */
export function isPlainNumber(text: string): boolean {
  return plain.test(text);
}
