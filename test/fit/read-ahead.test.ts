/** Reading ahead: in bounded memory, and without keeping the event loop to itself. */
import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import { ReadAhead } from "../../src/fit/read-ahead.ts";
import { collectBatches } from "../../src/tfjs/collect-batches.ts";

const batch = { xs: [[1, 2]], ys: [[3]] };

/** Whether a timer has fired. */
function timer() {
  const state = { hasFired: false };
  setTimeout(() => {
    state.hasFired = true;
  });
  return state;
}

test("an endless generator is read no further than 1024 minibatches ahead of whoever takes them", async () => {
  let drawn = 0;
  function* endless() {
    for (;;) {
      drawn++;
      yield batch;
    }
  }
  const reader = new ReadAhead(endless, 1e9, 1);
  const settled = async () => {
    for (let before = -1; before !== drawn; ) {
      before = drawn;
      for (let i = 0; i < 50; i++) await turn();
    }
    return drawn;
  };
  expect(await settled()).toBe(1024);
  const taken = await reader.take();
  expect(taken?.length).toBe(1024);
  expect(await settled()).toBe(2048);
  await reader.close();
});

test("timers fire while a generator without a pause is read and taken from", async () => {
  const fired = timer();
  // Without turns of the event loop there is no end.
  function* untilFired() {
    while (!fired.hasFired) yield batch;
  }
  const reader = new ReadAhead(untilFired, null, 1);
  let taken = 0;
  for (let some = await reader.take(); some !== null; some = await reader.take()) taken += some.length;
  expect(taken).toBeGreaterThan(0);
  await reader.close();
});

test("timers fire while the minibatches of train() are collected", async () => {
  const fired = timer();
  const source = () => (fired.hasFired ? null : batch);
  const { features } = await collectBatches(source, () => "value");
  expect(features).toMatchObject({ shape: [2] });
});
