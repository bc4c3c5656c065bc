/**
 * One recording of a model, its loss and its gradients on the trace backend.
 *
 * Owns the order of things: placeholders, parameters, forward pass, loss, backward pass. What the engine must do
 * differently meanwhile is in `watch.ts`; making a graph of the recording is `prune.ts`.
 */
import { cannot, YfError } from "../errors.ts";
import type { GraphInput, Parameter, TensorType, ValueId } from "../graph/graph.ts";
import { LabelWatch } from "./label-watch.ts";
import { ActivationLog } from "./last-activation.ts";
import type { TraceResult } from "./prune.ts";
import { Recorder } from "./recorder.ts";
import { registerTraceKernels } from "./register-trace-kernels.ts";
import { separateVariables } from "./separate-variables.ts";
import { type layers, tf } from "./tf.ts";
import type { TotalLoss } from "./total-loss.ts";
import { TraceBackend, traceBackendName } from "./trace-backend.ts";
import type { Weight } from "./trainable-weights.ts";
import { watch } from "./watch.ts";

export interface RecordOptions {
  /** The model as a function, already in the right mode (training or inference). */
  readonly model: (features: readonly tf.Tensor[]) => unknown;
  /** Layers whose calls give nodes their `layer`. */
  readonly layers: readonly layers.layers.Layer[];
  /** Those whose own assignments are left out. */
  readonly frozen: ReadonlySet<layers.layers.Layer>;
  readonly loss: TotalLoss;
  /** Scalars to add to the loss: the penalties of the layers' regularizers. */
  readonly penalties: () => tf.Scalar[];
  readonly weights: readonly Weight[];
  /** Name of a variable that is not trained. */
  readonly nameOf: (variable: tf.Variable) => string;
  /** Weights that another recording of the model assigns: inputs of this one. */
  readonly state: readonly Weight[];
  /** Names and types of the columns of the whole minibatch. */
  readonly features: readonly NamedType[];
  readonly labels: readonly NamedType[];
  readonly batchSize: number;
  readonly training: boolean;
  /** Seed of every random tf op of this recording; two recordings have two pins. */
  readonly pin: number;
}

/** Of a tensor that is an input of the program. */
interface NamedType extends TensorType {
  readonly name: string;
}

/** A recording, and what it found about weights. */
export interface Recording extends TraceResult {
  /** Variables that the program assigns, in order of the first time. */
  readonly assigned: readonly tf.Variable[];
  /** Weights that the loss does not depend on: they have no gradients in the outputs. */
  readonly unreached: readonly Weight[];
  /** Names of frozen layers whose own assignments were left out. */
  readonly kept: readonly string[];
}

/**
 * Records the program once. Synchronous, so that nothing else can run while the engine is changed; backend,
 * tensors and weights are as before when it returns or throws.
 */
export function record(options: RecordOptions): Recording {
  const recorder = new Recorder();
  const backend = new TraceBackend(recorder);
  // Starts the user's backend if nothing has used it yet; otherwise there would be none to come back to.
  tf.backend();
  const previous = tf.getBackend();
  registerTraceKernels();
  tf.registerBackend(traceBackendName, () => backend);
  const trained = new Set(options.weights.map(({ variable }) => variable));
  const kept = new Set<string>();
  const idOf = (tensor: tf.Tensor) => backend.valueIdOf(tensor);
  const activations = new ActivationLog(idOf);
  const labelWatch = new LabelWatch(idOf);
  const unwatch = watch(recorder, options.layers, options.pin, {
    assigned(variable, value, running) {
      if (!options.training || trained.has(variable)) return;
      const frozen = running.find((layer) => options.frozen.has(layer));
      if (frozen === undefined) {
        requireFloat(options.nameOf(variable), variable);
        backend.assign(variable, value);
      } else kept.add(frozen.name);
    },
    called(kernel, inputs, output) {
      activations.note(kernel, inputs, output, recorder.layer);
      labelWatch.note(kernel, inputs, output);
    },
  });
  const unite = separateVariables(backend);
  try {
    // setBackend() waits only for backends that start asynchronously; for this one it is done when it returns.
    void tf.setBackend(traceBackendName);
    return {
      ...recordOn(backend, recorder, { activations, labelWatch }, options),
      assigned: [...backend.assigned.keys()],
      kept: [...kept],
    };
  } finally {
    unite();
    unwatch();
    void tf.setBackend(previous);
    tf.removeBackend(traceBackendName);
  }
}

