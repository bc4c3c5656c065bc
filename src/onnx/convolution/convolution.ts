/**
 * Conv2D, FusedConv2D and the two gradients of a convolution: the Toeplitz form where it pays, else the native one.
 *
 * The form of a convolution is chosen once, from its sizes and its consumers, and its gradients follow.
 */
import type { ValueId } from "../../graph/graph.ts";
import { addPerChannel } from "../add-per-channel.ts";
import { convolutionCall, type Geometry, type WindowCall } from "../geometry.ts";
import type { Lowering, LoweringProgram } from "../lowering.ts";
import { applyActivation } from "../lowerings/activation.ts";
import { isPhasePool } from "../pooling/phase-pool.ts";
import { joinPhases } from "../pooling/pooling.ts";
import { addOtherBias, biasVector, isPerChannel } from "./bias.ts";
import { blockWidth } from "./block-width.ts";
import { nativeConvolution, nativeFilterGradient, nativeInputGradient } from "./native.ts";
import type { ConvolutionShape } from "./toeplitz.ts";
import { ToeplitzConvolution } from "./toeplitz-convolution.ts";

export const conv2D: Lowering = (program, node) => {
  const [x, filter] = node.inputs as ValueId[];
  const [y] = node.outputs;
  const call = convolutionCall(node, program.shape(x), program.shape(filter), program.shape(y));
  const biasName = biasVector(program, node);
  const activation = (node.attributes.activation as string | undefined) ?? "linear";
  const inPhases = activation === "linear" && isPerChannel(program, node) && feedsPhasePool(program, y);
  const width = toeplitzWidth(program, call, inPhases);
  if (width === null) {
    const name = nativeConvolution(program, call, program.plain(x), program.plain(filter), biasName);
    program.set(y, applyActivation(program, node, addOtherBias(program, node, name)));
    return;
  }
  const toeplitz = new ToeplitzConvolution(program, paddedShape(call), width, inPhases);
  const padded = padInput(program, call, x);
  if (inPhases) {
    const tensors = toeplitz.forwardInPhases(padded, filter);
    program.setPhases(y, { tensors, bias: biasName }, () => {
      const plain = joinPhases(program, tensors, program.shape(y));
      return biasName === null ? plain : addPerChannel(program.builder, plain, biasName, program.shape(y));
    });
    return;
  }
  const product = toeplitz.forward(padded, filter);
  const sum =
    biasName === null ? product : addPerChannel(program.builder, product, biasName, program.shape(y));
  program.set(y, applyActivation(program, node, addOtherBias(program, node, sum)));
};

export const conv2DBackpropFilter: Lowering = (program, node) => {
  const [x, dy] = node.inputs as ValueId[];
  const [gradient] = node.outputs;
  const call = convolutionCall(node, program.shape(x), program.shape(gradient), program.shape(dy));
  const inPhases = program.phases(dy) !== undefined;
  const width = toeplitzWidth(program, call, inPhases);
  program.set(
    gradient,
    width === null
      ? nativeFilterGradient(program, call, program.plain(x), program.plain(dy))
      : new ToeplitzConvolution(program, paddedShape(call), width, inPhases).filterGradient(
          padInput(program, call, x),
          dy,
        ),
  );
};

export const conv2DBackpropInput: Lowering = (program, node) => {
  const [dy, filter] = node.inputs as ValueId[];
  const [dx] = node.outputs;
  const call = convolutionCall(node, program.shape(dx), program.shape(filter), program.shape(dy));
  const inPhases = program.phases(dy) !== undefined;
  const width = toeplitzWidth(program, call, inPhases);
  if (width === null) {
    program.set(dx, nativeInputGradient(program, call, program.plain(dy), program.plain(filter)));
    return;
  }
  const [padTop, padLeft] = call.geometry.before;
  const [, height, columns] = call.input;
  const padded = new ToeplitzConvolution(program, paddedShape(call), width, inPhases).inputGradient(
    dy,
    filter,
  );
  program.set(
    dx,
    program.builder.crop(
      padded,
      paddedInput(call),
      [0, padTop, padLeft, 0],
      [call.input[0], height, columns, call.input[3]],
    ),
  );
};

/** Whether everything that reads `y` understands its phases. */
export function feedsPhasePool(program: LoweringProgram, y: ValueId): boolean {
  const consumers = program.consumers(y);
  return consumers.length > 0 && consumers.every((consumer) => isPhasePool(program, consumer, y));
}

function toeplitzWidth(
  { portable }: LoweringProgram,
  { geometry: { dilations, strides }, ...call }: WindowCall,
  even: boolean,
): number | null {
  if (portable || [...strides, ...dilations].some((size) => size !== 1)) return null;
  return blockWidth(paddedShape({ geometry: { dilations, strides } as Geometry, ...call }), even);
}

/** `[B, H, W, C]` with the padding of the convolution around it. */
function paddedInput({ input: [b, , , c], filter: [kh, kw], output: [, oh, ow] }: WindowCall): number[] {
  return [b, oh + kh - 1, ow + kw - 1, c];
}

function paddedShape(call: WindowCall): ConvolutionShape {
  const [batch, inHeight, inWidth, inChannels] = paddedInput(call);
  const [filterHeight, filterWidth, , outChannels] = call.filter;
  const [, outHeight, outWidth] = call.output;
  return {
    batch,
    inHeight,
    inWidth,
    inChannels,
    outHeight,
    outWidth,
    outChannels,
    filterHeight,
    filterWidth,
  };
}

/** Name of the padded input as `[B, H, W·C]`, made once for the convolution and its filter gradient. */
function padInput(program: LoweringProgram, call: WindowCall, x: ValueId): string {
  const [padTop, padLeft] = call.geometry.before;
  const [b, h, w, c] = paddedInput(call);
  return program.once(`padded ${x} ${padTop} ${padLeft} ${h} ${w}`, () => {
    const padded = program.builder.pad(
      program.plain(x),
      [0, padTop, padLeft, 0],
      [0, h - call.input[1] - padTop, w - call.input[2] - padLeft, 0],
    );
    return program.builder.reshape(padded, [b, h, w * c]);
  });
}
