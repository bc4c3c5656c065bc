/** Callbacks of TensorFlow.js and of the user, as one list that awaits them in order. */
import { cannot, YfError } from "../errors.ts";
import { layers } from "../tfjs/tf.ts";
import type { CallbackInstance, FitCallback, FitCallbackFunctions, FitRunConfig } from "./fit-config.ts";

type Logs = Record<string, number>;

const names = [
  "onTrainBegin",
  "onTrainEnd",
  "onEpochBegin",
  "onEpochEnd",
  "onBatchBegin",
  "onBatchEnd",
  "onYield",
] as const satisfies readonly (keyof FitCallbackFunctions)[];

export class FitCallbacks {
  readonly history = new layers.History();
  /** Whether anybody asks about minibatches. */
  readonly wantsBatches: boolean;
  readonly #list: layers.CallbackList;
  readonly #yields: readonly NonNullable<FitCallbackFunctions["onYield"]>[];
  #yielding: Promise<void> = Promise.resolve();

  /**
   * @param params What callbacks may ask of the run. @param metrics Names of the metrics.
   * @throws {YfError} `BAD_OPTION` for what is no callback.
   */
  constructor(
    { callbacks: given, epochs = 1, initialEpoch = 0, verbose = 1 }: FitRunConfig,
    model: layers.LayersModel,
    params: Record<string, number | boolean | null>,
    metrics: readonly string[],
  ) {
    const all = (given === undefined || given === null ? [] : [given].flat()) as FitCallback[];
    const callbacks = all.map(asCallback);
    this.wantsBatches = all.some(asksForBatches);
    this.#yields = all.flatMap((one) => {
      const { onYield } = one as FitCallbackFunctions;
      return typeof onYield === "function" ? [onYield.bind(one)] : [];
    });
    this.#list = new layers.CallbackList([...callbacks, this.history]);
    this.#list.setParams({
      ...params,
      epochs,
      initialEpoch,
      verbose,
      metrics: ["loss", ...metrics],
    } as unknown as Parameters<layers.CallbackList["setParams"]>[0]);
    this.#list.setModel(model);
  }

  trainBegin(): Promise<void> {
    return this.#list.onTrainBegin();
  }

  trainEnd(): Promise<void> {
    return this.#list.onTrainEnd();
  }

  epochBegin(epoch: number): Promise<void> {
    return this.#list.onEpochBegin(epoch);
  }

  epochEnd(epoch: number, logs: Logs): Promise<void> {
    return this.#list.onEpochEnd(epoch, logs);
  }

  batchBegin(batch: number, logs: Logs): Promise<void> {
    return this.#list.onBatchBegin(batch, logs);
  }

  batchEnd(batch: number, logs: Logs): Promise<void> {
    return this.#list.onBatchEnd(batch, logs);
  }

  /** Calls `onYield` after those before it. @param onError Hears at once of one that throws; {@link yielded} rejects. */
  yield(epoch: number, batch: number, logs: Logs, onError: () => void): void {
    if (this.#yields.length === 0) return;
    this.#yielding = this.#yielding.then(async () => {
      for (const onYield of this.#yields) await onYield(epoch, batch, logs);
    });
    this.#yielding.catch(onError);
  }

  /** Waits for all calls of `onYield`. */
  yielded(): Promise<void> {
    return this.#yielding;
  }
}

/** Those of TensorFlow.js as they are, of whichever copy; objects with functions as one of its own. */
function asCallback(given: FitCallback): layers.CustomCallback {
  if (typeof given !== "object" || given === null) throw refused(given);
  if (typeof (given as CallbackInstance).setParams === "function") return given as layers.CustomCallback;
  const functions = given as FitCallbackFunctions;
  if (!names.some((name) => typeof functions[name] === "function")) throw refused(Object.keys(given));
  // Its own onYield comes after minibatches, which no one counts here.
  const others = names.filter((name) => name !== "onYield");
  const bound = Object.fromEntries(others.map((name) => [name, functions[name]?.bind(given)]));
  return new layers.CustomCallback(bound, "never");
}

function asksForBatches(given: FitCallback): boolean {
  const plain = layers.Callback.prototype;
  const { onBatchBegin, onBatchEnd } = given as FitCallbackFunctions;
  if (typeof (given as CallbackInstance).setParams !== "function") return Boolean(onBatchBegin ?? onBatchEnd);
  const { batchBegin, batchEnd } = given as unknown as Record<string, unknown>;
  if (given instanceof layers.CustomCallback) return Boolean(batchBegin ?? batchEnd);
  return onBatchBegin !== plain.onBatchBegin || onBatchEnd !== plain.onBatchEnd;
}

function refused(received: unknown): YfError {
  const rule = `must be a callback of TensorFlow.js, or an object with some of ${names.join(", ")}`;
  return new YfError("BAD_OPTION", cannot("use a callback", rule, received), { option: "callbacks" });
}
