/** `yf-async replay DIR`: repeats the order of reads and writes that a run with --record had, on any number of threads. */
import { join } from "node:path";
import { Command } from "commander";
import { cannot, YfError } from "../errors.ts";
import { resolveOptions } from "../options/resolve-options.ts";
import { replaySpec } from "../options/run-spec.ts";
import { readOrder } from "../report/order-file.ts";
import { optionsOfFile } from "./options-of-file.ts";
import { files } from "./run-folder.ts";
import { runTraining } from "./train.ts";
import { foundFromHere } from "./working-folder.ts";

interface ReplayFlags {
  readonly model?: string;
  readonly workers?: string;
  readonly json?: true;
  readonly quiet?: true;
}

export function replayCommand(): Command {
  return new Command("replay")
    .description(
      "Repeat the order of reads and writes of a run with --record, the same bits on any number of threads",
    )
    .argument("<DIR>", "Folder of the run")
    .option("--model <FILE>", "The module of its model, which is code and runs only if it is named here")
    .option("--workers <N>", "Worker threads (default: number of processor cores)")
    .option("--json", "Print the summary as one line of JSON on standard output")
    .option("--quiet", "Show no progress")
    .option("--debug", "Show the stack of an error")
    .action(async (folder: string, { workers, ...flags }: ReplayFlags) => {
      const file = join(folder, files.order);
      const { options: written, order, workingFolder } = readOrder(file);
      const found = foundFromHere(written, folder, workingFolder);
      const { options } = optionsOfFile(file, found, flags);
      const threads = resolveOptions({ workers }, "cli").spec.interleaving.workers;
      // What the run saved and showed beside its results was its own.
      const { spec, terminal } = resolveOptions({ ...options, ...flags }, "cli");
      const { workers: recorded } = spec.interleaving;
      if (recorded !== order.workers) {
        const rule = `its options must be those of the run, with ${order.workers} workers`;
        throw new YfError("BAD_ORDER", cannot(`replay ${file}`, rule, recorded), { file });
      }
      await runTraining({
        spec: {
          ...replaySpec(spec, order, threads),
          checkpoints: { ...spec.checkpoints, checkpointDir: null },
        },
        terminal: { ...terminal, dashboard: null },
      });
    });
}
