/** `yf-async export DIR`: the metrics of a run as CSV, for spreadsheets and data frames. */
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { cannot, YfError } from "../errors.ts";
import { metricsCsv } from "../report/metrics-csv.ts";
import { readSnapshots } from "../report/metrics-file.ts";
import { replaceFile } from "../report/write-file-atomically.ts";
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
    .action(async (folder: string, { force, out }: ExportFlags) => {
      const chunks = chunked(metricsCsv(() => readSnapshots(join(folder, files.metrics))));
      if (out === undefined) {
        await show(chunks);
        return;
      }
      if (force !== true && existsSync(out)) {
        const rule = "the file must not exist yet (--force overwrites it)";
        throw new YfError("OUTPUT_EXISTS", cannot("write the metrics", rule, out), { file: out });
      }
      await replaceFile(out, async (handle) => {
        for (const rows of chunks) await handle.appendFile(rows);
      });
    });
}

/** Rows that are written in one go. */
const rowsAtOnce = 500;

function* chunked(rows: Iterable<string>): Generator<string, void> {
  let chunk: string[] = [];
  for (const row of rows) {
    chunk.push(row);
    if (chunk.length < rowsAtOnce) continue;
    yield chunk.join("");
    chunk = [];
  }
  yield chunk.join("");
}

/** As fast as it is read, if it is: behind `| head` it may not be. */
async function show(chunks: Iterable<string>): Promise<void> {
  const { stdout } = process;
  for (const chunk of chunks) {
    if (stdout.destroyed) return;
    if (!stdout.write(chunk))
      await Promise.race([once(stdout, "drain"), once(stdout, "close")]).catch(() => undefined);
  }
}
