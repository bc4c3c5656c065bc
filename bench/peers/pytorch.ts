/**
 * The PyTorch peer, seen from Node: a child process that answers one JSON line with one JSON line.
 *
 * Owns the child's life. What it can be asked is written in `pytorch/serve.py`.
 */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { mnistDirectory, root, singleThreaded } from "../harness/places.ts";

/** 784-128-10, 784-512-512-10, and the network of PyTorch's Hogwild example without dropout: what both sides train. */
export type NetName = "mlp-small" | "mlp-large" | "lenet";

/** Those, and what only gradients are timed of. */
export type TimedNetName = NetName | "resnet20" | "char-lstm";

const python = fileURLToPath(new URL(".venv/bin/python", root));

/** Why the peer cannot take part, in words, or null when it can. */
export const pytorchMissing: string | null = existsSync(python)
  ? null
  : "PyTorch, which is not installed (npm run bench:peers installs it)";

/** How much of the child's complaints is kept for an error message. */
const keptCharacters = 2000;

/** One Hogwild training by PyTorch. */
export interface PytorchTraining {
  readonly net: NetName;
  /** Whether images lie channels last, which makes PyTorch's small convolutions faster. */
  readonly channelsLast: boolean;
  readonly processes: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly momentum: number;
  readonly seed: number;
  /** All processes together. */
  readonly maxUpdates: number;
  readonly start: "fork" | "spawn";
  /** Test accuracy in [0, 1] to end at, or null to run to `maxUpdates`. */
  readonly targetAccuracy: number | null;
  /** Pause between two evaluations of the test set. */
  readonly evalEverySeconds: number;
  /** End as soon as every process has made one update, and measure memory there. */
  readonly startUpOnly: boolean;
}

export interface PytorchSummary {
  readonly updates: number;
  readonly seconds: number;
  readonly updatesPerSecond: number;
  /** Seconds of training until the target, start-up not included; null when it was not reached. */
  readonly reachedSeconds: number | null;
  /** Share of right answers on the test set, in [0, 1]. */
  readonly accuracy: number;
  /** Unix time in seconds of each process's first update. */
  readonly firstUpdates: readonly number[];
  /** Memory of all processes, shared pages counted once; null where the system does not tell. */
  readonly memoryBytes: number | null;
}

/** Where a gradient is computed. */
export interface PytorchPoint {
  readonly net: TimedNetName;
  readonly channelsLast: boolean;
  /** Of the features, `[B, H, W, C]`, or `[B, T]` of indices. */
  readonly shape: readonly number[];
  /** Flat, in TensorFlow.js layout and order. */
  readonly parameters: Float32Array;
  readonly features: Float32Array | Int32Array;
  /** `[B]`, or `[B, T]`: class indices. */
  readonly labels: Int32Array;
}

/** A PyTorch process on one thread; ask one thing at a time. */
export class Pytorch {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #answers: AsyncIterator<string>;
  #complaints = "";

  /**
   * Starts the peer. It ends with {@link close}, or with this process.
   *
   * @throws {Error} If PyTorch is not installed.
   */
  constructor() {
    if (pytorchMissing !== null)
      throw new Error(`Cannot start a peer: must be installed (got ${pytorchMissing})`);
    const server = fileURLToPath(new URL("bench/peers/pytorch/serve.py", root));
    this.#child = spawn(python, [server, mnistDirectory()], { env: singleThreaded });
    // A child that cannot start or ends early closes its output, which the next question reports with what it said.
    const complain = (what: unknown) => {
      this.#complaints = `${this.#complaints}${what}`.slice(-keptCharacters);
    };
    this.#child.on("error", complain);
    this.#child.stdin.on("error", complain);
    this.#child.stderr.setEncoding("utf8").on("data", complain);
    this.#answers = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  versions(): Promise<{ torch: string; numpy: string; python: string }> {
    return this.#ask({ do: "versions" });
  }

  /** Loss and flat gradient at a point; later calls of {@link gradients} repeat exactly this. */
  async load(point: PytorchPoint): Promise<{ loss: number; gradient: Float32Array }> {
    const { loss, gradient } = await this.#ask<{ loss: number; gradient: string }>({
      do: "load",
      ...point,
      parameters: base64(point.parameters),
      features: base64(point.features),
      labels: base64(point.labels),
    });
    const bytes = Uint8Array.from(Buffer.from(gradient, "base64"));
    return { loss, gradient: new Float32Array(bytes.buffer) };
  }

  /** Computes gradients at the loaded point for about `seconds`. */
  gradients(seconds: number): Promise<{ steps: number; seconds: number }> {
    return this.#ask({ do: "gradients", seconds });
  }

  /** Of the process: most so far, and now with shared pages by their share; null where the system does not tell. */
  memory(): Promise<{ peakBytes: number | null; proportionalBytes: number | null }> {
    return this.#ask({ do: "memory" });
  }

  train(training: PytorchTraining): Promise<PytorchSummary> {
    return this.#ask({ do: "train", ...training });
  }

  /** Lets the peer end, and waits for that. */
  async close(): Promise<void> {
    const { pid, exitCode, signalCode } = this.#child;
    if (pid === undefined || exitCode !== null || signalCode !== null) return;
    const ended = once(this.#child, "exit");
    this.#child.stdin.end();
    await ended;
  }

  async #ask<Answer>(request: { readonly do: string; readonly [field: string]: unknown }): Promise<Answer> {
    this.#child.stdin.write(`${JSON.stringify(request)}\n`);
    const line = await this.#answers.next();
    if (line.done) {
      throw new Error(
        `Cannot ask PyTorch to do "${request.do}": its process must run (got ${this.#complaints || "its end"})`,
      );
    }
    const answer = JSON.parse(line.value) as Answer & { readonly error?: string };
    if (answer.error !== undefined) {
      throw new Error(`Cannot continue: PyTorch must do "${request.do}" (got ${answer.error})`);
    }
    return answer;
  }
}

const base64 = ({ buffer, byteOffset, byteLength }: Float32Array | Int32Array): string =>
  Buffer.from(buffer, byteOffset, byteLength).toString("base64");
