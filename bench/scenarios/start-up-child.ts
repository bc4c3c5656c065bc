/**
 * One process of the start-up scenario: trains LeNet with as many workers as the first argument says, for a moment, and
 * prints when every worker had made an update and how much memory the process took.
 */
import { validateOptions } from "../../src/options/parse.ts";
import { trainWith } from "../../src/train.ts";

const settings = validateOptions({ workers: Number(process.argv[2]), maxSeconds: 3 }, "library");
const { summary } = await trainWith<"lenet">(settings, {}, performance.timeOrigin);
const { maxRSS } = process.resourceUsage();
process.stdout.write(
  `${JSON.stringify({ readySeconds: summary.readySeconds, memoryBytes: 1024 * maxRSS })}\n`,
);
