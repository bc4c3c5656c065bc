/**
 * Everything that is put around the TensorFlow.js engine during a recording, and taken off again.
 *
 * The engine, the layers and the class Variable get own properties in front of their methods; taking them off is
 * putting back what was there. Recordings are synchronous, so no other code sees the changed engine.
 */
import { cannot, YfError } from "../errors.ts";
import { derivedKernels } from "./derived-kernels.ts";
import { pinRandomness } from "./pin-randomness.ts";
import type { Recorder } from "./recorder.ts";
import { sourceKernels } from "./source-kernels.ts";
import { type layers, tf } from "./tf.ts";
import { tracedKernels } from "./traced-kernels.ts";

type Method = (...args: never[]) => unknown;

/** tf ops run in a scope named after them with this suffix. */
const opSuffix = "__op";

/** What happens during a recording. */
interface WatchEvents {
  /** A variable would get another value. @param running The layers that run, innermost last. */
  assigned(variable: tf.Variable, value: tf.Tensor, running: readonly layers.layers.Layer[]): void;
  /** A kernel was called. */
  called(kernel: string, inputs: Readonly<Record<string, unknown>>, output: unknown): void;
}

/**
 * Starts watching and returns the function that ends it.
 *
 * Meanwhile the recorder knows the running tf op and layer; a kernel that a trace does not understand throws
 * NO_TRACE; random ops draw from the pinned stream; `Variable.assign` is only told, so that weights keep their
 * numbers. Ending it disposes every tensor made meanwhile, kept ones included.
 */
export function watch(
  recorder: Recorder,
  layerList: readonly layers.layers.Layer[],
  pin: number,
  events: WatchEvents,
): () => void {
  const undo: (() => void)[] = [];
  const wrap = (owner: object, name: string, wrapper: (original: Method) => Method) => {
    const own = Object.getOwnPropertyDescriptor(owner, name);
    const original = (owner as Record<string, Method>)[name].bind(owner) as Method;
    Object.defineProperty(owner, name, { value: wrapper(original), configurable: true, writable: true });
    undo.push(() => {
      if (own) Object.defineProperty(owner, name, own);
      else delete (owner as Record<string, unknown>)[name];
    });
  };
  const engine = tf.engine();
  const made: tf.Tensor[] = [];
  const running: layers.layers.Layer[] = [];
  const unpin: (() => void)[] = [];

  wrap(engine, "startScope", (original) => (name?: string) => {
    const op = name?.endsWith(opSuffix) ? name.slice(0, -opSuffix.length) : recorder.ops.at(-1);
    recorder.ops.push(op ?? "tensor");
    unpin.push(pinRandomness(op, pin));
    return (original as (name?: string) => void)(name);
  });
  wrap(engine, "endScope", (original) => (result: never) => {
    recorder.ops.pop();
    unpin.pop()?.();
    return original(result);
  });
  wrap(engine, "runKernel", (original) => (...args: [string, ...never[]]) => {
    checkKernel(args[0], recorder.layer);
    const output = (original as (...args: unknown[]) => unknown)(...args);
    events.called(args[0], args[1], output);
    return output;
  });
  wrap(engine, "makeVariable", () => (_: tf.Tensor, __: boolean, name?: string) => {
    const { layer } = recorder;
    const rule = "every variable must be there before (build() makes those of a layer)";
    const received = `a new variable ${name ?? "without a name"}`;
    throw new YfError("NO_TRACE", cannot("trace the model", rule, received), {
      layer,
      variable: name ?? null,
    });
  });
  wrap(engine, "trackTensor", (original) => (tensor: tf.Tensor, ...rest: never[]) => {
    made.push(tensor);
    return (original as (...args: unknown[]) => unknown)(tensor, ...rest);
  });
  wrap(
    tf.Variable.prototype,
    "assign",
    () =>
      function (this: tf.Variable, value: tf.Tensor) {
        events.assigned(this, value, running);
      },
  );
  for (const layer of layerList) {
    wrap(layer, "call", (original) => (...args: never[]) => {
      recorder.layers.push(layer.name);
      running.push(layer);
      try {
        return original(...args);
      } finally {
        recorder.layers.pop();
        running.pop();
      }
    });
  }
  return () => {
    for (const restore of [...unpin, ...undo].reverse()) restore();
    for (const tensor of made) tensor.dispose();
  };
}

function checkKernel(kernel: string, layer: string | null): void {
  if (tracedKernels.has(kernel) || kernel in derivedKernels || sourceKernels.has(kernel)) return;
  const where = layer === null ? "outside of any layer" : `in layer ${layer}`;
  const rule = "every kernel that it calls must be one that a trace understands, whatever the engine";
  throw new YfError("NO_TRACE", cannot("trace the model", rule, `${kernel} ${where}`), { kernel, layer });
}
