/** What a kernel on images in blocks computes with: images, and numbers per channel. */
import type { GraphNode, ValueId } from "../../graph/graph.ts";
import type { BlockedValues, Image } from "./blocked-values.ts";
import type { Factor } from "./channel-form.ts";

/** @returns Whether the call has been lowered. */
export type BlockedKernel = (values: BlockedValues, node: GraphNode) => boolean;

export type Operand =
  | { readonly image: Image; readonly factor?: undefined }
  | { readonly factor: Factor; readonly image?: undefined };

/** The operands of a call whose result is an image; null if one of them is neither, or none an image yet. */
export function operandsOf(values: BlockedValues, { inputs, outputs: [y] }: GraphNode): Operand[] | null {
  if (!values.fits(y) || !inputs.some((input) => input !== null && values.has(input))) return null;
  const operands: Operand[] = [];
  for (const input of inputs as ValueId[]) {
    const operand = operandOf(values, input, values.program.shape(y));
    if (operand === null) return null;
    operands.push(operand);
  }
  return operands;
}

function operandOf(values: BlockedValues, value: ValueId, shape: readonly number[]): Operand | null {
  const { dtype, shape: own } = values.program.type(value);
  if (dtype !== "float32") return null;
  if (`${own}` === `${shape}`) return { image: values.image(value) };
  const factor = factorOf(values, value, shape[3]);
  return factor === null ? null : { factor };
}

/** A value that is one number per channel, or one in all. */
export function factorOf({ program }: BlockedValues, value: ValueId, channels: number): Factor | null {
  const shape = program.shape(value);
  const length = shape.reduce((product, size) => product * size, 1);
  if (length === 1) return { name: program.reshaped(value, []), isScalar: true };
  const isVector = shape.at(-1) === channels && length === channels;
  return isVector ? { name: program.reshaped(value, [channels]), isScalar: false } : null;
}

/** The same number per channel everywhere. */
export const constant = (offset: Factor): Image => ({ terms: [], offset });
