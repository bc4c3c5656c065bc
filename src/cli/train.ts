/** `yf-async train`: options in, progress while it runs, files and summary at the end. */
import { availableParallelism } from "node:os";
import { Command, Option } from "commander";
import { RunControl } from "../coordinator/run-control.ts";
import { Dashboard } from "../dashboard/dashboard.ts";
import { commandLineOptions } from "../options/describe.ts";
import { type TrainSettings, validateOptions } from "../options/parse.ts";
import { createProgressView } from "../report/terminal.ts";
import { isOrdered } from "../schedule/create-schedule.ts";
import type { RecordedOrder } from "../schedule/replay.ts";
import { type ModelText, type TrainResult, trainWith } from "../train.ts";
import { catchInterrupts } from "./interrupts.ts";
import { RunFolder } from "./run-folder.ts";

export function trainCommand(): Command {
  const command = new Command("train")
    .description("Train a model with asynchronous worker threads")
    .action((raw: Record<string, unknown>) =>
      runTraining(validateOptions(raw, "cli"), { texts: textsOf(raw) }),
    );
  for (const { description, flags, group } of commandLineOptions()) {
    command.addOption(new Option(flags, description).helpGroup(`${group}:`));
  }
  return command;
}

/** What else a run needs to know. */
interface RunExtras {
  /** Options as they were written, to be kept with a recorded order. */
  readonly texts?: Readonly<Record<string, string>>;
  /** The order to repeat; null for none. */
  readonly order?: RecordedOrder | null;
}

/** Trains by the command line's rules: progress, files, summary, interrupts. */
export async function runTraining(
  settings: TrainSettings,
  { order = null, texts = {} }: RunExtras,
): Promise<void> {
  const calledAt = performance.timeOrigin;
  const { json, maxSeconds, out, quiet } = settings;
  const folder = out === null ? null : new RunFolder(out, settings.force);
  const view = createProgressView({ quiet, json });
  const stop = new AbortController();
  const control = new RunControl();
  const controls = {
    pause: () => control.pause(),
    resume: () => control.resume(),
    stop: () => stop.abort(),
  };
  const dashboard = settings.dashboard === null ? null : await Dashboard.open(settings.dashboard, controls);
  const interrupts = catchInterrupts();
  try {
    const result = await trainWith<ModelText>(
      settings,
      {
        control,
        signal: AbortSignal.any([interrupts.signal, stop.signal]),
        callbacks: {
          onTrainBegin() {
            folder?.begin(settings);
            const info = { title: title(settings), maxSeconds };
            view.start(info);
            dashboard?.start(info);
            if (dashboard !== null) view.event(`Dashboard at ${dashboard.url}`);
            const advice = isOrdered(settings.mode) ? null : adviceOnWorkers(settings.workers);
            if (advice !== null) view.event(advice);
          },
          onYield(snapshot) {
            view.update(snapshot);
            dashboard?.update(snapshot);
          },
          onRecord(snapshot) {
            folder?.record(snapshot);
            dashboard?.record(snapshot);
          },
          onEvaluation: (snapshot) => view.update(snapshot),
          onEvent(event) {
            folder?.record(event);
            dashboard?.event(event);
            // Why a run ends stands in its summary.
            if (event.event !== "stop") view.event(event.text);
          },
        },
      },
      calledAt,
      order,
    );
    const recorded = result.order === null ? null : { options: texts, order: result.order };
    const unsaved = (await folder?.finish(result, recorded)) ?? [];
    dashboard?.finish(result.summary);
    view.finish(result.summary);
    for (const reason of unsaved) process.stderr.write(`${reason}\n`);
    if (interrupts.signal.aborted) process.stderr.write(`${afterInterrupt(result, out)}\n`);
    process.exitCode = interrupts.exitCode ?? 0;
  } finally {
    interrupts.release();
    view.close();
    folder?.close();
    await dashboard?.close();
  }
}

function title({ data, mode, model, optimizer, simulateWorkers, workers }: TrainSettings): string {
  const count = (n: number, what: string) => `${n} ${what}${n === 1 ? "" : "s"}`;
  const who = isOrdered(mode)
    ? `${count(simulateWorkers, "simulated worker")} on ${count(workers, "thread")}`
    : count(workers, "worker");
  return `Training ${model} on ${data} with ${optimizer}, ${who}, ${mode}`;
}

/** Options that say what is computed, as they were written; the number of workers in any case. */
function textsOf(raw: Readonly<Record<string, unknown>>): Record<string, string> {
  const { out: _, ...kept } = raw;
  const texts = Object.entries(kept).filter(([, value]) => typeof value === "string");
  const { workers } = validateOptions(raw, "cli");
  return { ...(Object.fromEntries(texts) as Record<string, string>), workers: `${workers}` };
}

/** What more workers than cores cost, or null if there are enough cores. */
function adviceOnWorkers(workers: number): string | null {
  const cores = availableParallelism();
  if (workers <= cores) return null;
  return (
    `${workers} workers share ${cores} cores: they bring no more updates per second than ${cores}, ` +
    `but gradients about ${workers - 1} updates old and more memory`
  );
}

function afterInterrupt({ summary }: TrainResult, out: string | null): string {
  const place = `Interrupted after ${summary.updates} updates (epoch ${summary.epochs.toFixed(2)}).`;
  return out === null
    ? `${place} Nothing was saved: give --out DIR to keep the weights.`
    : `${place} The weights are saved: yf-async evaluate ${out} tests them, the same command with --force starts anew.`;
}
