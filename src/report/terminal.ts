/**
 * Progress for people, and the one door to cli-progress: a bar with live lines on a terminal, plain lines elsewhere.
 *
 * Progress goes to standard error, so that standard output has nothing but results.
 */
import { styleText } from "node:util";
import cliProgress, { type MultiBar, type SingleBar } from "cli-progress";
import { fractionDone, joinFields, paceFields, stateFields } from "./live-fields.ts";
import { PlainProgress } from "./plain-progress.ts";
import type { ProgressView, RunInfo } from "./progress-view.ts";
import type { RunSnapshot } from "./run-snapshot.ts";
import { type Summary, summaryJson } from "./summary.ts";
import { summaryText } from "./summary-text.ts";
import { workerTable } from "./worker-table.ts";

/** The part of `process.stderr` and `process.stdout` that is used here. */
export interface OutputStream extends NodeJS.WritableStream {
  readonly isTTY?: boolean;
  /** 0 where a terminal does not know its size. */
  readonly columns?: number;
  readonly rows?: number;
  hasColors?(): boolean;
}

export interface ProgressViewOptions {
  /** No progress; the result is printed all the same. */
  readonly quiet: boolean;
  /** The result as one line of JSON. */
  readonly json: boolean;
  /** Default `process.stderr`. */
  readonly progress?: OutputStream;
  /** Default `process.stdout`. */
  readonly results?: OutputStream;
}

/** The view that fits the options and the terminal. */
export function createProgressView(options: ProgressViewOptions): ProgressView {
  const { json, progress = process.stderr, quiet, results = process.stdout } = options;
  const view = quiet ? new NoProgress() : progressOn(progress);
  return {
    start: (info) => view.start(info),
    update: (snapshot) => view.update(snapshot),
    event: (text) => view.event(text),
    warn: (text) => {
      if (quiet) progress.write(`${text}\n`);
      else view.event(text);
    },
    finish: (summary: Summary) => {
      view.close();
      results.write(`${json ? summaryJson(summary) : summaryText(summary)}\n`);
    },
    close: () => view.close(),
  };
}

type Progress = Omit<ProgressView, "finish" | "warn">;

function progressOn(stream: OutputStream): Progress {
  const drawable = stream.isTTY === true && process.env.TERM !== "dumb";
  return drawable ? new BarProgress(stream) : new PlainProgress((line) => stream.write(`${line}\n`));
}

class NoProgress implements Progress {
  start(): void {}
  update(): void {}
  event(): void {}
  close(): void {}
}

/** Width of the bar itself; with it, all that matters fits 80 columns. */
const barWidth = 10;

/** Length of the codes of a colour, which cli-progress counts as characters when it cuts a line. */
const colorCodes = 10;

/** The table of workers has at most so many lines, and leaves so many of a small terminal to the rest. */
const mostTableLines = 9;
const otherLines = 6;

/** Lines that are redrawn in place: bar and pace, the state of training, the table of workers. */
class BarProgress implements Progress {
  readonly #stream: OutputStream;
  readonly #colors: boolean;
  #maxSeconds: number | null = null;
  #drawing: {
    readonly all: MultiBar;
    readonly pace: SingleBar;
    readonly state: SingleBar;
    readonly table: SingleBar[];
  } | null = null;

  constructor(stream: OutputStream) {
    this.#stream = stream;
    // Node.js answers by NO_COLOR, FORCE_COLOR and the terminal's type.
    this.#colors = stream.hasColors?.() ?? false;
  }

  start({ maxSeconds, title }: RunInfo): void {
    this.#maxSeconds = maxSeconds;
    this.#stream.write(`${title}\n`);
  }

  update(snapshot: RunSnapshot): void {
    const fraction = fractionDone(snapshot, this.#maxSeconds);
    const width = (this.#stream.columns || 80) - 1;
    const height = Math.min(mostTableLines, (this.#stream.rows || 24) - otherLines);
    const workers = height < 2 ? [] : workerTable(snapshot, width, height);
    this.#drawing ??= this.#draw(workers.length);
    const { pace, state, table } = this.#drawing;
    for (const [i, line] of table.entries()) line.update(fraction ?? 0, { text: workers[i] ?? "" });
    const paceWidth = width - barWidth - 1 - (this.#colors ? colorCodes : 0);
    pace.update(fraction ?? 0, { text: joinFields(paceFields(snapshot, fraction), paceWidth) });
    state.update(fraction ?? 0, { text: joinFields(stateFields(snapshot), width) });
  }

  event(text: string): void {
    if (this.#drawing === null) {
      this.#stream.write(`${text}\n`);
      return;
    }
    // The code clears what the line that was drawn here leaves over.
    this.#drawing.all.log(`${text}\x1b[K\n`);
  }

  close(): void {
    if (this.#drawing === null) return;
    const { all } = this.#drawing;
    // Writes what is still in the log, which stop() leaves out.
    all.update();
    all.stop();
    this.#drawing = null;
  }

  #draw(tableLines: number) {
    const all = new cliProgress.MultiBar({
      stream: this.#stream,
      barsize: barWidth,
      barCompleteChar: "█",
      barIncompleteChar: "░",
      forceRedraw: true,
      // The lines are cut to fit, so the terminal's own settings stay as they are, also if the process is killed.
      linewrap: true,
      hideCursor: false,
    });
    const pace = all.create(
      1,
      0,
      { text: "" },
      {
        format: (options, { progress }, { text }) => {
          const bar = cliProgress.Format.BarFormat(progress, options);
          return `${this.#colors ? styleText("cyan", bar, { validateStream: false }) : bar} ${text}`;
        },
      },
    );
    const line = () => all.create(1, 0, { text: "" }, { format: (_options, _params, { text }) => text });
    const state = line();
    const table = Array.from({ length: tableLines }, line);
    return { all, pace, state, table };
  }
}
