/** When an evaluation is due; what it finds is measured in `test/train`. */
import { expect, it } from "vitest";
import { resolveOptions } from "../../src/options/resolve-options.ts";
import { RunEvaluations } from "../../src/run/run-evaluations.ts";
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
