/** What a run has told so far, and what the dashboard shows of it. */

import { DownsampledList } from "../report/downsampled-list.ts";
import { clock, fractionDone, percent, significant } from "../report/live-fields.ts";
import type { RecordedSnapshot } from "../report/metrics-file.ts";
import type { ProgressView, RunInfo } from "../report/progress-view.ts";
import { runCharts } from "../report/run-charts.ts";
import type { RunEvent } from "../report/run-event.ts";
import type { RunSnapshot } from "../report/run-snapshot.ts";
import type { Summary } from "../report/summary.ts";
import { endedBy, summaryFacts } from "../report/summary-text.ts";
import type { Action, DashboardState, Offer } from "./message.ts";

/** Snapshots that the plots have at least, of those of a long run. */
const plottedSnapshots = 300;
const shownEvents = 100;

/** Collects what a run tells; as cheap as pushing into a list. */
export class DashboardHistory implements Pick<ProgressView, "start" | "update"> {
  readonly #offers: readonly Offer[];
  #info: RunInfo = { title: "", maxSeconds: null };
  readonly #snapshots = new DownsampledList<RunSnapshot>(plottedSnapshots);
  #latest: RunSnapshot | null = null;
  #events: RunEvent[] = [];
  #paused = false;
  #summary: Summary | null = null;
  #failure: string | null = null;

  /** @param offers All that can be asked of the run at one time or another. */
  constructor(offers: readonly Offer[]) {
    this.#offers = offers;
  }

  start(info: RunInfo): void {
    this.#info = info;
  }

  /** Takes the newest numbers, for the facts. */
  update(snapshot: RunSnapshot): void {
    this.#latest = snapshot;
  }

  /** Takes a snapshot for the plots. */
  record(snapshot: RunSnapshot): void {
    this.#latest = snapshot;
    this.#snapshots.push(snapshot);
  }

  event(event: RunEvent): void {
    if (event.event === "pause") this.#paused = event.paused;
    this.#events.unshift(event);
    this.#events.length = Math.min(this.#events.length, shownEvents);
  }

  finish(summary: Summary): void {
    this.#summary = summary;
  }

  /** @param reason Why there will be no result, in a sentence. */
  fail(reason: string): void {
    this.#failure = reason;
  }

  /** @param asked Of the run, and not done yet. */
  state(asked: Action | null): DashboardState {
    const summary = this.#summary;
    const paused = this.#paused;
    const ended = summary !== null || this.#failure !== null;
    return {
      title: this.#info.title,
      status: this.#status(asked, paused),
      offers: ended ? [] : this.#offers.filter(({ action }) => action !== (paused ? "pause" : "resume")),
      facts: summary === null ? this.#liveFacts() : summaryFacts(summary),
      charts: runCharts({ name: this.#info.title, snapshots: this.#plotted() }),
      events: this.#events.map(({ event, seconds, text }) => ({ time: clock(seconds), kind: event, text })),
      ended,
    };
  }

  /** The kept snapshots and the latest, which may not be among them. */
  #plotted(): readonly RecordedSnapshot[] {
    const latest = this.#latest;
    const { items } = this.#snapshots;
    return latest === null || latest === items.at(-1) ? items : [...items, latest];
  }

  #status(asked: Action | null, paused: boolean): string {
    if (this.#failure !== null) return `failed: ${this.#failure}`;
    if (this.#summary !== null) return `ended by ${endedBy(this.#summary.stopReason) ?? "its last update"}`;
    if (asked === "stop") return "stopping";
    if (paused) return "paused";
    return this.#latest === null || this.#latest.updates === 0 ? "starting" : "training";
  }

  #liveFacts(): [string, string][] {
    const now = this.#latest;
    if (now === null) return [];
    const fraction = fractionDone(now, this.#info.maxSeconds);
    const left = fraction === null || fraction === 0 ? null : (now.seconds / fraction) * (1 - fraction);
    const facts: (readonly [string, string | null])[] = [
      ["Done", fraction === null ? null : `${Math.floor(100 * fraction)}%`],
      ["Time left", left === null ? null : clock(left)],
      ["Training for", clock(now.seconds)],
      ["Epoch", now.epoch.toFixed(2)],
      ["Updates", now.updates.toLocaleString("en-US")],
      ["Updates/s", written(now.updatesPerSecond)],
      ["Loss", written(now.loss)],
      ["Test accuracy", now.testAccuracy === null ? null : percent(now.testAccuracy)],
      ["Staleness", Number.isNaN(now.stalenessMean) ? null : now.stalenessMean.toFixed(1)],
      ["Learning rate", written(now.learningRate)],
      ["Gradients skipped", now.skippedGradients === 0 ? null : `${now.skippedGradients}`],
      ["Workers replaced", now.faults === 0 ? null : `${now.faults}`],
    ];
    return facts.filter((fact): fact is [string, string] => fact[1] !== null);
  }
}

const written = (value: number) => (Number.isFinite(value) ? significant(value) : null);
