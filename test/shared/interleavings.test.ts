import { describe, expect, it } from "vitest";
import { drainInOrder } from "../../src/shared/drain-in-order.ts";
import { viewsOf } from "../../src/shared/layout.ts";
import { RecordRing } from "../../src/shared/record-ring.ts";
import { type ScenarioName, scenarios } from "./scenarios.ts";
import { Stage } from "./stage.ts";

/** Runs a scenario in all its orders with at most `preemptions` preemptions and inspects each at its end. */
async function inAllOrders<T>(
  scenario: ScenarioName,
  preemptions: number,
  inspect: (results: unknown[], buffer: SharedArrayBuffer) => T,
): Promise<T[]> {
  const stage = await Stage.open(scenario);
  try {
    return Array.from(stage.runAll(preemptions), ({ results, deadlock }) => {
      expect(deadlock).toBe(false);
      return inspect(results, stage.buffer);
    });
  } finally {
    await stage.close();
  }
}

const texts = (values: unknown[]): string[] =>
  [...new Set(values.map((value) => JSON.stringify(value)))].sort();

describe("in every order of operations with few preemptions", () => {
  it("a mailbox is never read half, and never goes back in time", async () => {
    const reads = texts(await inAllOrders("two publishes, two reads", 2, (results) => results[1]));
    const order = ["null", "[1,1]", "[2,2]"];
    for (const read of reads) {
      const [first, second] = (JSON.parse(read) as unknown[]).map((record) =>
        order.indexOf(JSON.stringify(record)),
      );
      expect(first).toBeGreaterThanOrEqual(0);
      // A reader may give up (null) at any time, but a record is never followed by an older one.
      if (second !== 0) expect(second).toBeGreaterThanOrEqual(first);
    }
    // The orders are rich enough to show the record before, between and after the two publishes.
    expect(reads).toEqual(
      expect.arrayContaining(["[null,null]", "[[1,1],[1,1]]", "[[1,1],[2,2]]", "[[2,2],[2,2]]"]),
    );
  });

  it("a mailbox read without its second look is torn in some order, so the scheduler can see a fault", async () => {
    const scenario = "two publishes, a read without a second look";
    expect(texts(await inAllOrders(scenario, 2, (results) => results[1]))).toContain("[1,2]");
  });

  it("a ring hands over whole records in order, and refuses a post only when it is full", async () => {
    const seen = texts(await inAllOrders("three posts, three takes, two slots", 3, (results) => results));
    for (const text of seen) {
      const [posts, takes] = JSON.parse(text) as [boolean[], (number[] | null)[]];
      const accepted = [1, 2, 3].filter((_, i) => posts[i]).map((ticket) => [ticket, -ticket]);
      const taken = takes.filter((record) => record !== null);
      // What was taken is a beginning of what was accepted; two slots accept two posts at least.
      expect(taken).toEqual(accepted.slice(0, taken.length));
      expect(posts.slice(0, 2)).toEqual([true, true]);
    }
    // The consumer may come before all posts, or between them.
    expect(seen).toContain("[[true,true,false],[null,null,null]]");
    expect(seen).toContain("[[true,true,true],[[1,-1],[2,-2],[3,-3]]]");
  });

  it("R6: two workers that post and drain lose no observation and are never in the drain together", async () => {
    const orders = await inAllOrders("two workers post and drain", 2, (results, buffer) => {
      const drains = results as number[][][];
      const left: number[][] = [];
      const { rings } = viewsOf(scenarios["two workers post and drain"].regions, buffer);
      drainInOrder(
        rings.map((ring) => new RecordRing(ring, 2)),
        (record) => left.push([...record]),
      );
      // Marks are [-1, number of others inside].
      const seen = [...drains.flat(), ...left];
      expect(seen.filter(([ticket]) => ticket < 0).every(([, inside]) => inside === 0)).toBe(true);
      const tickets = seen.map(([ticket]) => ticket).filter((ticket) => ticket >= 0);
      expect(tickets.sort()).toEqual([0, 1, 2, 3]);
      // One worker's drains: the records of one ring keep their order.
      for (const rank of [0, 1]) {
        for (const drained of drains) {
          const own = drained
            .filter(([ticket, from]) => ticket >= 0 && from === rank)
            .map(([ticket]) => ticket);
          expect(own).toEqual([...own].sort());
        }
      }
      // Third number: how many were consumed before, by both together.
      const consumed = drains.flat().filter(([ticket]) => ticket >= 0);
      return consumed.sort((a, b) => a[2] - b[2]).map(([ticket]) => ticket);
    });
    // A worker that takes ticket 0 and posts it late finds 1 consumed already.
    expect(texts(orders)).toContain("[0,1,2,3]");
    expect(orders.some(([first, second]) => first === 1 && second === 0)).toBe(true);
  });

  it("R4: one slot for two iterates yields a whole sample of the iterate asked for, or none", async () => {
    const seen = texts(
      await inAllOrders("two iterates and a reader at one slot", 2, (results) => results[2]),
    );
    expect(seen).toEqual(["[[10,10],[11,11]]", "[[10,10],null]", "[null,[11,11]]", "[null,null]"]);
  });

  it("a closed gate shows nothing half written, and everybody ends", async () => {
    const two = texts(await inAllOrders("two workers at a gate that closes", 2, (results) => results[2]));
    expect(two).toEqual(
      ["[[0,0],[0,0]]", "[[0,0],[1,1]]", "[[1,1],[0,0]]", "[[1,1],[1,1]]"].map(
        (pairs) => `{"inside":[],"pairs":${pairs}}`,
      ),
    );
    const again = texts(
      await inAllOrders("a worker that comes again to a gate that closes", 3, (results) => results[1]),
    );
    expect(again).toEqual(["[[0,0]]", "[[1,1]]", "[[2,2]]"].map((pairs) => `{"inside":[],"pairs":${pairs}}`));
  });

  it("a gate that is not empty in time reports who is inside", async () => {
    const seen = texts(await inAllOrders("a worker in the gate for too long", 2, (results) => results[1]));
    // With no worker inside, never the [1,0] of the middle of an update.
    expect(seen).toEqual(
      expect.arrayContaining([
        '{"inside":[0],"pairs":[[1,0]]}',
        '{"inside":[],"pairs":[[0,0]]}',
        '{"inside":[],"pairs":[[1,1]]}',
      ]),
    );
    expect(seen).not.toContain('{"inside":[],"pairs":[[1,0]]}');
    expect(seen).not.toContain('{"inside":[],"pairs":[[0,1]]}');
  });

  it("a counter hands out every number once", async () => {
    const handedOut = await inAllOrders("three threads count", 2, (results) =>
      (results as number[][]).flat().sort(),
    );
    expect(texts(handedOut)).toEqual(["[0,1,2,3,4,5]"]);
  });

  it("R1: updates without a lock lose whole updates at worst, and leave no number that was never stored", async () => {
    const scenario = "two momentum updates of one parameter";
    const left = await inAllOrders(scenario, 2, (_, buffer) => new Float32Array(buffer)[0]);
    // From x = d = 0 with μ = 1/2 and −αg = 1, one after the other: d = 1, x = 1, then d = 1.5, x = 2.5. If both
    // read d = 0, each adds 1: x = 2. If both read x = 0, the first x stored is lost: 1 or 1.5 is left.
    expect(texts(left)).toEqual(["1", "1.5", "2", "2.5"]);
  });

  it("R2: a copy of the parameters mixes updates, each element as it was before or after one", async () => {
    const scenario = "an update of two parameters and a copy of them";
    const copies = await inAllOrders(scenario, 2, (results) => results[1]);
    expect(texts(copies)).toEqual(["[0,0]", "[0,1]", "[1,0]", "[1,1]"]);
  });

  it("R3: the gradient mean forgets whole gradients at worst, and stays a weighted mean of gradients", async () => {
    const means = await inAllOrders(
      "two observations of one gradient mean",
      2,
      (_, buffer) => new Float32Array(buffer)[0],
    );
    // Decay 1/2, gradient 1: 1/2 after one gradient, 3/4 after two; one of the two is lost at worst.
    expect(texts(means)).toEqual(["0.5", "0.75"]);
  });
});
