import { describe, expect, it } from "vitest";
import { RestartPolicy } from "../../src/run/restart-policy.ts";

const policyOf = (mostInWindow: number) => new RestartPolicy(2, mostInWindow);

describe("RestartPolicy", () => {
  it("waits twice as long before a thread's second successor in a row, and not at all longer once there was an update", () => {
    const faults = policyOf(100);
    expect(faults.add(0, 0, 5)).toEqual({ pauseMs: 100 });
    expect(faults.add(0, 1, 5)).toEqual({ pauseMs: 200 });
    expect(faults.add(0, 2, 6)).toEqual({ pauseMs: 100 });
    expect(faults.counts).toEqual([3, 0]);
  });

  it("gives a thread up that fails three times without an update, whatever the others do", () => {
    const faults = policyOf(100);
    faults.add(0, 0, 0);
    faults.add(1, 0, 0);
    faults.add(0, 0, 0);
    expect(faults.add(1, 0, 0)).toEqual({ pauseMs: 200 });
    expect(faults.add(0, 0, 0)).toEqual({
      rule: "no worker may fail 3 times without an update in between",
    });
  });

  it("gives a run up with more faults in a minute than it may have, and forgets those before", () => {
    const faults = policyOf(2);
    expect(faults.add(0, 0, 1)).toEqual({ pauseMs: 100 });
    expect(faults.add(0, 59_999, 2)).toEqual({ pauseMs: 100 });
    // The first one was a minute ago.
    expect(faults.add(0, 60_000, 3)).toEqual({ pauseMs: 100 });
    expect(faults.add(1, 60_001, 4)).toEqual({ rule: "workers may fail 2 times within 60 s" });
  });
});
