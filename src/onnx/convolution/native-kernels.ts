/** Kernels of convolutions that only have the native form: depthwise ones, and those of volumes. */
import type { ValueId } from "../../graph/graph.ts";
import { convolutionCall } from "../geometry.ts";
import type { Lowering } from "../lowering.ts";
import { applyActivation } from "../lowerings/activation.ts";
import { addOtherBias, biasVector } from "./bias.ts";
import {
  type ConvolutionKind,
  nativeConvolution,
  nativeFilterGradient,
  nativeInputGradient,
} from "./native.ts";

const forward =
  (kind: ConvolutionKind): Lowering =>
  (program, node) => {
    const [x, filter] = node.inputs as ValueId[];
    const [y] = node.outputs;
    const call = convolutionCall(node, program.shape(x), program.shape(filter), program.shape(y));
    const bias = biasVector(program, node);
    const linear = nativeConvolution(program, call, program.plain(x), program.plain(filter), bias, kind);
    program.set(y, applyActivation(program, node, addOtherBias(program, node, linear)));
  };

const inputGradient =
  (kind: ConvolutionKind): Lowering =>
  (program, node) => {
    const [dy, filter] = node.inputs as ValueId[];
    const [dx] = node.outputs;
    const call = convolutionCall(node, program.shape(dx), program.shape(filter), program.shape(dy));
    program.set(dx, nativeInputGradient(program, call, program.plain(dy), program.plain(filter), kind));
  };

const filterGradient =
  (kind: ConvolutionKind): Lowering =>
  (program, node) => {
    const [x, dy] = node.inputs as ValueId[];
    const [gradient] = node.outputs;
    const call = convolutionCall(node, program.shape(x), program.shape(gradient), program.shape(dy));
    program.set(gradient, nativeFilterGradient(program, call, program.plain(x), program.plain(dy), kind));
  };

export const nativeKernels: Readonly<Record<string, Lowering>> = {
  DepthwiseConv2dNative: forward("depthwise"),
  FusedDepthwiseConv2D: forward("depthwise"),
  DepthwiseConv2dNativeBackpropInput: inputGradient("depthwise"),
  DepthwiseConv2dNativeBackpropFilter: filterGradient("depthwise"),
  Conv3D: forward("plain"),
  Conv3DBackpropInputV2: inputGradient("plain"),
  Conv3DBackpropFilterV2: filterGradient("plain"),
};
