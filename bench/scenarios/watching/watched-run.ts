/**
 * One run of LeNet beside which something else happens every other second: updates per second of each such second and of those
 * before and after it. Nothing else differs between neighbours, not even the process.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { PassThrough, type Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { Dashboard } from "../../../src/dashboard/dashboard.ts";
import { MetricsLog } from "../../../src/report/metrics-log.ts";
import type { RunSnapshot } from "../../../src/report/run-snapshot.ts";
import { TensorBoardLog } from "../../../src/report/tensorboard/tensorboard-log.ts";
import { createProgressView } from "../../../src/report/terminal.ts";
import { RunControl } from "../../../src/run/run-control.ts";
import { train } from "../../../src/train.ts";
import { root } from "../../harness/places.ts";

const never = 1e6;
const viewer = fileURLToPath(new URL("dist/bench/scenarios/watching/child.js", root));

/** Everything that is measured happens once in a second, or more often. */
const stretchSeconds = 1;

/** What may happen beside a run; off until it is switched on. */
interface Extra {
  switch?(on: boolean): void;
  /** Ten times a second, and once a second, while it is on. */
  look?(snapshot: RunSnapshot): void;
  record?(snapshot: RunSnapshot): void;
}

/** What happens beside the runs, in the order of what {@link watchedRun} gives. */
export const extraNames = [
  "terminal, metrics and TensorBoard",
  "dashboard with a viewer",
  "a checkpoint every second",
] as const;

/** Updates per second of one stretch. */
export interface Stretch {
  readonly speed: number;
  /** The same in the stretches before and after it, beside which there was nothing; their mean. */
  readonly alone: number;
}

interface WatchedRunOptions {
  readonly folder: string;
  readonly workers: number;
  /** Stretches of each extra; one more, which comes first, is not counted. */
  readonly rounds: number;
  readonly signal: AbortSignal;
}

/** @returns The stretches of each extra, in the order of {@link extraNames}. */
export async function watchedRun({
  folder,
  rounds,
  signal,
  workers,
}: WatchedRunOptions): Promise<Stretch[][]> {
  const control = new RunControl();
  const dashboard = await Dashboard.open(0, {});
  const child = spawn(process.execPath, [viewer, dashboard.url], { stdio: ["pipe", "pipe", "inherit"] });
  const logs = [new MetricsLog(join(folder, "metrics.jsonl")), new TensorBoardLog(folder, {})];
  const terminal = terminalOf(new PassThrough().resume());
  let records = 0;
  let checkpoints = 0;
  const extras: readonly Extra[] = [
    {
      look: (snapshot) => terminal.update(snapshot),
      record(snapshot) {
        for (const log of logs) log.append(snapshot);
        records++;
      },
    },
    { switch: (on) => child.stdin.write(on ? "look\n" : "leave\n") },
    { switch: (on) => on && control.checkpoint() },
  ];
  const nothing: Extra = {};
  const order = Array.from({ length: rounds + 1 }, (_, round) =>
    round % 2 === 0 ? extras : extras.toReversed(),
  ).flat();
  const stretches = [...order.flatMap((extra) => [nothing, extra]), nothing];
  const speeds: number[] = [];
  const done = new AbortController();
  let began: RunSnapshot | null = null;
  const now = () => stretches[speeds.length] ?? nothing;
  const goOn = (snapshot: RunSnapshot) => {
    if (began !== null) {
      now().switch?.(false);
      speeds.push((snapshot.updates - began.updates) / (snapshot.seconds - began.seconds));
    }
    began = snapshot;
    if (speeds.length === stretches.length) done.abort();
    else now().switch?.(true);
  };
  try {
    await train({
      ...{ workers, control, signal: AbortSignal.any([signal, done.signal]) },
      ...{ maxSeconds: never, evalEverySeconds: never },
      ...{ checkpointDir: join(folder, "checkpoints"), checkpointEverySeconds: never },
      callbacks: {
        onYield(snapshot) {
          dashboard.update(snapshot);
          if (done.signal.aborted || snapshot.updates === 0) return;
          if (began === null || snapshot.seconds - began.seconds >= stretchSeconds) goOn(snapshot);
          now().look?.(snapshot);
        },
        onRecord(snapshot) {
          dashboard.record(snapshot);
          now().record?.(snapshot);
        },
        onEvent({ event }) {
          if (event === "checkpoint") checkpoints++;
        },
      },
    });
    signal.throwIfAborted();
    requireAtLeast("states of the dashboard", await statesSeen(child), rounds);
    requireAtLeast("records", records, rounds);
    requireAtLeast("checkpoints", checkpoints, rounds);
  } finally {
    child.kill();
    terminal.close();
    for (const log of logs) log.close();
    await dashboard.close();
  }
  return extras.map((extra) => {
    const places = stretches.flatMap((one, i) => (one === extra ? [i] : []));
    return places.slice(1).map((i) => ({ speed: speeds[i], alone: (speeds[i - 1] + speeds[i + 1]) / 2 }));
  });
}

/** Draws what a terminal of a usual size would show. */
function terminalOf(stream: Writable) {
  const progress = Object.assign(stream, { isTTY: true, columns: 120, rows: 40, hasColors: () => true });
  const view = createProgressView({ quiet: false, json: true, progress });
  view.start({ title: "LeNet", maxSeconds: null });
  return view;
}

/** Ends the one who looks. */
async function statesSeen({ stdin, stdout }: ChildProcess): Promise<number> {
  const text = stdout === null ? [] : once(stdout.setEncoding("utf8"), "data");
  stdin?.end();
  return Number((await text)[0]);
}

function requireAtLeast(what: string, count: number, least: number): void {
  if (count < least) throw new Error(`${count} ${what} came, and at least ${least} should have`);
}
