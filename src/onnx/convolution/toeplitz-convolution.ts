/** Writes the products of `toeplitz.ts` into a program: forward, filter gradient and input gradient. */
import type { ValueId } from "../../graph/graph.ts";
import type { LoweringProgram } from "../lowering.ts";
import {
  type ColumnOrder,
  type ConvolutionShape,
  foldRuns,
  naturalOrder,
  phaseOrder,
  toeplitzRuns,
  weightRuns,
  windowLength,
} from "./toeplitz.ts";

export class ToeplitzConvolution {
  readonly #program: LoweringProgram;
  readonly #shape: ConvolutionShape;
  readonly #order: ColumnOrder;
  /** 1, or 2 when even and odd output rows are computed apart. */
  readonly #rowPhases: 1 | 2;

  constructor(program: LoweringProgram, shape: ConvolutionShape, width: number, inPhases: boolean) {
    this.#program = program;
    this.#shape = shape;
    this.#order = inPhases ? phaseOrder(width) : naturalOrder(width);
    this.#rowPhases = inPhases ? 2 : 1;
  }

  /** @param input Padded, `[B, H, W·C]`. @returns Name of the output `[B, OH, OW, C]`. */
  forward(input: string, filter: ValueId): string {
    const { batch, outHeight, outWidth, outChannels } = this.#shape;
    const [product] = this.#products(input, filter);
    return this.#program.builder.reshape(product, [batch, outHeight, outWidth, outChannels]);
  }

  /** The output as its four phases. */
  forwardInPhases(input: string, filter: ValueId): [string, string, string, string] {
    const { batch, outHeight, outWidth, outChannels } = this.#shape;
    const { builder } = this.#program;
    const half = (this.#width / 2) * outChannels;
    return this.#products(input, filter).flatMap((product) =>
      builder
        .nodes("Split", [product, builder.ints([half, half])], 2, { axis: 1 })
        .map((phase) => builder.reshape(phase, [batch, outHeight / 2, outWidth / 2, outChannels])),
    ) as [string, string, string, string];
  }

  /** dL/dW `[kh, kw, C_in, C_out]` from the padded input and dL/dy. */
  filterGradient(input: string, dy: ValueId): string {
    const { filterHeight, filterWidth, inChannels, outChannels } = this.#shape;
    const { builder } = this.#program;
    const windows = this.#windows(input);
    const products = this.#blocks(dy);
    const sum = windows.reduce<string | null>(
      (previous, window, phase) =>
        builder.node("Gemm", [window, products[phase], ...(previous === null ? [] : [previous])], {
          transA: 1,
        }),
      null,
    ) as string;
    const indices = builder.indices(foldRuns(this.#shape, this.#order), [
      this.#width,
      weightRuns(this.#shape),
    ]);
    const runs = builder.reshape(sum, [-1, outChannels]);
    const copies = builder.node("Gather", [runs, indices], { axis: 0 });
    const folded = builder.node("ReduceSum", [copies, builder.ints([0])], { keepdims: 0 });
    return builder.reshape(folded, [filterHeight, filterWidth, inChannels, outChannels]);
  }

  /** dL/dx of the padded input, `[B, H, W, C]`: gradients of the windows, added where they overlap. */
  inputGradient(dy: ValueId, filter: ValueId): string {
    const { batch, filterHeight, filterWidth, inHeight, inWidth, inChannels, outHeight } = this.#shape;
    const { builder } = this.#program;
    const matrix = this.#matrix(filter);
    const columns = (this.#width + filterWidth - 1) * inChannels;
    const blocks = this.#blockCount;
    const rows = outHeight / this.#rowPhases;
    const perPhase = this.#blocks(dy).map((product) =>
      builder.reshape(builder.node("Gemm", [product, matrix], { transB: 1 }), [
        batch,
        rows,
        1,
        blocks * filterHeight * columns,
      ]),
    );
    const joined = perPhase.length === 1 ? perPhase[0] : builder.node("Concat", perPhase, { axis: 2 });
    const windows = builder.reshape(joined, [batch, outHeight, blocks * filterHeight * columns]);
    const perBlock = Array.from({ length: blocks }, (_, block) => {
      const terms = Array.from({ length: filterHeight }, (_, ky) => {
        const from = (block * filterHeight + ky) * columns;
        const term = builder.slice(windows, [{ axis: 2, from, to: from + columns }]);
        return builder.pad(term, [0, ky, 0], [0, filterHeight - 1 - ky, 0]);
      });
      return terms.length === 1 ? terms[0] : builder.node("Sum", terms);
    });
    const gradient = this.#addOverlaps(perBlock, columns);
    return builder.reshape(gradient, [batch, inHeight, inWidth, inChannels]);
  }

  /** Blocks `[B, H, columns]` that begin `width` columns apart, added into `[B, H, W·C]`. */
  #addOverlaps(blocks: readonly string[], columns: number): string {
    const { inWidth, inChannels } = this.#shape;
    const { builder } = this.#program;
    if (blocks.length === 1) return blocks[0];
    const stride = this.#width * inChannels;
    const padded = blocks.map((block, i) =>
      builder.pad(block, [0, 0, i * stride], [0, 0, inWidth * inChannels - i * stride - columns]),
    );
    return builder.node("Sum", padded);
  }

