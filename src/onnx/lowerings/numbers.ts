/**
 * Integers and booleans through operators that ONNX has for floats alone: they go in as floats, and what comes out is cut to
 * integers where TensorFlow.js gives some. Of floats nothing changes.
 */
import type { DType, ValueId } from "../../graph/graph.ts";
import type { OnnxBuilder } from "../builder.ts";
import type { LoweringProgram } from "../lowering.ts";
import { elementTypes } from "../model-proto.ts";

/** The plain form of a value in another type. */
export function castTo(program: LoweringProgram, value: ValueId, dtype: DType): string {
  const name = program.plain(value);
  return program.dtype(value) === dtype
    ? name
    : program.builder.node("Cast", [name], { to: elementTypes[dtype] });
}

export const asFloats = (program: LoweringProgram, value: ValueId): string =>
  castTo(program, value, "float32");

/** Floats as numbers of a type: NaN and infinite ones become 0, which the operator that cuts does not promise. */
export function fromFloats(builder: OnnxBuilder, name: string, dtype: DType): string {
  if (dtype === "float32") return name;
  const finite = builder.node("Where", [areFinite(builder, name), name, builder.scalar(0)]);
  return builder.node("Cast", [finite], { to: elementTypes[dtype] });
}

export const areFinite = (builder: OnnxBuilder, x: string): string =>
  builder.node("Not", [builder.node("Or", [builder.node("IsNaN", [x]), builder.node("IsInf", [x])])]);
