/**
 * Tells which threads have given no sign of life for too long.
 *
 * How long that is follows from the thread itself: many times the longest silence that it ever broke, and never less than
 * what the user set. Time is what passed between looks, each of which counts little: a machine that slept, or a coordinator
 * that was busy, is no worker's stall.
 */

import { Heartbeat } from "../shared/heartbeat.ts";
import { byteLengthOf, viewsOf } from "../shared/layout.ts";

/** A silence this many times the longest before is too long. */
const timesTheLongest = 20;
/** So many signs of life take at least one whole update: before them nothing is known of the length of a step. */
const signsOfOneUpdate = 8;
/** The limit before that, for loading, compiling and a first step, as a multiple of the user's. */
const timesAtStart = 10;
/** A look counts no more than this, whatever time has passed. */
const longestLookMs = 200;

interface Watched {
  count: number;
  silentMs: number;
  longestMs: number;
  signs: number;
}

export class StallWatch {
  /** Where each thread gives its signs of life: an int32 that is its own. */
  readonly cells: readonly Int32Array[];
  readonly #heartbeats: readonly Heartbeat[];
  readonly #watched: Watched[];
  readonly #leastMs: number;

  /** @param leastMs Silence that is never too long, milliseconds. */
  constructor(threads: number, leastMs: number) {
    const regions = Array.from({ length: threads }, () => Heartbeat.regions);
    this.cells = viewsOf(regions, new SharedArrayBuffer(byteLengthOf(regions)));
    this.#heartbeats = this.cells.map((cell) => new Heartbeat(cell));
    this.#watched = this.cells.map(() => ({ count: 0, silentMs: 0, longestMs: 0, signs: 0 }));
    this.#leastMs = leastMs;
  }

  /** A new thread has this place; what is known of the length of its steps stays known. */
  begin(rank: number): void {
    const watched = this.#watched[rank];
    watched.count = this.#heartbeats[rank].count;
    watched.silentMs = 0;
    watched.signs = 0;
  }

  /** Whether a thread has given a sign of life since it began. */
  hasBegun(rank: number): boolean {
    const { count, signs } = this.#watched[rank];
    return signs > 0 || this.#heartbeats[rank].count !== count;
  }

  /**
   * Looks at every thread.
   *
   * @param elapsedMs Since the look before. @returns Ranks of those that are silent for too long.
   */
  look(elapsedMs: number): number[] {
    return this.#watched.flatMap((watched, rank) => {
      const { count } = this.#heartbeats[rank];
      if (count === watched.count) {
        watched.silentMs += Math.min(elapsedMs, longestLookMs);
        return watched.silentMs > this.#limitMs(watched) ? [rank] : [];
      }
      // What happened before a first step says nothing of the steps.
      if (watched.signs > 0) watched.longestMs = Math.max(watched.longestMs, watched.silentMs);
      watched.signs += Math.abs(count - watched.count);
      watched.count = count;
      watched.silentMs = 0;
      return [];
    });
  }

  #limitMs({ longestMs, signs }: Watched): number {
    return signs < signsOfOneUpdate
      ? timesAtStart * this.#leastMs
      : Math.max(this.#leastMs, timesTheLongest * longestMs);
  }
}
