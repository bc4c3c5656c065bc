/**
 * Progress of a known number of measurements, for people: a bar on a terminal, a line for each one elsewhere.
 *
 * Time left is judged by the measurements of this session; what was there before took none of it.
 */
import cliProgress, { type SingleBar } from "cli-progress";
import { clock } from "./live-fields.ts";
import type { OutputStream } from "./terminal.ts";

export interface CountedProgress {
  /** @param total Measurements in all. */
  begin(total: number): void;
  /** One more is there. @param text What it was and what came of it. @param measured False for one that was found. */
  step(text: string, measured: boolean): void;
  /** One line of news. */
  event(text: string): void;
  /** Leaves the terminal as it was; may be called at any time and again. */
  close(): void;
}

export interface CountedProgressOptions {
  /** Show nothing. */
  readonly quiet: boolean;
  /** Default `process.stderr`. */
  readonly stream?: OutputStream;
  /** Milliseconds on any clock that does not go back. */
  readonly now?: () => number;
}

export function createCountedProgress({
  now = () => performance.now(),
  quiet,
  stream = process.stderr,
}: CountedProgressOptions): CountedProgress {
  if (quiet) return { begin() {}, step() {}, event() {}, close() {} };
  const count = new Count(now);
  const drawable = stream.isTTY === true && process.env.TERM !== "dumb";
  return drawable ? new BarProgress(stream, count) : new LineProgress(stream, count);
}

class Count {
  readonly #now: () => number;
  #began = 0;
  #total = 0;
  #done = 0;
  #measured = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  begin(total: number): void {
    this.#began = this.#now();
    this.#total = total;
  }

  step(measured: boolean): void {
    this.#done++;
    if (measured) this.#measured++;
  }

  get fraction(): number {
    return this.#total === 0 ? 0 : Math.min(1, this.#done / this.#total);
  }

  /** Such as "12/80" and "3:05 left". */
  get fields(): string[] {
    const left = Math.max(0, this.#total - this.#done);
    const seconds = (this.#now() - this.#began) / 1000;
    return [
      `${this.#done}/${this.#total}`,
      ...(this.#measured === 0 || left === 0 ? [] : [`${clock((left * seconds) / this.#measured)} left`]),
    ];
  }
}

class LineProgress implements CountedProgress {
  readonly #stream: OutputStream;
  readonly #count: Count;

  constructor(stream: OutputStream, count: Count) {
    this.#stream = stream;
    this.#count = count;
  }

  begin(total: number): void {
    this.#count.begin(total);
  }

  step(text: string, measured: boolean): void {
    this.#count.step(measured);
    if (measured) this.event([...this.#count.fields, text].join("  "));
  }

  event(text: string): void {
    this.#stream.write(`${text}\n`);
  }

  close(): void {}
}

const barWidth = 10;

class BarProgress implements CountedProgress {
  readonly #stream: OutputStream;
  readonly #count: Count;
  #bar: SingleBar | null = null;

  constructor(stream: OutputStream, count: Count) {
    this.#stream = stream;
    this.#count = count;
  }

  begin(total: number): void {
    this.#count.begin(total);
    this.#bar = new cliProgress.SingleBar({
      stream: this.#stream,
      barsize: barWidth,
      barCompleteChar: "█",
      barIncompleteChar: "░",
      forceRedraw: true,
      linewrap: true,
      hideCursor: false,
      format: (options, { progress }, { text }) =>
        `${cliProgress.Format.BarFormat(progress, options)} ${text}`,
    });
    this.#bar.start(1, 0, { text: this.#text("") });
  }

  step(text: string, measured: boolean): void {
    this.#count.step(measured);
    this.#bar?.update(this.#count.fraction, { text: this.#text(text) });
  }

  event(text: string): void {
    // The line that is drawn here goes, and comes back with the next step.
    this.#stream.write(`${this.#bar === null ? "" : "\r\x1b[K"}${text}\n`);
  }

  close(): void {
    this.#bar?.stop();
    this.#bar = null;
  }

  #text(text: string): string {
    return [...this.#count.fields, text].join("  ").slice(0, (this.#stream.columns || 80) - barWidth - 2);
  }
}
