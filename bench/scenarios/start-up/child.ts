/**
 * One process of the start-up scenario: trains LeNet with as many workers as the first argument says and the second one's
 * batch jitter, for a moment, and prints when every worker had made an update and how much memory the process took.
 */
import { resolveOptions } from "../../../src/options/resolve-options.ts";
import { trainWith } from "../../../src/train.ts";

const [workers, batchJitter] = process.argv.slice(2);
const { spec } = resolveOptions({ workers: Number(workers), batchJitter, maxSeconds: 3 }, "library");
const { summary } = await trainWith<"lenet">(spec, {}, { calledAt: performance.timeOrigin });
const { maxRSS } = process.resourceUsage();
process.stdout.write(
  `${JSON.stringify({ readySeconds: summary.readySeconds, memoryBytes: 1024 * maxRSS })}\n`,
);
