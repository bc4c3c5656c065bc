/** The default engine: an ONNX program in ONNX Runtime, one thread, all gradients in one flat array. */
import type { Parameter } from "../graph/graph.ts";
import { createRandom } from "../math/random.ts";
import { modelNames } from "../onnx/model-names.ts";
import { OrtSession } from "../ort/session.ts";
import { type Binding, type SessionArray, SessionRun } from "../ort/session-run.ts";
import { allocateBuffers } from "./buffers.ts";
import type { EngineOptions, GradientEngine, Program } from "./engine.ts";

/** ONNX has seeds in float32, which holds integers below this exactly. */
const seedRange = 2 ** 24;

export class OrtEngine implements GradientEngine {
  readonly program: Program;
  readonly features: SessionArray;
  readonly labels: SessionArray;
  readonly parameters: Float32Array;
  readonly state: Float32Array;
  readonly gradient: Float32Array;
  readonly nextState: Float32Array;
  readonly predictions: Float32Array;
  readonly #loss = new Float32Array(new SharedArrayBuffer(4));
  /** Null where the process holds one for all threads. */
  readonly #ownSession: OrtSession | null;
  #run: SessionRun | null;

  private constructor(program: Program, ownSession: OrtSession | null, buffers: EngineOptions["buffers"]) {
    this.program = program;
    const { features, gradient, labels, nextState, parameters, predictions, state } = allocateBuffers(
      program,
      buffers,
    );
    this.features = features;
    this.labels = labels;
    this.parameters = parameters;
    this.state = state;
    this.gradient = gradient;
    this.nextState = nextState;
    this.predictions = predictions;
    this.#ownSession = ownSession;
    const session = (ownSession?.handle ?? program.session) as NonNullable<Program["session"]>;
    const slices = (name: (index: number) => string, flat: Float32Array): Binding[] =>
      bindings(program.parameters, program.parameterShapes, name, flat);
    const stateSlices = (name: (index: number) => string, flat: Float32Array): Binding[] =>
      bindings(program.state, program.stateShapes, name, flat);
    this.#run = new SessionRun(
      session,
      [
        { name: modelNames.features, data: features, shape: program.features.shape },
        { name: modelNames.labels, data: labels, shape: program.labels.shape },
        ...slices(modelNames.parameter, parameters),
        ...stateSlices(modelNames.state, state),
      ],
      [
        { name: modelNames.loss, data: this.#loss, shape: [] },
        ...(program.training
          ? [...slices(modelNames.gradient, gradient), ...stateSlices(modelNames.nextState, nextState)]
          : [{ name: modelNames.predictions, data: predictions, shape: program.predictions.shape }]),
      ],
    );
  }

  static async open(program: Program, { buffers, frugal, seed }: EngineOptions): Promise<OrtEngine> {
    const ownSession =
      program.session === null
        ? OrtSession.create(await seededBytes(program, seed), { planMemory: !frugal })
        : null;
    return new OrtEngine(program, ownSession, buffers);
  }

  async run(): Promise<number> {
    this.#run?.run();
    return this.#loss[0];
  }

  async dispose(): Promise<void> {
    this.#run?.dispose();
    this.#run = null;
    this.#ownSession?.dispose();
  }
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

/** The model, with seeds where it draws. */
async function seededBytes({ code, draws }: Program, seed: number): Promise<Uint8Array> {
  if (!draws) return code as Uint8Array;
  // Only then does a thread load protobuf.
  const { withSeeds } = await import("../onnx/model-proto.ts");
  const random = createRandom(seed);
  return withSeeds(code as Uint8Array, () => Math.floor(random() * seedRange));
}
