/** `yf-async train`: options in, progress while it runs, files and summary at the end. */
import { dirname, resolve } from "node:path";
import { Command, Option } from "commander";
import { Dashboard, tokenVariable } from "../dashboard/dashboard.ts";
import { usableCores } from "../machine/machine.ts";
import { commandLineOptions } from "../options/describe.ts";
import { resolveOptions, withCurrentNames } from "../options/resolve-options.ts";
import type { ResolvedOptions, RunSpec } from "../options/run-spec.ts";
import { notFinite } from "../report/advice.ts";
import { createProgressView } from "../report/terminal.ts";
import type { WrittenOptions } from "../resume/checkpointer.ts";
import { RunControl } from "../run/run-control.ts";
import { isOrdered } from "../schedule/create-schedule.ts";
import { type ModelText, trainWith } from "../train.ts";
import { catchInterrupts } from "./interrupts.ts";
import { optionsOfFile } from "./options-of-file.ts";
import { type ResumeHead, readResumeHead } from "./resume.ts";
import { afterFailure, afterInterrupt, checkpointDirOf, FailedRun } from "./resume-advice.ts";
import { RunFolder } from "./run-folder.ts";
import { supervise } from "./supervise.ts";
import { supervisedAs } from "./supervised-process.ts";
import { workingFolderFrom } from "./working-folder.ts";

export function trainCommand(): Command {
  const command = new Command("train")
    .description("Train a model with asynchronous worker threads")
    .action((asTyped: Record<string, unknown>) => {
      const given = withCurrentNames(asTyped, "cli");
      const resumed = typeof given.resume === "string" ? readResumeHead(given.resume) : null;
      const raw = resumed === null ? given : resumedOptions(given, resumed);
      if (raw.supervise === true) return runSupervised(resolveOptions(raw, "cli"), resumed);
      return runTraining(resolveOptions(raw, "cli"), {
        written: writtenOptions(raw),
        resumed,
        notes: notesOn(given, resumed),
      });
    });
  for (const { description, flags, group, isFormer } of commandLineOptions()) {
    command.addOption(new Option(flags, description).helpGroup(`${group}:`).hideHelp(isFormer));
  }
  return command;
}

/** What else a run needs to know. */
interface RunExtras {
  /** Options as they were written, to be kept with checkpoints and a recorded order. */
  readonly written?: WrittenOptions | null;
  /** The run to resume; null for a new one. */
  readonly resumed?: ResumeHead | null;
  /** To be told once it begins, in a sentence each. */
  readonly notes?: readonly string[];
}

/** Has another process train by the same options, again if it has to. */
async function runSupervised({ spec, terminal }: ResolvedOptions, resumed: ResumeHead | null): Promise<void> {
  const { out } = terminal;
  const places = { ...spec.checkpoints, out };
  const [, , , ...args] = process.argv;
  process.exitCode = await supervise({
    args: args.filter((arg) => arg !== "--supervise"),
    checkpointDir: checkpointDirOf(places) ?? dirname((resumed as ResumeHead).file),
    from: resumed?.file ?? null,
    overwrites: out !== null && out !== resumed?.runFolder,
    afterFailure: () => afterFailure(places),
  });
}

const writesCheckpoints = ({ checkpointDir, keepCheckpoints }: RunSpec["checkpoints"]) =>
  checkpointDir !== null && keepCheckpoints > 0;

/** Trains by the command line's rules: progress, files, summary, interrupts. */
export async function runTraining(
  { spec: given, terminal }: ResolvedOptions,
  { notes = [], resumed = null, written = null }: RunExtras = {},
): Promise<void> {
  const { json, out, quiet, tensorboard } = terminal;
  const checkpointDir = checkpointDirOf({ ...given.checkpoints, out });
  const spec = { ...given, checkpoints: { ...given.checkpoints, checkpointDir } };
  const places = { ...spec.checkpoints, out };
  const view = createProgressView({ quiet, json });
  const stop = new AbortController();
  const control = new RunControl();
  const controls = {
    pause: () => control.pause(),
    resume: () => control.resume(),
    checkpoint: writesCheckpoints(spec.checkpoints)
      ? () => control.checkpoint()
      : "No checkpoints: the run has neither --out nor --checkpoint-dir, or --keep 0.",
    stop: () => stop.abort(),
  };
  const interrupts = catchInterrupts("listen");
  let folder: RunFolder | null = null;
  let dashboard: Dashboard | null = null;
  let begun = false;
  try {
    if (out !== null) {
      // A checkpoint folder in it has a lock of its own, which tells the same.
      const warn = writesCheckpoints(spec.checkpoints) ? undefined : (text: string) => view.warn(text);
      const run = supervisedAs();
      folder = new RunFolder(
        out,
        spec.checkpoints.force,
        resumed,
        warn === undefined ? { run } : { run, warn },
      );
    }
    if (terminal.dashboard !== null) {
      dashboard = await Dashboard.open(terminal.dashboard, controls, process.env[tokenVariable]);
    }
    const result = await trainWith<ModelText>(
      spec,
      {
        control,
        signal: AbortSignal.any([interrupts.signal, stop.signal]),
        callbacks: {
          onTrainBegin() {
            folder?.begin(spec, tensorboard, (text) => view.warn(text));
            begun = true;
            interrupts.listen();
            const info = { title: title(spec), maxSeconds: spec.stopping.maxSeconds };
            view.start(info);
            for (const note of notes) view.warn(note);
            dashboard?.start(info);
            if (dashboard !== null) view.warn(`Dashboard at ${dashboard.url}`);
            const { mode, workers } = spec.interleaving;
            const advice = isOrdered(mode) ? null : adviceOnWorkers(workers);
            if (advice !== null) view.event(advice);
          },
          onYield(snapshot) {
            view.update(snapshot);
            dashboard?.update(snapshot);
          },
          onRecord(snapshot) {
            // The last one comes after the last look at the run.
            view.update(snapshot);
            folder?.record(snapshot);
            dashboard?.record(snapshot);
          },
          onEvent(event) {
            folder?.record(event);
            dashboard?.event(event);
            if (event.event === "warning") view.warn(event.text);
            // Why a run ends stands in its summary.
            else if (event.event !== "stop") view.event(event.text);
          },
        },
      },
      {
        calledAt: performance.timeOrigin,
        commandLine: written,
        supervisedAs: supervisedAs(),
        tellsMemory: terminal.debug,
      },
    );
    const { order } = result;
    const recorded =
      order === null
        ? null
        : { options: textsOf(written), order, workingFolder: workingFolderFrom(out ?? ".") };
    const { unfit, unwritten } = (await folder?.finish(result, recorded, terminal.onnxPreprocessing)) ?? {
      unfit: [],
      unwritten: [],
    };
    dashboard?.finish(result.summary);
    view.finish(result.summary);
    for (const { message } of [...unwritten, ...unfit]) process.stderr.write(`${message}\n`);
    if (interrupts.signal.aborted) process.stderr.write(`${afterInterrupt(result.summary, places)}\n`);
    const failed = notFinite(result.summary) === null ? 0 : 1;
    process.exitCode = interrupts.exitCode ?? unwritten[0]?.exitCode ?? failed;
  } catch (error) {
    dashboard?.fail(error instanceof Error ? error.message : String(error));
    // A run that was refused has left the checkpoints of another one as they were.
    const advice = begun ? afterFailure(places) : null;
    throw advice === null ? error : new FailedRun(error, advice);
  } finally {
    interrupts.release();
    view.close();
    folder?.close();
    folder?.release();
    await dashboard?.close();
  }
}

