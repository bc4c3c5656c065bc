/** Entry of the benchmarks: `npm run bench -- NAME`. */
import { runCommand } from "./command.ts";

process.exitCode = await runCommand(process.argv.slice(2), {
  result: (line) => process.stdout.write(`${line}\n`),
  log: (line) => process.stderr.write(`${line}\n`),
});
