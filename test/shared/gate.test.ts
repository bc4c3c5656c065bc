import { expect, it } from "vitest";
import { Gate } from "../../src/shared/gate.ts";
import { allocate } from "./allocate.ts";

it("a gate that is held stays closed, whoever closes and opens it meanwhile, until it is released", () => {
  const views = allocate(Gate.regions(1));
  const gate = new Gate(views);
  const closed = () => views.closed[0] === 1;
  gate.hold();
  expect([gate.held, closed()]).toEqual([true, true]);
  expect(gate.close(0)).toEqual([]);
  gate.open();
  expect(closed()).toBe(true);
  gate.release();
  expect([gate.held, closed()]).toEqual([false, false]);
  gate.close(0);
  gate.open();
  expect(closed()).toBe(false);
});
