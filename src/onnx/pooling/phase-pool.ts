/**
 * 2×2 max-pooling of a value in phases: three elementwise maxima, and a gradient that goes to the first maximum.
 *
 * A quarter of the elements and no change of layout. Ties are the rule on images with a constant background; as in
 * TF.js, the first of equal elements in row-major order gets the whole gradient.
 */
import type { GraphNode, ValueId } from "../../graph/graph.ts";
import { addPerChannel } from "../add-per-channel.ts";
import type { LoweringProgram, Phases } from "../lowering.ts";

/** Whether a call is a 2×2 max-pool with stride 2 of `x`, or its gradient with respect to `x`. */
export function isPhasePool(program: LoweringProgram, node: GraphNode, x: ValueId): boolean {
  const { attributes, inputs, op } = node;
  const pooled = op === "MaxPool" ? inputs[0] : op === "MaxPoolGrad" ? inputs[1] : null;
  const [, height, width] = program.shape(x);
  const isTwo = (size: unknown) => `${size}` === "2,2" || size === 2;
  return (
    pooled === x &&
    height % 2 === 0 &&
    width % 2 === 0 &&
    isTwo(attributes.filterSize) &&
    isTwo(attributes.strides) &&
    (attributes.pad === "valid" || attributes.pad === "same")
  );
}

interface Maxima {
  /** Maximum of the even row's two phases, of the odd row's, and of all four; without the bias. */
  readonly even: string;
  readonly odd: string;
  readonly all: string;
}

function maxima(program: LoweringProgram, phases: Phases): Maxima {
  const { builder } = program;
  const [a, b, c, d] = phases.tensors;
  return program.once(`maxima ${a}`, () => {
    const even = builder.node("Max", [a, b]);
    const odd = builder.node("Max", [c, d]);
    return { even, odd, all: builder.node("Max", [even, odd]) };
  });
}

/** @param shape Of the pooled value, `[B, H/2, W/2, C]`. @returns Its name, bias included. */
export function phaseMaxPool(program: LoweringProgram, phases: Phases, shape: readonly number[]): string {
  const { all } = maxima(program, phases);
  return phases.bias === null ? all : addPerChannel(program.builder, all, phases.bias, shape);
}

/** @param dy Gradient of the pooled value. @returns Gradient of the four phases. */
export function phaseMaxPoolGradient(program: LoweringProgram, phases: Phases, dy: string): Phases {
  const { builder } = program;
  const { even, odd, all } = maxima(program, phases);
  const [a, , c] = phases.tensors;
  /** The part of `gradient` that belongs to `candidate`, the first of two, and the rest. */
  const share = (candidate: string, maximum: string, gradient: string): [string, string] => {
    const wins = builder.node("Cast", [builder.node("Equal", [candidate, maximum])], { to: 1 });
    const part = builder.node("Mul", [wins, gradient]);
    return [part, builder.node("Sub", [gradient, part])];
  };
  const [toEven, toOdd] = share(even, all, dy);
  return { tensors: [...share(a, even, toEven), ...share(c, odd, toOdd)], bias: null };
}
