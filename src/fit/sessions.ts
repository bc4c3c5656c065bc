/**
 * Which sessions there are, by model: found again by the next call, ended by {@link release} or when the model is disposed of.
 */
import { cannot, YfError } from "../errors.ts";
import type { RunSpec } from "../options/run-spec.ts";
import { layers } from "../tfjs/tf.ts";
import { CompiledMetrics } from "./compiled-metrics.ts";
import { FitSession } from "./fit-session.ts";
import { changeOf, type FitSettings, settingsOf } from "./fit-settings.ts";

interface Kept {
  readonly session: FitSession;
  readonly metrics: CompiledMetrics;
  readonly settings: FitSettings;
}

/** A session for one call. */
export interface OpenSession extends Pick<Kept, "metrics" | "session"> {
  /** Why the state of the optimizer begins anew although the model was trained before; null where it does not. */
  readonly beginsAnew: string | null;
}

const sessions = new WeakMap<layers.LayersModel, Kept>();
const busy = new WeakSet<layers.LayersModel>();
const watched = new WeakSet<layers.LayersModel>();
/** Models whose sessions ended by a failure, until the next call. */
const failed = new WeakSet<layers.LayersModel>();

/**
 * Lets one call use the session of a model, alone. A call that fails leaves no thread, and ends the session where it failed
 * in the midst of updates.
 *
 * @throws {YfError} `BAD_MODEL` if another call uses it, or it is no LayersModel.
 */
export async function withSession<T>(
  model: layers.LayersModel,
  use: (open: (spec: RunSpec) => Promise<OpenSession>) => Promise<T>,
): Promise<T> {
  if (!(model instanceof layers.LayersModel)) {
    const rule = "must be a LayersModel of the same copy of @tensorflow/tfjs-layers as this package's";
    throw new YfError("BAD_MODEL", cannot("fit the model", rule, model), { received: model });
  }
  if (busy.has(model)) {
    const rule = "must not be in another run, whose end must be awaited";
    throw new YfError("BAD_MODEL", cannot(`fit the model ${model.name}`, rule), { model: model.name });
  }
  busy.add(model);
  try {
    return await use((spec) => sessionOf(model, spec));
  } catch (error) {
    await restAfterFailure(model);
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
  failed.delete(model);
  await endSession(model);
}

async function restAfterFailure(model: layers.LayersModel): Promise<void> {
  const session = sessions.get(model)?.session;
  if (session === undefined) return;
  if (!session.isNew && !session.isUpdating) return session.endThreads();
  if (!session.isNew) failed.add(model);
  await endSession(model);
}

async function endSession(model: layers.LayersModel): Promise<void> {
  const kept = sessions.get(model);
  sessions.delete(model);
  await kept?.session.close();
}

async function sessionOf(model: layers.LayersModel, spec: RunSpec): Promise<OpenSession> {
  const settings = settingsOf(model, spec);
  const known = sessions.get(model);
  const change = known === undefined ? null : changeOf(known.settings, settings);
  if (known !== undefined && change === null) return { ...known, beginsAnew: null };
  // What TensorFlow.js keeps as long as the optimizer is the same one.
  const state =
    known !== undefined && change?.keepsOptimizer === true ? known.session.optimizerState(spec) : null;
  const hasTrained = known?.session.isNew === false;
  await endSession(model);
  const metrics = new CompiledMetrics(model);
  const kept = { session: await FitSession.open(spec, metrics, state), metrics, settings };
  sessions.set(model, kept);
  endWith(model);
  const reason = failed.delete(model) ? "the call before failed" : hasTrained ? change?.reason : undefined;
  return { ...kept, beginsAnew: state === null ? (reason ?? null) : null };
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
