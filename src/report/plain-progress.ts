/** Progress as plain lines, for files, pipes and continuous integration. */
import { fractionDone, joinFields, paceFields, stateFields } from "./live-fields.ts";
import type { ProgressView, RunInfo } from "./progress-view.ts";
import type { RunSnapshot } from "./run-snapshot.ts";

/** Training time between two lines: at least so many seconds, and this share of the time so far, as logs are kept. */
const everySeconds = 2;
const everyShare = 0.05;

export class PlainProgress implements Omit<ProgressView, "finish" | "warn"> {
  readonly #write: (line: string) => void;
  #maxSeconds: number | null = null;
  #next = 0;

  /** @param write Takes one line at a time, without its line break. */
  constructor(write: (line: string) => void) {
    this.#write = write;
  }

  start({ maxSeconds, title }: RunInfo): void {
    this.#maxSeconds = maxSeconds;
    this.#next = everySeconds;
    this.#write(title);
  }

  update(snapshot: RunSnapshot): void {
    const { seconds } = snapshot;
    if (seconds < this.#next) return;
    this.#next = seconds + Math.max(everySeconds, everyShare * seconds);
    const fields = [
      `${seconds.toFixed(1)} s`,
      ...paceFields(snapshot, fractionDone(snapshot, this.#maxSeconds)),
      ...stateFields(snapshot),
    ];
    this.#write(joinFields(fields, Number.POSITIVE_INFINITY));
  }

  event(text: string): void {
    this.#write(text);
  }

  close(): void {}
}
