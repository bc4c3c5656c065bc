import { describe, expect, it } from "vitest";
import { StallWatch } from "../../src/run/stall-watch.ts";
import { Heartbeat } from "../../src/shared/heartbeat.ts";

/** A watch over one thread, with a limit of a second, looked at every 100 ms. */
function watched() {
  const watch = new StallWatch(1, 1000);
  const heartbeat = new Heartbeat(watch.cells[0]);
  return {
    watch,
    beat: (times = 1) => {
      for (let i = 0; i < times; i++) heartbeat.beat();
    },
    /** Tenths of a second in silence until the thread counts as stalled. */
    patience: (most = 10_000) => {
      for (let looks = 1; looks <= most; looks++) if (watch.look(100).includes(0)) return looks;
      return Number.POSITIVE_INFINITY;
    },
  };
}

describe("StallWatch", () => {
  it("leaves a thread ten times as long for loading and its first update", () => {
    const { beat, patience, watch } = watched();
    watch.begin(0);
    expect(patience()).toBe(101);
    watch.begin(0);
    beat(7);
    expect(patience()).toBe(102);
  });

  it("tells of a thread that is silent for longer than the limit", () => {
    const { beat, patience } = watched();
    beat(8);
    // The first look sees the signs, ten more are no longer than the limit.
    expect(patience()).toBe(12);
  });

  it("has patience with a thread whose steps take long", () => {
    const { beat, patience, watch } = watched();
    beat(8);
    for (let step = 0; step < 3; step++) {
      for (let looks = 0; looks < 3; looks++) expect(watch.look(100)).toEqual([]);
      beat();
    }
    // Twenty times 300 ms, the longest silence so far, as the first look of each step saw a sign of life.
    expect(patience(100)).toBeGreaterThan(40);
    expect(patience(100)).toBeLessThan(65);
  });

  it("counts the time of a machine that slept for next to nothing", () => {
    const { beat, watch } = watched();
    beat(8);
    watch.look(100);
    expect(watch.look(3_600_000)).toEqual([]);
  });

  it("begins anew with the next thread", () => {
    const { beat, patience, watch } = watched();
    beat(8);
    expect(patience()).toBe(12);
    watch.begin(0);
    expect(patience(50)).toBe(Number.POSITIVE_INFINITY);
  });
});
