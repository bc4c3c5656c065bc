/** Convolutions by ONNX Runtime's own NCHW operators, with the changes of layout around them. Any stride and dilation. */
import type { LoweringProgram } from "../lowering.ts";
import type { ConvolutionCall } from "./geometry.ts";

const toNchw = [0, 3, 1, 2];
const toNhwc = [0, 2, 3, 1];

const transpose = ({ builder }: LoweringProgram, name: string, perm: readonly number[]) =>
  builder.node("Transpose", [name], { perm });

/** @param filter `[kh, kw, C_in, C_out]`. @returns Name of `[B, OH, OW, C_out]`. */
export function nativeConvolution(
  program: LoweringProgram,
  { geometry }: ConvolutionCall,
  x: string,
  filter: string,
  bias: string | null,
): string {
  const { padTop, padLeft, padBottom, padRight, strides, dilations } = geometry;
  const inputs = [transpose(program, x, toNchw), transpose(program, filter, [3, 2, 0, 1])];
  const y = program.builder.node("Conv", bias === null ? inputs : [...inputs, bias], {
    strides,
    dilations,
    pads: [padTop, padLeft, padBottom, padRight],
  });
  return transpose(program, y, toNhwc);
}

/** dL/dx by a transposed convolution. */
export function nativeInputGradient(
  program: LoweringProgram,
  { geometry, input, filter, output }: ConvolutionCall,
  dy: string,
  filterName: string,
): string {
  const { padTop, padLeft, padBottom, padRight, strides, dilations } = geometry;
  // Rows at the far edge that no window reached get no gradient: output padding says how many there are.
  const unreached = (axis: 0 | 1, pads: number) =>
    input[axis + 1] +
    pads -
    ((output[axis + 1] - 1) * strides[axis] + (filter[axis] - 1) * dilations[axis] + 1);
  const dx = program.builder.node(
    "ConvTranspose",
    [transpose(program, dy, toNchw), transpose(program, filterName, [3, 2, 0, 1])],
    {
      strides,
      dilations,
      pads: [padTop, padLeft, padBottom, padRight],
      output_padding: [unreached(0, padTop + padBottom), unreached(1, padLeft + padRight)],
    },
  );
  return transpose(program, dx, toNhwc);
}

/** dL/dW: a convolution of x with dy in which batch and channels trade places, and stride and dilation as well. */
export function nativeFilterGradient(
  program: LoweringProgram,
  { geometry, filter, input, output }: ConvolutionCall,
  x: string,
  dy: string,
): string {
  const { padTop, padLeft, padBottom, padRight, strides, dilations } = geometry;
  const { builder } = program;
  const gradient = builder.node(
    "Conv",
    [transpose(program, x, [3, 0, 1, 2]), transpose(program, dy, [3, 0, 1, 2])],
    {
      strides: dilations,
      dilations: strides,
      pads: [padTop, padLeft, padBottom, padRight],
    },
  );
  const plain = transpose(program, gradient, [2, 3, 0, 1]);
  // Rows beyond the last window make the result larger than the filter; they are no part of it.
  const size = (axis: 0 | 1, pads: number) =>
    Math.floor((input[axis + 1] + pads - ((output[axis + 1] - 1) * strides[axis] + 1)) / dilations[axis]) + 1;
  const full = [size(0, padTop + padBottom), size(1, padLeft + padRight), filter[2], filter[3]];
  return builder.crop(plain, full, [0, 0, 0, 0], filter);
}
