/** The default engine: an ONNX program in ONNX Runtime, on one thread or a device, all gradients in one flat array. */
import type { Parameter, TensorType } from "../graph/graph.ts";
import { modelNames } from "../onnx/model-names.ts";
import { OrtSession, type SessionHandle } from "../ort/session.ts";
import { type Binding, type SessionArray, SessionRun } from "../ort/session-run.ts";
import { BufferedEngine } from "./buffered-engine.ts";
import type { EngineOptions, OrtProgram } from "./engine.ts";

export class OrtEngine extends BufferedEngine<OrtProgram> {
  readonly #loss = new Float32Array(new SharedArrayBuffer(4));
  /** Null where the process holds one for all threads. */
  readonly #ownSession: OrtSession | null;
  #run: SessionRun | null;

  private constructor(
    program: OrtProgram,
    session: SessionHandle,
    ownSession: OrtSession | null,
    options: EngineOptions,
  ) {
    super(program, options);
    this.#ownSession = ownSession;
    const { draws, features, gradient, labels, nextState, parameters, predictions, state } = this.buffers;
    const slices = (name: (index: number) => string, flat: Float32Array): Binding[] =>
      bindings(program.parameters, program.parameterShapes, name, flat);
    const stateSlices = (name: (index: number) => string, flat: Float32Array): Binding[] =>
      bindings(program.state, program.stateShapes, name, flat);
    this.#run = new SessionRun(
      session,
      [
        ...columns(program.features, modelNames.features, features),
        ...columns(program.labels, modelNames.labels, labels),
        ...slices(modelNames.parameter, parameters),
        ...stateSlices(modelNames.state, state),
        ...program.random.map(({ length, offset, shape }, i) => ({
          name: modelNames.draw(i),
          data: draws.subarray(offset, offset + length),
          shape,
        })),
      ],
      [
        { name: modelNames.loss, data: this.#loss, shape: [] },
        ...(program.training
          ? [...slices(modelNames.gradient, gradient), ...stateSlices(modelNames.nextState, nextState)]
          : columns(program.predictions, modelNames.predictions, predictions)),
      ],
    );
  }

  static async open(program: OrtProgram, options: EngineOptions): Promise<OrtEngine> {
    const { code, device, session } = program;
    if (session !== null) return new OrtEngine(program, session, null, options);
    const own = await OrtSession.create(code, { device, planMemory: !options.lowMemory });
    return new OrtEngine(program, own.handle, own, options);
  }

  protected async compute(): Promise<number> {
    await this.#run?.run();
    return this.#loss[0];
  }

  async dispose(): Promise<void> {
    this.#run?.dispose();
    this.#run = null;
    await this.#ownSession?.dispose();
  }
}

/** Whole arrays as tensors of a session. */
function columns(
  types: readonly TensorType[],
  name: (index: number) => string,
  arrays: readonly SessionArray[],
): Binding[] {
  return arrays.map((data, i) => ({ name: name(i), data, shape: types[i].shape }));
}

/** The parts of a flat vector as tensors of a session. */
function bindings(
  parts: readonly Parameter[],
  shapes: readonly (readonly number[])[],
  name: (index: number) => string,
  flat: Float32Array,
): Binding[] {
  return parts.map(({ offset, length }, i) => ({
    name: name(i),
    data: flat.subarray(offset, offset + length),
    shape: shapes[i],
  }));
}
