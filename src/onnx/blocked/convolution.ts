/** The convolutions that images in blocks begin with, and their gradients. */
import type { ValueId } from "../../graph/graph.ts";
import { biasVector, isPerChannel } from "../convolution/bias.ts";
import { feedsPhasePool } from "../convolution/convolution.ts";
import { convolutionCall, type WindowCall } from "../geometry.ts";
import type { BlockedValues } from "./blocked-values.ts";
import {
  blockedFilterGradient,
  blockedForward,
  blockedInputGradient,
  fitsBlocks,
} from "./convolution-nodes.ts";
import type { BlockedKernel } from "./operands.ts";

const convolution: BlockedKernel = (values, node) => {
  const { program } = values;
  const [x, filter] = node.inputs as ValueId[];
  const [y] = node.outputs;
  const call = convolutionCall(node, program.shape(x), program.shape(filter), program.shape(y));
  const activation = (node.attributes.activation as string | undefined) ?? "linear";
  const isKnown = activation === "linear" || activation === "relu";
  if (!isKnown || !isPerChannel(program, node) || !fitsBlocks(values, call)) return false;
  if (activation === "linear" && feedsPhasePool(program, y)) return false;
  const image = blockedForward(values, call, {
    x,
    filter: program.plain(filter),
    bias: biasVector(program, node),
    ...(activation === "relu" ? { activation: "Relu" } : {}),
  });
  values.set(y, values.imageOf(image));
  return true;
};

const inputGradient: BlockedKernel = (values, node) => {
  const { program } = values;
  const [dy, filter] = node.inputs as ValueId[];
  const [dx] = node.outputs;
  const call = convolutionCall(node, program.shape(dx), program.shape(filter), program.shape(dy));
  if (!isBlockedGradient(values, call, dy) || !values.fits(dx)) return false;
  values.set(dx, values.imageOf(blockedInputGradient(values, call, dy, program.plain(filter))));
  return true;
};

const filterGradient: BlockedKernel = (values, node) => {
  const { program } = values;
  const [x, dy] = node.inputs as ValueId[];
  const [gradient] = node.outputs;
  const call = convolutionCall(node, program.shape(x), program.shape(gradient), program.shape(dy));
  const isDilated = call.geometry.dilations.some((dilation) => dilation > 1);
  if (isDilated || !isBlockedGradient(values, call, dy)) return false;
  program.set(gradient, blockedFilterGradient(values, call, x, dy));
  return true;
};

/** The gradients take the form of their convolution. */
const isBlockedGradient = (values: BlockedValues, call: WindowCall, dy: ValueId): boolean =>
  fitsBlocks(values, call) && values.program.phases(dy) === undefined;

export const blockedConvolutions: Readonly<Record<string, BlockedKernel>> = {
  Conv2D: convolution,
  FusedConv2D: convolution,
  Conv2DBackpropInput: inputGradient,
  Conv2DBackpropFilter: filterGradient,
};
