/** `yf-async export DIR`: the metrics of a run as CSV, for spreadsheets and data frames. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { cannot, YfError } from "../errors.ts";
import { metricsCsv } from "../report/metrics-csv.ts";
import { readMetrics } from "../report/metrics-file.ts";
import { writeFileAtomically } from "../report/write-file-atomically.ts";
import { files } from "./run-folder.ts";

interface ExportFlags {
  readonly out?: string;
  readonly force?: true;
}

export function exportCommand(): Command {
  return new Command("export")
    .description("Write the metrics of a run with --out DIR as CSV, a row a second")
    .argument("<DIR>", "Folder of the run")
    .option("--out <FILE>", "The file (default: standard output)")
    .option("--force", "Overwrite the file")
    .option("--debug", "Show the stack of an error")
    .action((folder: string, { force, out }: ExportFlags) => {
      const csv = metricsCsv(readMetrics(join(folder, files.metrics)).snapshots);
      if (out === undefined) {
        process.stdout.write(csv);
        return;
      }
      if (force !== true && existsSync(out)) {
        const rule = "the file must not exist yet (--force overwrites it)";
        throw new YfError("OUTPUT_EXISTS", cannot("write the metrics", rule, out), { file: out });
      }
      writeFileAtomically(out, csv);
    });
}
