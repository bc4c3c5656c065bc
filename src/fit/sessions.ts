/**
 * Which sessions there are, by model: found again by the next call, ended by {@link release} or when the model is disposed of.
 */
import { cannot, YfError } from "../errors.ts";
import type { RunSpec } from "../options/run-spec.ts";
import { layers } from "../tfjs/tf.ts";
import { CompiledMetrics } from "./compiled-metrics.ts";
import { compiledVariables } from "./compiled-part.ts";
import { FitSession } from "./fit-session.ts";

interface Kept {
  readonly session: FitSession;
  readonly metrics: CompiledMetrics;
  /** What it is for: settings and what is trained, and the moment of `model.compile`. */
  readonly settings: string;
  readonly compiled: unknown;
}

const sessions = new WeakMap<layers.LayersModel, Kept>();
const busy = new WeakSet<layers.LayersModel>();
const watched = new WeakSet<layers.LayersModel>();

/**
 * Lets one call use the session of a model, alone. A call that fails ends it.
 *
 * @throws {YfError} `BAD_MODEL` if another call uses it, or it is no LayersModel.
 */
export async function withSession<T>(
  model: layers.LayersModel,
  use: (open: (spec: RunSpec) => Promise<Pick<Kept, "metrics" | "session">>) => Promise<T>,
): Promise<T> {
  if (!(model instanceof layers.LayersModel)) {
    const rule = "must be a LayersModel of the same copy of @tensorflow/tfjs-layers as this package's";
    throw new YfError("BAD_MODEL", cannot("fit the model", rule, model));
  }
  if (busy.has(model)) {
    const rule = "must not be in another run, whose end must be awaited";
    throw new YfError("BAD_MODEL", cannot(`fit the model ${model.name}`, rule), { model: model.name });
  }
  busy.add(model);
  try {
    return await use((spec) => sessionOf(model, spec));
  } catch (error) {
    await endSession(model);
    throw error;
  } finally {
    busy.delete(model);
  }
}

/**
 * Ends the threads that are kept for a model, and forgets the state of its optimizer. So does `model.dispose()`; and without
 * either the process ends as it would.
 *
 * @throws {YfError} `BAD_MODEL` while the model is trained.
 */
export async function release(model: layers.LayersModel): Promise<void> {
  if (busy.has(model)) {
    const rule = "its run must be awaited first";
    throw new YfError("BAD_MODEL", cannot(`release the model ${model.name}`, rule), { model: model.name });
  }
  await endSession(model);
}

async function endSession(model: layers.LayersModel): Promise<void> {
  const kept = sessions.get(model);
  sessions.delete(model);
  await kept?.session.close();
}

async function sessionOf(
  model: layers.LayersModel,
  spec: RunSpec,
): Promise<Pick<Kept, "metrics" | "session">> {
  const { faults, interleaving, optimizer, randomness, target } = spec;
  // A learning rate may change at any time.
  const settings = JSON.stringify([
    compiledVariables(model).map(({ id }) => id),
    faults,
    interleaving,
    { ...optimizer, learningRate: null },
    randomness,
    target,
  ]);
  // Whoever compiles anew begins anew, with a list of its own.
  const compiled = (model as unknown as { metricsTensors: unknown }).metricsTensors;
  const known = sessions.get(model);
  if (known !== undefined && known.settings === settings && known.compiled === compiled) return known;
  await endSession(model);
  const metrics = new CompiledMetrics(model);
  const kept = { session: await FitSession.open(spec, metrics), metrics, settings, compiled };
  sessions.set(model, kept);
  endWith(model);
  return kept;
}

/** Lets the session end when the model is disposed of. */
function endWith(model: layers.LayersModel): void {
  if (watched.has(model)) return;
  watched.add(model);
  const { dispose } = model;
  model.dispose = function (this: layers.LayersModel) {
    void endSession(model);
    return dispose.call(this);
  };
}
