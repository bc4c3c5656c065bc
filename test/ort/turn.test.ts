import { threadId } from "node:worker_threads";
import { expect, test } from "vitest";
import { freeTurn, inTurn, processTurn } from "../../src/ort/turn.ts";
import { Lock } from "../../src/shared/lock.ts";

test("whoever needs no turn does not wait for one", async () => {
  const lock = new Lock(processTurn);
  lock.acquire(threadId + 1, () => false);
  expect(await inTurn(null, () => "done")).toBe("done");
  lock.release(threadId + 1);
});

test("a turn ends with its work, also where that throws", async () => {
  await expect(
    inTurn(processTurn, () => {
      expect(processTurn[0]).toBe(threadId + 1);
      throw new Error("out of luck");
    }),
  ).rejects.toThrow("out of luck");
  expect(processTurn[0]).toBe(0);
});

test("the turn of a thread that ended in it goes to the one that waits, and that of no other is taken away", async () => {
  const dead = threadId + 7;
  new Lock(processTurn).acquire(dead, () => false);
  const waiting = inTurn(processTurn, () => "done");
  freeTurn(dead + 1);
  expect(processTurn[0]).toBe(dead + 1);
  // What the pool does when a thread exits, on the same event loop on which the other one waits.
  freeTurn(dead);
  expect(await waiting).toBe("done");
});

test("the turn goes back and forth, and none is counted as waiting in the end", async () => {
  const [, , waiting] = processTurn;
  const holders: number[] = [];
  for (let i = 0; i < 3; i++) await inTurn(processTurn, () => holders.push(processTurn[1]));
  expect(holders).toEqual(Array(3).fill(threadId + 1));
  expect(processTurn[2]).toBe(waiting);
});
