/**
 * `yf-async train --supervise`: trains in a process of its own, under a small parent that does nothing but start it again.
 *
 * What takes a whole process down, a fault of native code, the system's want of memory or a SIGKILL, is followed by another
 * process, which resumes from the newest intact checkpoint. A run that ends in order, well or not, is left ended.
 */
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { readCheckpointHead } from "../checkpoint/checkpoint-file.ts";
import { CheckpointFolder, isWhole } from "../checkpoint/checkpoint-folder.ts";
import { randomToken, tokenVariable } from "../dashboard/dashboard.ts";
import { YfError } from "../errors.ts";
import type { CheckpointFacts } from "../resume/checkpointer.ts";
import { endingSignals, exitCodeOf, hangupIsIgnored } from "./signals.ts";
import { supervisedVariable } from "./supervised-process.ts";

/** So many ends within {@link windowMs}, none of which came after a new checkpoint, are enough. */
const mostInWindow = 5;
const windowMs = 600_000;
/** Before a process is started again, milliseconds; twice as long each time without a new checkpoint. */
const firstPauseMs = 500;
/** How a process ends that chose to: well, failed, misused, or asked to by a signal. */
const orderlyCodes: readonly (number | null)[] = [0, 1, 2, ...endingSignals.map(exitCodeOf)];
/** Ctrl-\\ ends both at once. */
const forwarded: readonly NodeJS.Signals[] = [...endingSignals, "SIGQUIT"];
/** How a process ends that had too little memory: by the system, or by its own hand. */
const memoryEnds: readonly (string | number | null)[] = ["SIGKILL", "SIGABRT", 134, 137];
const memoryWord =
  "A process that no one killed ends so when memory runs out: fewer --workers or a smaller --batch-size need less";

export interface SupervisedRun {
  /** What follows `yf-async train` in the first process, without `--supervise`. */
  readonly args: readonly string[];
  /** Folder of the run's checkpoints. */
  readonly checkpointDir: string;
  /** The checkpoint that the run resumes from; null for a new run. */
  readonly from: string | null;
  /** Whether there is a folder that a process must be told to overwrite, once another one has begun to fill it. */
  readonly overwrites: boolean;
  /** What to say of a run that is given up, besides that; null for nothing. */
  readonly afterFailure: () => string | null;
}

/** @returns The exit code of the last process; 128 and the number of the signal for one that a signal ended. */
export async function supervise(run: SupervisedRun): Promise<number> {
  const supervisor = new Supervisor(run);
  const pauses = process.platform !== "win32";
  for (const name of forwarded) process.on(name, supervisor.stop);
  if (pauses) process.on("SIGTSTP", supervisor.pause).on("SIGCONT", supervisor.goOn);
  try {
    return await supervisor.run();
  } finally {
    for (const name of forwarded) process.off(name, supervisor.stop);
    if (pauses) process.off("SIGTSTP", supervisor.pause).off("SIGCONT", supervisor.goOn);
  }
}

class Supervisor {
  readonly #run: SupervisedRun;
  readonly #folder: CheckpointFolder;
  /** In the heads of the run's checkpoints: their dates say nothing, as clocks of machines differ. */
  readonly #id = randomUUID();
  readonly #outlivesTerminal = hangupIsIgnored();
  readonly #stopped = new AbortController();
  #kill: (name: NodeJS.Signals) => void = () => undefined;
  /** One for all of its processes, so that an open page finds the next one. */
  readonly #token = randomToken();
  #saidMemory = false;
  /** When processes ended without having written a checkpoint. */
  #fruitless: number[] = [];

  constructor(run: SupervisedRun) {
    this.#run = run;
    this.#folder = new CheckpointFolder(run.checkpointDir);
  }

