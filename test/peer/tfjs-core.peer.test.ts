/**
 * The tests that tfjs-core is published with: those that ask for a gradient get ours, and every kernel call of the others is
 * made by us, too.
 *
 * Two lists account for each of them by name. A test or call that changes its class fails here; `-u` writes the lists anew.
 */
import { beforeAll, expect, test } from "vitest";
import { tf } from "../../src/tfjs/tf.ts";
import { disagreement, type KernelCall, keyOf, recordKernelCalls } from "./kernel-calls.ts";
import { installOurGradients } from "./our-gradients.ts";
import { type Outcome, runTfjsCoreTests } from "./tfjs-core-tests.ts";
import { verdictOf } from "./verdicts.ts";

/** A call, with the test that was the first to make it. */
interface FirstCall {
  readonly call: KernelCall;
  readonly test: string;
}

const withGradients: Outcome[] = [];
const withoutGradients: Outcome[] = [];
const calls = new Map<string, FirstCall>();

beforeAll(async () => {
  let asked = false;
  let made: KernelCall[] | null = null;
  installOurGradients(() => {
    asked = true;
  });
  recordKernelCalls((call) => made?.push(call));
  await runTfjsCoreTests({
    begin() {
      asked = false;
      made = [];
    },
    end(outcome) {
      (asked ? withGradients : withoutGradients).push(outcome);
      for (const call of asked ? [] : (made ?? [])) {
        const key = keyOf(call);
        if (!calls.has(key)) calls.set(key, { call, test: outcome.name });
      }
      made = null;
    },
  });
  // Leaks are counted of backends that have memory of their own.
  tf.env().set("IS_TEST", false);
  await tf.setBackend("cpu");
}, 600_000);

test("every test that asks for a gradient passes with ours, or is listed with the reason", async () => {
  const lines = withGradients.map(({ failures, name }) => {
    const verdict = failures.length === 0 ? "passes" : verdictOf(name, failures[0]);
    return `${verdict} | ${name}`;
  });
  await expect(listOf(lines, "tests")).toMatchFileSnapshot("tfjs-core-gradients.txt");
});

test("every kernel call has the result that it has there, or is listed with the reason", async () => {
  const lines = [...calls.values()].map(({ call, test: name }) => {
    const found = disagreement(call);
    return found === null
      ? `agrees | ${call.kernel}`
      : `${verdictOf(call.kernel, found, name)} | ${call.kernel} in ${name}`;
  });
  await expect(listOf(lines, "calls")).toMatchFileSnapshot("tfjs-core-kernel-calls.txt");
});

test("every other test passes as ever", () => {
  expect(withoutGradients.filter(({ failures }) => failures.length > 0)).toEqual([]);
  expect(withoutGradients.length).toBeGreaterThan(3_000);
});

/** How many there are of each class, then each line once, with the number of times where it is more. */
function listOf(lines: readonly string[], what: string): string {
  const classes = count(lines.map((line) => line.split(/:| \|/)[0]));
  const heads = [...classes].sort().map(([name, times]) => `${times} ${what}: ${name}`);
  const items = [...count(lines)].sort(([a], [b]) => (a < b ? -1 : 1));
  return `${[...heads, "", ...items.map(([line, times]) => (times === 1 ? line : `${line} ×${times}`))].join("\n")}\n`;
}

function count(lines: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const line of lines) counts.set(line, (counts.get(line) ?? 0) + 1);
  return counts;
}