function recordOn(
  backend: TraceBackend,
  recorder: Recorder,
  { activations, labelWatch }: { activations: ActivationLog; labelWatch: LabelWatch },
  options: RecordOptions,
): Omit<Recording, "assigned" | "kept"> {
  const { batchSize } = options;
  const features = options.features.map(placeholder);
  const labels = options.labels.map(placeholder);
  const tensors = (placeholders: typeof features) => placeholders.map(({ tensor }) => tensor);
  const inputs = (placeholders: typeof features) => placeholders.map(({ input }) => input);
  const bound = (weights: readonly Weight[]) =>
    slices(weights, ({ variable }) => {
      const value = recorder.value({ shape: variable.shape, dtype: "float32" });
      backend.bind(variable, value);
      return value;
    });
  const parameters = bound(options.weights);
  const given = bound(options.state);

  let loss: ValueId = -1;
  let predictions: ValueId[] = [];
  const forward = (): tf.Scalar => {
    const output = as("BAD_MODEL", () => settled(options.model(tensors(features))));
    backend.requireUnread();
    const outputs = checkedOutputs(output, batchSize);
    labelWatch.begin(tensors(labels));
    const result = as("BAD_LOSS", () =>
      settled<unknown>(options.loss(tensors(labels), outputs, activations.find)),
    );
    backend.requireUnread();
    const dataLoss = checkedLoss(result);
    const value = options.penalties().reduce<tf.Scalar>((sum, penalty) => tf.add(sum, penalty), dataLoss);
    predictions = outputs.map((output) => backend.valueIdOf(output));
    loss = backend.valueIdOf(value);
    return value;
  };

  let gradients: ValueId[] = [];
  let unreached: Weight[] = [];
  if (options.training) {
    const variables = options.weights.map(({ variable }) => variable);
    const { grads } = as("BAD_MODEL", () => tf.engine().gradients(forward, variables, undefined, true));
    const reached = grads as readonly (tf.Tensor | undefined)[];
    gradients = reached.flatMap((gradient) => (gradient ? [backend.valueIdOf(gradient)] : []));
    unreached = options.weights.filter((_, i) => !reached[i]);
  } else {
    tf.tidy(() => {
      forward();
    });
  }
  const assigned = [...backend.assigned];
  const state = options.training
    ? slices(
        assigned.map(([variable]) => ({ name: options.nameOf(variable), variable })),
        (_, i) => assigned[i][1].before,
      )
    : given;
  const outputs = { loss, predictions, gradients, state: assigned.map(([, { after }]) => after) };
  return {
    recorder,
    batchSize,
    features: inputs(features),
    labels: inputs(labels),
    parameters,
    state,
    outputs,
    unreached,
  };

  function placeholder({ dtype, name, shape }: NamedType): { input: GraphInput; tensor: tf.Tensor } {
    const value = recorder.value({ dtype, shape });
    const info = { dataId: backend.handle(value), shape: [...shape], dtype };
    return { input: { name, value }, tensor: tf.engine().makeTensorFromTensorInfo(info, backend) };
  }
}

/** What a step assigns is kept in one flat vector of float32. @throws {YfError} `BAD_MODEL`. */
function requireFloat(name: string, { dtype }: tf.Variable): void {
  if (dtype === "float32") return;
  const rule = "a variable that a training step assigns must be float32";
  throw new YfError("BAD_MODEL", cannot("train the model", rule, `${name} of type ${dtype}`), {
    weight: name,
    dtype,
  });
}

/** The slices of a flat vector that hold these weights one after the other. */
function slices(weights: readonly Weight[], valueAt: (weight: Weight, i: number) => ValueId): Parameter[] {
  let offset = 0;
  return weights.map((weight, i) => {
    const length = weight.variable.size;
    const slice = { name: weight.name, value: valueAt(weight, i), offset, length };
    offset += length;
    return slice;
  });
}

/** Runs user code; what TensorFlow.js throws in it becomes an error of this package with its message. */
function as<T>(code: "BAD_MODEL" | "BAD_LOSS", run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof YfError) throw error;
    const [action, rule] =
      code === "BAD_LOSS"
        ? ["compute the loss", "must accept these labels and predictions"]
        : ["trace the model", "TensorFlow.js must accept it"];
    const message = error instanceof Error ? error.message : String(error);
    throw new YfError(code, cannot(action, rule, message), { thrown: message }, error);
  }
}

/** What user code returned. Promises are refused later, and must not fail meanwhile where no one listens. */
function settled<T>(value: T): T | string {
  if (!(value instanceof Promise)) return value;
  value.catch(() => undefined);
  return "a promise";
}

function checkedOutputs(output: unknown, batchSize: number): tf.Tensor[] {
  const outputs: unknown[] = Array.isArray(output) ? output : [output];
  const fits = (one: unknown): one is tf.Tensor => one instanceof tf.Tensor && one.shape[0] === batchSize;
  if (outputs.length > 0 && outputs.every(fits)) return outputs;
  const wrong = outputs.find((one) => !fits(one));
  const received = wrong instanceof tf.Tensor ? `[${wrong.shape}]` : wrong;
  const rule = `must return a tensor, or a list of tensors, of ${batchSize} rows, one per example`;
  throw new YfError("BAD_MODEL", cannot("train the model", rule, received), { batchSize, received });
}

function checkedLoss(loss: unknown): tf.Scalar {
  if (loss instanceof tf.Tensor && loss.rank === 0) return loss as tf.Scalar;
  const received = loss instanceof tf.Tensor ? `a tensor of shape [${loss.shape}]` : loss;
  throw new YfError(
    "BAD_LOSS",
    cannot("use the loss", "must return a scalar, the mean of the minibatch", received),
    loss instanceof tf.Tensor ? { shape: loss.shape } : { received: loss },
  );
}
