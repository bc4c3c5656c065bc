/** What the texts of one column of a table have in common, noted cell by cell. */
import { type DecimalSign, readNumber } from "./csv-numbers.ts";
import { isCertainGap, isGap } from "./gaps.ts";

/** A text of a table and its line, from 1. */
export interface Cell {
  readonly text: string;
  readonly line: number;
}

export class ColumnTexts {
  /** Different texts, as many as can be words or classes and one more. */
  readonly texts = new Set<string>();
  /** First cells of a kind; null where there is none. */
  gap: Cell | null = null;
  certainGap: Cell | null = null;
  /** No number by one decimal sign, and no gap. */
  readonly not: Record<DecimalSign, Cell | null> = { point: null, comma: null };
  percent: Cell | null = null;
  currency: Cell | null = null;
  /** Another currency than that one. */
  otherCurrency: Cell | null = null;
  /** A number without a percent sign. */
  bare: Cell | null = null;
  /** Different numbers by different signs: 1,234. */
  ambiguous: Cell | null = null;
  /** A number by one sign alone, and how many cells are numbers. */
  readonly only: Record<DecimalSign, Cell | null> = { point: null, comma: null };
  readonly numbers: Record<DecimalSign, number> = { point: 0, comma: 0 };
  /** Whether a number has a fraction. */
  readonly hasFraction: Record<DecimalSign, boolean> = { point: false, comma: false };
  /** Whether each cell is one more than the one before it, from 0 or 1 on. */
  counts = true;
  #next = Number.NaN;
  readonly #mostTexts: number;

  constructor(mostTexts: number) {
    this.#mostTexts = mostTexts;
  }

  /** Cells, gaps included. */
  count = 0;

  note(text: string, line: number): void {
    this.count++;
    if (this.texts.size <= this.#mostTexts) this.texts.add(text);
    const cell = { text, line };
    if (isGap(text)) {
      this.gap ??= cell;
      if (isCertainGap(text)) this.certainGap ??= cell;
      this.counts = false;
      return;
    }
    const reading = readNumber(text);
    if (reading === null) {
      this.not.point ??= cell;
      this.not.comma ??= cell;
      this.counts = false;
      return;
    }
    const { comma, currency, isPercent, point } = reading;
    this.#noteNumber("point", "comma", point, cell);
    this.#noteNumber("comma", "point", comma, cell);
    if (point !== null && comma !== null && point !== comma && text.includes(",")) this.ambiguous ??= cell;
    if (isPercent) this.percent ??= cell;
    else this.bare ??= cell;
    if (currency !== "") {
      this.currency ??= cell;
      if (readNumber(this.currency.text)?.currency !== currency) this.otherCurrency ??= cell;
    }
    const value = point ?? comma;
    this.counts &&= Number.isNaN(this.#next) ? value === 0 || value === 1 : value === this.#next;
    this.#next = (value as number) + 1;
  }

  #noteNumber(sign: DecimalSign, other: DecimalSign, value: number | null, cell: Cell): void {
    if (value === null) {
      this.not[sign] ??= cell;
      this.only[other] ??= cell;
      return;
    }
    this.numbers[sign]++;
    this.hasFraction[sign] ||= !Number.isInteger(value);
  }

  /** Whether all cells but gaps are numbers by a decimal sign. */
  isNumeric(decimal: DecimalSign): boolean {
    return this.not[decimal] === null && this.numbers[decimal] > 0;
  }
}
