/** The default engine: an ONNX program in onnxruntime, one thread, all gradients in one flat array. */
import { createRandom } from "../math/random.ts";
import { modelNames } from "../onnx/model-names.ts";
import { type Binding, OrtSession, type SessionArray } from "../ort/session.ts";
import { allocateBuffers } from "./buffers.ts";
import type { EngineOptions, GradientEngine, Program } from "./engine.ts";

/** ONNX has seeds in float32, which holds integers below this exactly. */
const seedRange = 2 ** 24;

export class OrtEngine implements GradientEngine {
  readonly program: Program;
  readonly features: SessionArray;
  readonly labels: SessionArray;
  readonly parameters: Float32Array;
  readonly gradient: Float32Array;
  readonly predictions: Float32Array;
  readonly #loss = new Float32Array(1);
  #session: OrtSession | null = null;

  private constructor(program: Program) {
    this.program = program;
    const { features, gradient, labels, parameters, predictions } = allocateBuffers(program);
    this.features = features;
    this.labels = labels;
    this.parameters = parameters;
    this.gradient = gradient;
    this.predictions = predictions;
  }

  static async open(program: Program, { frugal, seed }: EngineOptions): Promise<OrtEngine> {
    const engine = new OrtEngine(program);
    const { features, labels, predictions } = program;
    const slices = (name: (index: number) => string, flat: Float32Array): Binding[] =>
      program.parameters.map(({ offset, length }, i) => ({
        name: name(i),
        data: flat.subarray(offset, offset + length),
        shape: program.parameterShapes[i],
      }));
    engine.#session = await OrtSession.create(
      await seededBytes(program, seed),
      [
        { name: modelNames.features, data: engine.features, shape: features.shape },
        { name: modelNames.labels, data: engine.labels, shape: labels.shape },
        ...slices(modelNames.parameter, engine.parameters),
      ],
      [
        { name: modelNames.loss, data: engine.#loss, shape: [] },
        ...(program.training
          ? slices(modelNames.gradient, engine.gradient)
          : [{ name: modelNames.predictions, data: engine.predictions, shape: predictions.shape }]),
      ],
      { planMemory: !frugal },
    );
    return engine;
  }

  async run(): Promise<number> {
    await this.#session?.run();
    return this.#loss[0];
  }

  async dispose(): Promise<void> {
    await this.#session?.dispose();
    this.#session = null;
  }
}

/** The model in memory of this thread, as onnxruntime asks for, with seeds where it draws. */
async function seededBytes({ code, draws }: Program, seed: number): Promise<Uint8Array> {
  if (!draws) return Uint8Array.from(code as Uint8Array);
  // Only then does a thread load protobuf.
  const { withSeeds } = await import("../onnx/model-proto.ts");
  const random = createRandom(seed);
  return withSeeds(code as Uint8Array, () => Math.floor(random() * seedRange));
}