  /** Asks the run to end; a second time at once. */
  readonly stop = (name: NodeJS.Signals): void => {
    if (name === "SIGHUP" && this.#outlivesTerminal) return;
    this.#stopped.abort();
    this.#kill(name);
  };

  /** Ctrl-Z, which in a group of its own the process that trains would not hear of. */
  readonly pause = (): void => {
    this.#kill("SIGSTOP");
    process.kill(process.pid, "SIGSTOP");
  };

  readonly goOn = (): void => {
    this.#kill("SIGCONT");
  };

  async run(): Promise<number> {
    let args = this.#run.args;
    let newest = this.#newest();
    for (;;) {
      const { code, signal } = await this.#process(args);
      const ended = signal === null ? (code ?? 1) : exitCodeOf(signal);
      if (this.#stopped.signal.aborted || (signal === null && orderlyCodes.includes(code))) return ended;
      const how = signal === null ? `with exit code ${code}` : `by ${signal}`;
      const before = newest;
      newest = this.#newest();
      const now = performance.now();
      const recent = this.#fruitless.filter((at) => at > now - windowMs);
      this.#fruitless = newest === before ? [...recent, now] : [];
      if (this.#fruitless.length >= mostInWindow) {
        this.#tell(`The run ended ${how}, ${mostInWindow} times without a new checkpoint: giving up`);
        this.#sayMemory(signal ?? code);
        const advice = this.#run.afterFailure();
        if (advice !== null) this.#tell(advice);
        return ended;
      }
      const pauseMs = firstPauseMs * 2 ** Math.max(0, this.#fruitless.length - 1);
      const from = newest ?? this.#run.from;
      const next = from === null ? "restarts from the beginning" : `resumes from ${from}`;
      this.#tell(`The run ended ${how}; it ${next} in ${pauseMs / 1000} s`);
      this.#sayMemory(signal ?? code);
      args = newest === null ? anew(this.#run) : resuming(this.#run.args, newest);
      await sleep(pauseMs, undefined, { signal: this.#stopped.signal }).catch(() => undefined);
      if (this.#stopped.signal.aborted) return ended;
    }
  }

  async #process(args: readonly string[]): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
    // In a group of its own: what a terminal sends to all of a group, it would get twice.
    const detached = process.platform !== "win32";
    const [node, main] = process.argv;
    const child = spawn(node, [...process.execArgv, main, "train", ...args], {
      // Nothing is said on the channel: its end is that of this process, and tells the other one to end, too.
      stdio: ["inherit", "inherit", "inherit", "ipc"],
      detached,
      env: { [tokenVariable]: this.#token, ...process.env, [supervisedVariable]: this.#id },
    });
    this.#kill = detached ? (name) => child.kill(name) : () => undefined;
    const [code, signal] = (await once(child, "exit")) as [number | null, NodeJS.Signals | null];
    this.#kill = () => undefined;
    return { code, signal };
  }

  /**
   * The newest checkpoint in the folder that is whole and of this run: written by one of its processes, or the one that it
   * resumes from. Others are of another run, or of a way that was left. Null if there is none.
   */
  #newest(): string | null {
    const from = this.#run.from === null ? null : resolve(this.#run.from);
    const isOwn = (file: string) => resolve(file) === from || runOf(file) === this.#id;
    return this.#folder.list().filter(isOwn).find(isWhole) ?? null;
  }

  /** Once is enough. */
  #sayMemory(ended: string | number | null): void {
    if (this.#saidMemory || !memoryEnds.includes(ended)) return;
    this.#saidMemory = true;
    this.#tell(memoryWord);
  }

  #tell(text: string): void {
    process.stderr.write(`${text}\n`);
  }
}

/** The run whose process wrote a checkpoint; null for a file that is none, or of a run that no one supervised. */
function runOf(file: string): string | null {
  try {
    const { supervisedAs = null } = (readCheckpointHead(file).facts ?? {}) as Partial<CheckpointFacts>;
    return supervisedAs;
  } catch (error) {
    if (error instanceof YfError) return null;
    throw error;
  }
}

/** The same call once more; what the process before left is of no use to it. */
const anew = ({ args, overwrites }: SupervisedRun) => (overwrites ? [...args, "--force"] : args);

/** The same call, resuming from a checkpoint. */
function resuming(args: readonly string[], file: string): string[] {
  const kept = args.filter((arg, i) => {
    const ofResume = arg === "--resume" || args[i - 1] === "--resume" || arg.startsWith("--resume=");
    return !ofResume && arg !== "--force";
  });
  return [...kept, "--resume", file];
}
