/** When an evaluation is due; what it finds is measured in `test/train`. */
import { expect, it } from "vitest";
import { resolveOptions } from "../../src/options/resolve-options.ts";
import { RunEvaluations } from "../../src/run/run-evaluations.ts";
import { stopCode } from "../../src/run/stop-reason.ts";
import type { StopFlag } from "../../src/shared/stop-flag.ts";
import type { Evaluator } from "../../src/task/evaluator.ts";

const evaluator = { evaluateWhile: async () => ({ accuracy: 0.5, loss: 1 }) } as unknown as Evaluator;
const weights = { parameters: new Float32Array(1), state: new Float32Array() };

it("weights are evaluated once, however long a run pauses at them", async () => {
  const stops: number[] = [];
  const evaluations = new RunEvaluations(
    {
      evaluator,
      stopping: resolveOptions({ evalEverySeconds: 1, patience: 1 }, "library").spec.stopping,
      signal: null,
    },
    { request: (code: number) => stops.push(code) } as unknown as StopFlag,
    () => undefined,
  );
  const at = (seconds: number, updates: number) => ({ seconds, updates, epoch: 0 });
  expect(evaluations.isDue(at(1, 100))).toBe(true);
  evaluations.begin(weights, 100);
  await evaluations.settled();
  expect(evaluations.isDue(at(5, 100))).toBe(false);
  expect(evaluations.isDue(at(5.1, 101))).toBe(true);
  expect(stops).toEqual([]);
});

it.each([
  ["mae", false, [0.5, 0.3, 0.2], 0.3],
  ["recall", true, [0.5, 0.7, 0.9], 0.7],
] as const)("a run ends where %s has come to its target", async (name, isBetterHigher, values, target) => {
  const stops: number[] = [];
  const measured = [...values];
  const monitored = { name, isBetterHigher, of: null };
  const found = async () => ({ accuracy: null, loss: 1, metrics: { [name]: measured.shift() } });
  const evaluations = new RunEvaluations(
    {
      evaluator: { monitored, evaluateWhile: found } as unknown as Evaluator,
      stopping: resolveOptions({ monitor: name, target }, "library").spec.stopping,
      signal: null,
    },
    { request: (code: number) => stops.push(code) } as unknown as StopFlag,
    () => undefined,
  );
  const asked: number[] = [];
  for (let updates = 0; updates < values.length; updates++) {
    evaluations.begin(weights, updates);
    await evaluations.settled();
    asked.push(stops.length);
  }
  expect(asked).toEqual([0, 1, 2]);
  expect(new Set(stops)).toEqual(new Set([stopCode("target")]));
});
