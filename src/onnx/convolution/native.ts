/**
 * Convolutions by ONNX Runtime's own operators, channels first, with the changes of layout around them: any number of
 * spatial axes, any stride and dilation, and depthwise ones.
 *
 * Shapes below are those of two spatial axes; three have one more. A plain filter is `[kh, kw, C_in, C_out]`, a depthwise
 * one `[kh, kw, C, multiplier]`, whose output channel of channel c and filter m is c · multiplier + m.
 */

import { filterGradientSizes, unreached, type WindowCall } from "../geometry.ts";
import type { LoweringProgram } from "../lowering.ts";

/** `plain`: every output channel sees every input channel. `depthwise`: each input channel has filters of its own. */
export type ConvolutionKind = "plain" | "depthwise";

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

/** Number of spatial axes. */
const rankOf = ({ input }: WindowCall) => input.length - 2;

const transpose = ({ builder }: LoweringProgram, name: string, perm: readonly number[]) =>
  builder.node("Transpose", [name], { perm });

/** `[B, H, W, C]` to `[B, C, H, W]`. */
const toChannelsFirst = (program: LoweringProgram, call: WindowCall, name: string) =>
  transpose(program, name, [0, rankOf(call) + 1, ...range(1, rankOf(call) + 1)]);

const toChannelsLast = (program: LoweringProgram, call: WindowCall, name: string) =>
  transpose(program, name, [0, ...range(2, rankOf(call) + 2), 1]);

/** The filter as ONNX has it: `[C_out, C_in, kh, kw]`, or `[C · multiplier, 1, kh, kw]`. */
function onnxFilter(program: LoweringProgram, call: WindowCall, kind: ConvolutionKind, name: string) {
  const rank = rankOf(call);
  if (kind === "plain") return transpose(program, name, [rank + 1, rank, ...range(0, rank)]);
  const perChannel = transpose(program, name, [rank, rank + 1, ...range(0, rank)]);
  const [channels, multiplier] = call.filter.slice(rank);
  return program.builder.reshape(perChannel, [channels * multiplier, 1, ...call.filter.slice(0, rank)]);
}

const groupsOf = (call: WindowCall, kind: ConvolutionKind) =>
  kind === "plain" ? 1 : (call.filter.at(-2) as number);

/** @returns Name of `[B, OH, OW, C_out]`. */
export function nativeConvolution(
  program: LoweringProgram,
  call: WindowCall,
  x: string,
  filter: string,
  bias: string | null,
  kind: ConvolutionKind = "plain",
): string {
  const { after, before, dilations, strides } = call.geometry;
  const inputs = [toChannelsFirst(program, call, x), onnxFilter(program, call, kind, filter)];
  const y = program.builder.node("Conv", bias === null ? inputs : [...inputs, bias], {
    strides,
    dilations,
    pads: [...before, ...after],
    group: groupsOf(call, kind),
  });
  return toChannelsLast(program, call, y);
}

/** dL/dx by a transposed convolution. */
export function nativeInputGradient(
  program: LoweringProgram,
  call: WindowCall,
  dy: string,
  filterName: string,
  kind: ConvolutionKind = "plain",
): string {
  const { after, before, dilations, strides } = call.geometry;
  const dx = program.builder.node(
    "ConvTranspose",
    [toChannelsFirst(program, call, dy), onnxFilter(program, call, kind, filterName)],
    {
      strides,
      dilations,
      pads: [...before, ...after],
      output_padding: unreached(call),
      group: groupsOf(call, kind),
    },
  );
  return toChannelsLast(program, call, dx);
}

/** dL/dW: a convolution of x with dy in which batch and channels trade places, and stride and dilation as well. */
export function nativeFilterGradient(
  program: LoweringProgram,
  call: WindowCall,
  x: string,
  dy: string,
  kind: ConvolutionKind = "plain",
): string {
  const { filter, geometry, input } = call;
  const { after, before, dilations, strides } = geometry;
  const { builder } = program;
  const rank = rankOf(call);
  const channelsToBatch = [rank + 1, ...range(0, rank + 1)];
  const [batch, ...image] = input.slice(0, -1);
  const channels = input.at(-1) as number;
  const images = transpose(program, x, channelsToBatch);
  const gradient = builder.node(
    "Conv",
    [
      // Depthwise: the images of one channel are the channels of one group.
      kind === "plain" ? images : builder.reshape(images, [1, channels * batch, ...image]),
      transpose(program, dy, channelsToBatch),
    ],
    {
      strides: dilations,
      dilations: strides,
      pads: [...before, ...after],
      group: groupsOf(call, kind),
    },
  );
  const full = [...filterGradientSizes(call), ...filter.slice(rank)];
  const plain =
    kind === "plain"
      ? transpose(program, gradient, [...range(2, rank + 2), 0, 1])
      : builder.reshape(transpose(program, gradient, [0, ...range(2, rank + 2), 1]), full);
  return builder.crop(
    plain,
    full,
    full.map(() => 0),
    filter,
  );
}
