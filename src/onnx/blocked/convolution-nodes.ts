/** A convolution and its gradients on images in the blocked layout. */
import type { ValueId } from "../../graph/graph.ts";
import { filterGradientSizes, unreached, type WindowCall } from "../geometry.ts";
import type { BlockedValues } from "./blocked-values.ts";

/** Whether the layout pays: output channels fill blocks, input channels as well or are fewer than one block. */
export function fitsBlocks({ layout: { block } }: BlockedValues, { filter, input }: WindowCall): boolean {
  const [from, to] = filter.slice(-2);
  return input.length === 4 && to % block === 0 && (from % block === 0 || from < block);
}

const windowOf = ({ filter, geometry: { after, before, dilations, strides } }: WindowCall) => ({
  kernel_shape: filter.slice(0, 2),
  strides,
  dilations,
  pads: [...before, ...after],
});

/** @returns Name of the output's image. */
export function blockedForward(
  values: BlockedValues,
  call: WindowCall,
  {
    activation,
    bias,
    filter,
    x,
  }: {
    readonly x: ValueId;
    readonly filter: string;
    readonly bias: string | null;
    readonly activation?: "Relu";
  },
): string {
  const { layout } = values;
  return layout.convolution(
    [forwardImage(values, call, x), layout.filter(filter, call.filter), bias ?? ""],
    windowOf(call),
    activation === undefined ? {} : { activation },
  );
}

/** Few channels are read as they are, channels first. */
function forwardImage(values: BlockedValues, { filter }: WindowCall, x: ValueId): string {
  if (filter[2] % values.layout.block === 0) return values.blocked(x);
  return channelsFirst(values, x);
}

/** `[B, C, H, W]` of a plain value. */
const channelsFirst = ({ program }: BlockedValues, value: ValueId): string =>
  program.builder.node("Transpose", [program.plain(value)], { perm: [0, 3, 1, 2] });

/** dL/dx, of an input whose channels fill blocks. @returns Name of its image. */
export function blockedInputGradient(
  values: BlockedValues,
  call: WindowCall,
  dy: ValueId,
  filter: string,
): string {
  const { layout, program } = values;
  const { builder } = program;
  const { after, before, dilations, strides } = call.geometry;
  if (strides.every((stride) => stride === 1)) {
    const reach = call.filter.slice(0, 2).map((size, axis) => (size - 1) * dilations[axis]);
    return layout.convolution([values.blocked(dy), layout.reversedFilter(filter, call.filter)], {
      kernel_shape: call.filter.slice(0, 2),
      strides,
      dilations,
      pads: [before, after].flatMap((padding) => reach.map((size, axis) => size - padding[axis])),
    });
  }
  const gradient = builder.node(
    "ConvTranspose",
    [
      layout.toChannelsFirst(values.blocked(dy), call.output[3]),
      builder.node("Transpose", [filter], { perm: [3, 2, 0, 1] }),
    ],
    { strides, dilations, pads: [...before, ...after], output_padding: unreached(call) },
  );
  return layout.fromChannelsFirst(gradient);
}

/**
 * dL/dW where nothing is dilated, as TF.js has no other gradients: a convolution of x with dy in which the batch takes
 * the place of the channels, and strides become dilations. The channels of x lie side by side within its columns, so that
 * one convolution, dilated by as many as they are, gives all of them in rows of kw·C_in. Rows as short as kw would leave
 * the processor's units half idle.
 *
 * @returns Name of `[kh, kw, C_in, C_out]`.
 */
export function blockedFilterGradient(
  values: BlockedValues,
  call: WindowCall,
  x: ValueId,
  dy: ValueId,
): string {
  const { layout, program } = values;
  const { builder } = program;
  const { block } = layout;
  const { after, before, strides } = call.geometry;
  const [kh, kw, from, to] = call.filter;
  const batch = block * Math.ceil(call.input[0] / block);
  const [, outHeight, outWidth] = call.output;
  // Padding at the sides costs the small results of this convolution much; in the image beforehand it costs little.
  const image = paddedImage(values, call, x, batch);
  const gradient = wholeBatch(values, values.blocked(dy), call.output, batch);
  const kernels = layout.gradientAsFilter(gradient, [batch, to, outHeight, outWidth]);
  const result = layout.convolution([image, kernels], {
    kernel_shape: [outHeight, outWidth],
    strides: [1, 1],
    dilations: [strides[0], strides[1] * from],
    pads: [before[0], 0, after[0], 0],
  });
  const [height, width] = filterGradientSizes(call);
  const split = builder.reshape(result, [to / block, height * width * from, block]);
  const plain = builder.node("Transpose", [split], { perm: [1, 0, 2] });
  const whole = builder.reshape(plain, [height, width, from, to]);
  return builder.crop(whole, [height, width, from, to], [0, 0, 0, 0], [kh, kw, from, to]);
}

/** x with its batch for channels and its channels within the columns, `[1, B, H, W·C]`, padded at the sides. */
function paddedImage(
  values: BlockedValues,
  { geometry: { after, before }, input }: WindowCall,
  x: ValueId,
  batch: number,
): string {
  const { layout, program } = values;
  const { builder } = program;
  const { block } = layout;
  const [size, height, width, channels] = input;
  return program.once(`batch as channels ${x} ${before[1]} ${after[1]}`, () => {
    const rows = builder.reshape(program.plain(x), [size, height * width * channels]);
    const whole = builder.pad(rows, [0, 0], [batch - size, 0]);
    const blocked = layout.fromChannelsFirst(builder.reshape(whole, [1, batch, height, width * channels]));
    const lines = builder.reshape(blocked, [(batch / block) * height, width * channels * block]);
    const padded = builder.pad(lines, [0, before[1] * channels * block], [0, after[1] * channels * block]);
    return builder.reshape(padded, [1, batch, height, (width + before[1] + after[1]) * channels]);
  });
}

/** The image with images of zeros after it, up to a whole number of blocks of the batch. */
function wholeBatch(
  { program }: BlockedValues,
  name: string,
  [size, height, width, channels]: readonly number[],
  batch: number,
): string {
  if (size === batch) return name;
  const rows = program.builder.reshape(name, [size, channels * height * width]);
  const padded = program.builder.pad(rows, [0, 0], [batch - size, 0]);
  return program.builder.reshape(padded, [batch, channels, height, width]);
}