  get #width(): number {
    return this.#order.length;
  }

  get #blockCount(): number {
    return this.#shape.outWidth / this.#width;
  }

  /** T, gathered from the weights; shared by the forward pass and the input gradient. */
  #matrix(filter: ValueId): string {
    const { builder } = this.#program;
    const { outChannels } = this.#shape;
    return this.#program.once(`toeplitz ${filter} ${this.#order}`, () => {
      const runs = builder.reshape(this.#program.plain(filter), [weightRuns(this.#shape), outChannels]);
      const zeros = builder.floats(new Float32Array(outChannels), [1, outChannels]);
      const withZeros = builder.node("Concat", [runs, zeros], { axis: 0 });
      const length = windowLength(this.#shape, this.#width);
      const indices = builder.indices(toeplitzRuns(this.#shape, this.#order), [length, this.#width]);
      const matrix = builder.node("Gather", [withZeros, indices], { axis: 0 });
      return builder.reshape(matrix, [length, this.#width * outChannels]);
    });
  }

  /** One matrix of windows per row phase, `[B·rows·blocks, K]`; shared by the forward pass and the filter gradient. */
  #windows(input: string): string[] {
    const { batch, filterHeight, filterWidth, inChannels, outHeight } = this.#shape;
    const { builder } = this.#program;
    const columns = (this.#width + filterWidth - 1) * inChannels;
    const rows = outHeight / this.#rowPhases;
    const step = this.#rowPhases;
    // Two filters may read one input, with windows of their own.
    const window = `${filterHeight} ${filterWidth} ${outHeight} ${this.#blockCount}`;
    return this.#program.once(`windows ${input} ${window} ${this.#order} ${step}`, () =>
      Array.from({ length: this.#rowPhases }, (_, phase) => {
        const parts = Array.from({ length: this.#blockCount }, (_, block) =>
          Array.from({ length: filterHeight }, (_, ky) => {
            const from = block * this.#width * inChannels;
            return builder.slice(input, [
              { axis: 1, from: phase + ky, to: phase + ky + (rows - 1) * step + 1, step },
              { axis: 2, from, to: from + columns },
            ]);
          }),
        ).flat();
        const joined = parts.length === 1 ? parts[0] : builder.node("Concat", parts, { axis: 2 });
        return builder.reshape(joined, [batch * rows * this.#blockCount, filterHeight * columns]);
      }),
    );
  }

  #products(input: string, filter: ValueId): string[] {
    const matrix = this.#matrix(filter);
    return this.#windows(input).map((window) => this.#program.builder.node("MatMul", [window, matrix]));
  }

  /** dL/dy as blocks, one matrix per row phase: `[B·rows·blocks, width·C]`, columns in this convolution's order. */
  #blocks(dy: ValueId): string[] {
    const { batch, outChannels, outHeight } = this.#shape;
    const { builder } = this.#program;
    const rows = (batch * outHeight * this.#blockCount) / this.#rowPhases;
    return this.#program.once(`blocks ${dy} ${this.#order}`, () => {
      const phases = this.#rowPhases === 2 ? this.#program.phases(dy) : undefined;
      if (phases === undefined) {
        return [builder.reshape(this.#program.plain(dy), [rows, this.#width * outChannels])];
      }
      const halves = phases.tensors.map((phase) =>
        builder.reshape(phase, [rows, (this.#width / 2) * outChannels]),
      );
      return [halves.slice(0, 2), halves.slice(2)].map((pair) => builder.node("Concat", pair, { axis: 1 }));
    });
  }
}
