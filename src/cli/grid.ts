/** `yf-async grid FILE`: runs every cell of a grid with every seed, on spare cores, and resumes where it was stopped. */
import { existsSync } from "node:fs";
import { Command } from "commander";
import { cannot, YfError } from "../errors.ts";
import { codeFingerprint } from "../grid/code-fingerprint.ts";
import { FinishedCells } from "../grid/finished-cells.ts";
import { readGrid } from "../grid/grid-file.ts";
import { gridTable } from "../grid/grid-table.ts";
import { runGrid } from "../grid/run-grid.ts";
import { integer } from "../options/kinds.ts";
import { createCountedProgress } from "../report/counted-progress.ts";
import { percent, significant } from "../report/live-fields.ts";
import { writeFileAtomically } from "../report/write-file-atomically.ts";
import { catchInterrupts } from "./interrupts.ts";

interface GridFlags {
  readonly out?: string;
  readonly cores?: string;
  readonly force?: true;
  readonly fresh?: true;
  readonly json?: true;
  readonly quiet?: true;
}

/** Of the layout of results files. */
const version = 1;

const cores = integer(1, 1024);

export function gridCommand(): Command {
  return new Command("grid")
    .description("Train with every combination of options in a JSON file and every seed, on spare cores")
    .argument(
      "<FILE>",
      'JSON: { "options": {…}, "grid": {"learningRate": […], …}, "seeds": […], "targets": […] }',
    )
    .option("--out <FILE>", "Results file (default: FILE with .results.json at its end)")
    .option("--force", "Overwrite the results file")
    .option("--fresh", "Run cells again that are finished already")
    .option("--cores <N>", "Cores to use (default: all)")
    .option("--json", "Print the results as one line of JSON on standard output")
    .option("--quiet", "Show no progress")
    .option("--debug", "Show the stack of an error")
    .action(runGridFile);
}

async function runGridFile(file: string, flags: GridFlags): Promise<void> {
  const stem = file.replace(/\.json$/, "");
  const { force = false, out = `${stem}.results.json`, quiet = false } = flags;
  const grid = readGrid(file);
  const width = flags.cores === undefined ? undefined : cores.fromText(flags.cores);
  if (flags.cores !== undefined && width === undefined) {
    throw new YfError("BAD_OPTION", cannot("parse --cores", cores.rule, flags.cores), {
      option: "--cores",
      value: flags.cores,
    });
  }
  if (existsSync(out) && !force) {
    const rule = "must not hold other results (--force overwrites them)";
    throw new YfError("OUTPUT_EXISTS", cannot(`write ${out}`, rule), { file: out });
  }
  const kept = `${out.replace(/\.json$/, "")}.cells.jsonl`;
  if (flags.fresh) new FinishedCells(kept, "").discard();
  const finished = new FinishedCells(kept, codeFingerprint());
  const progress = createCountedProgress({ quiet });
  const interrupts = catchInterrupts();
  try {
    const total = grid.cells.length * grid.seeds.length;
    progress.event(`${grid.cells.length} cells, ${grid.seeds.length} seeds: ${total} runs`);
    if (finished.foreign > 0)
      progress.event(`${finished.foreign} finished runs do not count: other code made them`);
    progress.begin(total);
    const runs = await runGrid(grid, {
      finished,
      signal: interrupts.signal,
      ...(width === undefined ? {} : { cores: width }),
      onRun: ({ finite, seed, testAccuracy, trainLoss, updatesToTarget, varied }, measured) => {
        const outcome = [
          ...updatesToTarget.map((updates) => updates ?? "–"),
          ...(trainLoss === null ? [] : [`loss ${significant(trainLoss)}`]),
          ...(testAccuracy === null ? [] : [percent(testAccuracy)]),
        ].join(" / ");
        progress.step(
          `${Object.values(varied).join(", ")}, seed ${seed}: ${finite ? outcome : "not finite"}`,
          measured,
        );
      },
    });
    progress.close();
    const results = { version, targets: grid.targets, seeds: grid.seeds, runs };
    writeFileAtomically(out, `${JSON.stringify(results, null, 2)}\n`);
    process.stdout.write(`${flags.json ? JSON.stringify(results) : gridTable(runs, grid.targets)}\n`);
  } catch (error) {
    progress.close();
    if (!interrupts.signal.aborted) throw error;
    process.stderr.write("Interrupted. Finished runs are kept: the same command resumes there.\n");
    process.exitCode = interrupts.exitCode ?? 1;
  } finally {
    interrupts.release();
    progress.close();
  }
}