function title({ data, interleaving, model, optimizer }: RunSpec): string {
  const { mode, simulateWorkers, workers } = interleaving;
  const count = (n: number, what: string) => `${n} ${what}${n === 1 ? "" : "s"}`;
  const who = isOrdered(mode)
    ? `${count(simulateWorkers, "simulated worker")} on ${count(workers, "thread")}`
    : count(workers, "worker");
  return `Training ${model.model} on ${data.data} with ${optimizer.optimizer}, ${who}, ${mode}`;
}

/** Flags of one call, which no other one repeats. */
const ofThisCall: ReadonlySet<string> = new Set([
  "debug",
  "force",
  "json",
  "out",
  "quiet",
  "resume",
  "supervise",
]);

/** Options as they were written; the number of workers in any case. */
function writtenOptions(raw: Readonly<Record<string, unknown>>): WrittenOptions {
  const kept = Object.entries(raw).filter(
    ([name, value]) => !ofThisCall.has(name) && (typeof value === "string" || value === true),
  );
  const { workers } = resolveOptions(raw, "cli").spec.interleaving;
  return { ...(Object.fromEntries(kept) as WrittenOptions), workers: `${workers}` };
}

/** Those that say what is computed. */
function textsOf(written: WrittenOptions | null): Record<string, string> {
  const texts = Object.entries(written ?? {}).filter(([, value]) => typeof value === "string");
  return Object.fromEntries(texts) as Record<string, string>;
}

/**
 * The options of a run with those that are given now in their place, and the folder that it was found in. @throws {YfError}
 * `BAD_OPTION` if its model is a module that is not named now.
 */
function resumedOptions(
  given: Readonly<Record<string, unknown>>,
  { file, options: found, runFolder }: ResumeHead,
): Record<string, unknown> {
  const { options } = optionsOfFile(file, found, given);
  return { ...options, ...foldersOf(file, found, runFolder, given), ...given, resume: file };
}

/** A sentence about options that the checkpoint has and the run does not; none where there are none. */
function notesOn(given: Readonly<Record<string, unknown>>, resumed: ResumeHead | null): string[] {
  if (resumed === null) return [];
  const { leftOut } = optionsOfFile(resumed.file, resumed.options, given);
  // Where checkpoints go follows from where this one lies.
  const flags = leftOut.filter((flag) => flag !== "--checkpoint-dir");
  if (flags.length === 0) return [];
  return [
    `Not taken from the checkpoint, as only what decides numbers is: ${flags.join(", ")} (give them anew if wanted)`,
  ];
}

/** Where the run continues: in its own folder, or with the checkpoints that lie where it kept them. */
function foldersOf(
  file: string,
  { checkpointDir }: WrittenOptions,
  runFolder: string | null,
  given: Readonly<Record<string, unknown>>,
): Record<string, string> {
  if (runFolder !== null) return { out: runFolder };
  const folder = dirname(file);
  const isOwn = typeof checkpointDir === "string" && resolve(checkpointDir) === resolve(folder);
  return isOwn || given.out === undefined ? { checkpointDir: folder } : {};
}

/** What more workers than cores cost, or null if there are enough cores. */
function adviceOnWorkers(workers: number): string | null {
  const cores = usableCores();
  if (workers <= cores) return null;
  return (
    `${workers} workers share ${cores} cores: they bring no more updates per second than ${cores}, ` +
    `but gradients about ${workers - 1} updates old and more memory`
  );
}
