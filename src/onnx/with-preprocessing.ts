/** Puts what is done to data before a model sees them in front of its ONNX graph: a cast, a scale and an offset. */
import {
  elementTypes,
  type OnnxModel,
  type OnnxNode,
  type OnnxTensor,
  type OnnxValue,
} from "./model-proto.ts";

/** What an input takes, and what the model sees of it: `scale·x + offset` in float32. */
export interface Preprocessing {
  readonly stored: "uint8" | "float32" | "int32";
  readonly scale: number;
  readonly offset: number;
}

/**
 * Inputs keep their names and shapes and take numbers as the data set stores them, bytes of images in particular.
 *
 * @param inputs One for each input of the model, in their order. Inputs of int32 are left as they are.
 */
export function withPreprocessing(model: OnnxModel, inputs: readonly Preprocessing[]): OnnxModel {
  const steps = model.inputs.map((input, i) => stepsOf(input, inputs[i]));
  const renamed = new Map(
    steps.flatMap(({ input, seen }) => (seen === input.name ? [] : [[input.name, seen]])),
  );
  const after = model.nodes.map((node) => ({
    ...node,
    inputs: node.inputs.map((name) => renamed.get(name) ?? name),
  }));
  return {
    ...model,
    inputs: steps.map(({ input }) => input),
    initializers: [...model.initializers, ...steps.flatMap(({ constants }) => constants)],
    nodes: [...steps.flatMap(({ nodes }) => nodes), ...after],
  };
}

interface Steps {
  readonly input: OnnxValue;
  /** Name of what the model sees. */
  readonly seen: string;
  readonly nodes: readonly OnnxNode[];
  readonly constants: readonly OnnxTensor[];
}

function stepsOf(input: OnnxValue, { offset, scale, stored }: Preprocessing): Steps {
  if (input.type !== "float32") return { input, seen: input.name, nodes: [], constants: [] };
  const nodes: OnnxNode[] = [];
  const constants: OnnxTensor[] = [];
  let seen = input.name;
  const step = (
    op: string,
    name: string,
    more: readonly string[],
    attributes: OnnxNode["attributes"] = {},
  ) => {
    const output = `${input.name}_${name}`;
    nodes.push({ op, domain: "", inputs: [seen, ...more], outputs: [output], attributes });
    seen = output;
  };
  const constant = (name: string, value: number): string[] => {
    const tensor = `${input.name}_${name}`;
    const bytes = new Uint8Array(Float32Array.of(value).buffer);
    constants.push({ name: tensor, type: "float32", shape: [], bytes });
    return [tensor];
  };
  if (stored !== "float32") step("Cast", "cast", [], { to: elementTypes.float32 });
  if (scale !== 1) step("Mul", "scaled", constant("scale", scale));
  if (offset !== 0) step("Add", "shifted", constant("offset", offset));
  return { input: { ...input, type: stored }, seen, nodes, constants };
}
