/** `yf-async report DIR…`: one page with the plots of a run, or of several to compare. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { cannot, YfError } from "../errors.ts";
import { runPage } from "../report/run-page.ts";
import type { RunRecord } from "../report/run-record.ts";
import { writeFileAtomically } from "../report/write-file-atomically.ts";
import { files, readRunRecord } from "./run-folder.ts";

interface ReportFlags {
  readonly out?: string;
  readonly force?: true;
}

export function reportCommand(): Command {
  return new Command("report")
    .description("Make one HTML page, with nothing to fetch, of a run with --out DIR, or compare several")
    .argument("<DIR...>", "Folders of runs")
    .option("--out <FILE>", "The page (default: report.html in the folder of one run; of several, here)")
    .option("--force", "Overwrite the page")
    .option("--debug", "Show the stack of an error")
    .action((folders: readonly [string, ...string[]], { force, out }: ReportFlags) => {
      const [first, ...others] = folders;
      const page = runPage(distinct(folders, [readRunRecord(first), ...others.map(readRunRecord)]));
      // The page of a run is in its folder from the end of the run on, and made anew from the same records.
      const own = out === undefined && others.length === 0;
      const file = own ? join(first, files.report) : (out ?? files.report);
      if (!own && force !== true && existsSync(file)) {
        const rule = "the file must not exist yet (--force overwrites it)";
        throw new YfError("OUTPUT_EXISTS", cannot("write the page", rule, file), { file });
      }
      writeFileAtomically(file, page);
      process.stdout.write(`${file}\n`);
    });
}

type Runs = readonly [RunRecord, ...RunRecord[]];

/** Runs whose folders have one name are told apart by their paths as they were written. */
function distinct(folders: readonly string[], runs: Runs): Runs {
  const isDistinct = new Set(runs.map(({ name }) => name)).size === runs.length;
  if (isDistinct) return runs;
  const [first, ...others] = runs.map((run, i) => ({ ...run, name: folders[i] }));
  return [first, ...others];
}
