/**
 * The command `yf-async`: which subcommands there are, how errors look, what exit codes mean.
 *
 * Owns nothing of the process but its output, so that tests give it command lines in their own process.
 */
import { createRequire } from "node:module";
import { Command, CommanderError } from "commander";
import { cannot, YfError } from "../errors.ts";
import { benchCommand } from "./bench.ts";
import { doctorCommand } from "./doctor.ts";
import { evaluateCommand } from "./evaluate.ts";
import { exportCommand } from "./export.ts";
import { gridCommand } from "./grid.ts";
import { inspectCommand } from "./inspect.ts";
import { predictCommand } from "./predict.ts";
import { replayCommand } from "./replay.ts";
import { reportCommand } from "./report.ts";
import { FailedRun } from "./resume-advice.ts";
import { setupCommand } from "./setup.ts";
import { trainCommand } from "./train.ts";

const { description, version } = createRequire(import.meta.url)("yf-async/package.json") as {
  description: string;
  version: string;
};

const usageError = 2;

/** Flags of other programs, and what they are called here. */
const otherNames: Readonly<Record<string, string>> = {
  "--lr": "--learning-rate",
  "--batch": "--batch-size",
  "--epoch": "--epochs",
  "--gpu": "--device cuda",
  "--cuda": "--device cuda",
  "--threads": "--workers",
  "--num-workers": "--workers",
  "--output": "--out",
  "--output-dir": "--out",
  "--steps": "--updates",
  "--max-steps": "--updates",
  "--wd": "--weight-decay",
  "--opt": "--optimizer",
  "--dataset": "--data",
};

/** What the system ran out of, by the code of its error. */
const exhausted: Readonly<Record<string, string>> = {
  EMFILE: "the process may not open more files (ulimit -n shows and raises the limit)",
  ENFILE: "the system has too many open files",
  EAGAIN: "the system starts no more threads or processes (ulimit -u shows the limit)",
  ERR_WORKER_INIT_FAILED: "the system starts no more threads (ulimit -u and -v show the limits)",
  ENOMEM: "there is too little memory",
  ENOSPC: "the disk is full",
};

/** @param argv As in `process.argv`. @returns The exit code of an error, null where there was none. */
export async function runCommandLine(argv: readonly string[]): Promise<number | null> {
  const program = new Command("yf-async")
    .description(description)
    .version(version, "-V, --version", "Show the version")
    .helpCommand(false)
    .showSuggestionAfterError()
    .addCommand(trainCommand())
    .addCommand(doctorCommand())
    .addCommand(setupCommand())
    .addCommand(evaluateCommand())
    .addCommand(predictCommand())
    .addCommand(replayCommand())
    .addCommand(inspectCommand())
    .addCommand(reportCommand())
    .addCommand(exportCommand())
    .addCommand(gridCommand())
    .addCommand(benchCommand());
  program.addCommand(helpCommand(program));
  prepare(program);
  try {
    if (argv.length === 2) program.outputHelp();
    else await program.parseAsync(argv);
    return null;
  } catch (error) {
    return report(error, argv.includes("--debug"));
  }
}

/** The narrowest column of descriptions that is wrapped: long options leave it so much of a terminal of 80 columns. */
const narrowestHelp = 30;

/** As `--help` of a command; commander's own would not say that there is no such command. */
function helpCommand(program: Command): Command {
  return new Command("help")
    .description("Show the help of a command")
    .argument("[COMMAND]", "its name")
    .action((name: string | undefined) => {
      const named =
        name === undefined ? program : program.commands.find((command) => command.name() === name);
      if (named === undefined) program.error(`unknown command '${name}'`);
      named.outputHelp();
    });
}

/** Lets commander throw what it would print itself and say help in our words, in all commands below this one, too. */
function prepare(command: Command): void {
  command.helpOption("-h, --help", "Show this help").configureHelp({ minWidthToWrap: narrowestHelp });
  command.exitOverride().configureOutput({ writeErr: () => undefined });
  for (const below of command.commands) prepare(below);
}

/** The message about an unknown option with the name that the option has here, where it is one of other programs. */
function suggesting(message: string): string {
  const [unknown, flag = ""] = /^unknown option '(-[^'=]*)[^']*'/.exec(message) ?? [];
  const name = otherNames[flag.toLowerCase()];
  return name === undefined ? message : `${unknown} (Did you mean ${name}?)`;
}

/** Shows an error as one sentence, with its stack only where that was asked for. @returns The exit code. */
function report(error: unknown, debug: boolean): number {
  if (error instanceof FailedRun) {
    const exitCode = report(error.cause, debug);
    process.stderr.write(`${error.advice}\n`);
    return exitCode;
  }
  if (error instanceof CommanderError) {
    // Help and version were asked for and are on standard output already.
    if (error.exitCode === 0) return 0;
    const message = error.code === "commander.help" ? "missing command (--help lists them)" : error.message;
    process.stderr.write(`${suggesting(message.replace(/^error: /, "").replace(/\n/g, " "))}\n`);
    return usageError;
  }
  const failure = error instanceof YfError ? error : null;
  const message = error instanceof Error ? error.message : String(error);
  const exhaustion = exhausted[(error as NodeJS.ErrnoException | null)?.code ?? ""];
  const sentence = failure
    ? message
    : exhaustion === undefined
      ? `Internal error: ${message}; rerun with --debug`
      : cannot("continue", exhaustion, message);
  process.stderr.write(`${debug && error instanceof Error ? (error.stack ?? sentence) : sentence}\n`);
  return failure?.exitCode ?? 1;
}
