/** `yf-async bench NAME`: runs one of the benchmarks, shows what it found, and writes it to a file. */
import { Command } from "commander";
import { cannot, YfError } from "../errors.ts";
import { positive } from "../options/kinds.ts";
import { createCountedProgress } from "../report/counted-progress.ts";
import { catchInterrupts } from "./interrupts.ts";

interface BenchFlags {
  readonly quick?: true;
  readonly out?: string;
  readonly force?: true;
  readonly seconds?: string;
  readonly peers: boolean;
  readonly table?: true;
  readonly page?: true;
  readonly json?: true;
  readonly quiet?: true;
}

export function benchCommand(): Command {
  return new Command("bench")
    .description("Run a benchmark, or list them all")
    .argument("[NAME]", "Of the benchmark; without it, all are listed")
    .option("--quick", "At most three minutes; nothing is written without --out")
    .option(
      "--out <FILE>",
      "Results file, in JSON; its page goes beside it (default: bench/results/NAME.json)",
    )
    .option("--force", "Overwrite the results file")
    .option("--seconds <S>", "Length of one measurement of a timing (default: by benchmark)")
    .option("--no-peers", "Leave PyTorch out")
    .option("--table", "Show the results file as Markdown tables and measure nothing")
    .option("--page", "Write the page of the results file anew and measure nothing")
    .option("--json", "Print the results as one line of JSON on standard output")
    .option("--quiet", "Show no progress")
    .option("--debug", "Show the stack of an error")
    .action(runNamed);
}

const length = positive("S");

async function runNamed(name: string | undefined, flags: BenchFlags): Promise<void> {
  // Loaded here, so that the other commands do not pay for it.
  const bench = await import("#bench");
  const { force = false, json = false, peers, quick = false, quiet = false } = flags;
  const print = (text: string) => process.stdout.write(`${text}\n`);
  if (name === undefined) {
    print(bench.scenarioList());
    return;
  }
  bench.scenarioOf(name);
  const seconds = flags.seconds === undefined ? null : length.fromText(flags.seconds);
  if (seconds === undefined) {
    throw new YfError("BAD_OPTION", cannot("parse --seconds", length.rule, flags.seconds), {
      option: "--seconds",
      value: flags.seconds,
    });
  }
  const out = flags.out ?? (quick ? null : bench.defaultFile(name));
  const show = (result: import("#bench").Result) =>
    print(json ? JSON.stringify(result) : bench.resultTable(result));
  if (flags.table || flags.page) {
    const file = out ?? bench.defaultFile(name);
    const result = bench.readResult(file);
    if (flags.page) bench.writePage(result, file);
    else show(result);
    return;
  }
  const progress = createCountedProgress({ quiet });
  const interrupts = catchInterrupts();
  const { signal } = interrupts;
  try {
    const result = await bench.runBench(name, { quick, seconds, peers, out, force, progress, signal });
    progress.close();
    show(result);
  } catch (error) {
    progress.close();
    if (!signal.aborted) throw error;
    const kept =
      out === null ? "Nothing was kept." : "Finished measurements are kept: the same command resumes there.";
    process.stderr.write(`Interrupted. ${kept}\n`);
    process.exitCode = interrupts.exitCode ?? 1;
  } finally {
    interrupts.release();
  }
}
