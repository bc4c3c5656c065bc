/**
 * The values of a graph that are images in ONNX Runtime's blocked layout: how they came about, and their numbers when
 * somebody needs them.
 *
 * An image is a form over other images (`channel-form.ts`) or the product of two. Whoever asks for the plain tensor of
 * such a value gets it, by one change of layout.
 */
import type { ValueId } from "../../graph/graph.ts";
import type { LoweringProgram } from "../lowering.ts";
import { ChannelAlgebra, type ChannelForm, type Factor, type Term } from "./channel-form.ts";
import { NchwcLayout } from "./layout.ts";

/** factor · a · b, element by element. */
interface Product {
  readonly images: readonly [string, string];
  readonly factor: Factor;
}

export type Image = ChannelForm | Product;

const isProduct = (image: Image): image is Product => "images" in image;

export class BlockedValues {
  readonly program: LoweringProgram;
  readonly layout: NchwcLayout;
  readonly algebra: ChannelAlgebra;
  readonly #images = new Map<ValueId, Image>();
  /** Forms whose numbers were needed, by their text, and what stands behind the names of those numbers. */
  readonly #computed = new Map<string, string>();
  readonly #origins = new Map<string, ChannelForm>();

  /** @param block Channels in a block of the layout. */
  constructor(program: LoweringProgram, block: number) {
    this.program = program;
    this.layout = new NchwcLayout(program.builder, block);
    this.algebra = new ChannelAlgebra(program.builder);
  }

  /** Whether the layout can hold a value: images whose channels fill whole blocks. */
  fits(value: ValueId): boolean {
    const { dtype, shape } = this.program.type(value);
    return dtype === "float32" && shape.length === 4 && shape[3] % this.layout.block === 0;
  }

  has(value: ValueId): boolean {
    return this.#images.has(value);
  }

  /** What a value is, if it is an image of this layout or a plain one that fits; the latter is brought into it. */
  image(value: ValueId): Image {
    const known = this.#images.get(value);
    if (known !== undefined) return known;
    return this.imageOf(this.layout.fromChannelsLast(this.program.plain(value), this.program.shape(value)));
  }

  /** An image by the name of its numbers. */
  imageOf(name: string): ChannelForm {
    return { terms: [{ base: name, factor: this.algebra.one }], offset: null };
  }

  /** Gives a value its image. @param plain How to make its plain tensor, if not by a change of layout. */
  set(value: ValueId, image: Image, plain?: () => string): void {
    this.#images.set(value, image);
    const shape = this.program.shape(value);
    this.program.promise(
      value,
      plain ?? (() => this.layout.toChannelsLast(this.numbers(image, shape), shape)),
    );
  }

  /** The name of a value's numbers in this layout. */
  blocked(value: ValueId): string {
    return this.numbers(this.image(value), this.program.shape(value));
  }

  sum(a: Image, b: Image): ChannelForm {
    return this.#recognised(this.algebra.added(this.form(a), this.form(b)));
  }

  scaled(image: Image, by: Factor): Image {
    if (isProduct(image)) return { ...image, factor: this.algebra.times(image.factor, by) };
    return this.#recognised(this.algebra.scaled(image, by));
  }

  /** The product of two images; of one that is constant per channel with another a form, as all along. */
  product(a: Image, b: Image, shape: readonly number[]): Image {
    const [one, other] = [a, b].map((image) => this.form(image));
    if (one.terms.length === 0 && one.offset !== null) return this.scaled(other, one.offset);
    if (other.terms.length === 0 && other.offset !== null) return this.scaled(one, other.offset);
    const [left, right] = [one, other].map((form) => this.#single(form, shape));
    return {
      images: [left.base, right.base].sort() as [string, string],
      factor: this.algebra.times(left.factor, right.factor),
    };
  }

  form(image: Image): ChannelForm {
    if (!isProduct(image)) return image;
    const { factor, images } = image;
    return { terms: [{ base: this.program.builder.node("Mul", images), factor }], offset: null };
  }

  /** The name of an image's numbers, or of what an activation makes of them. @param shape `[B, H, W, C]`. */
  numbers(image: Image, shape: readonly number[], activation?: "Relu"): string {
    const form = this.form(image);
    const { offset, terms } = form;
    const [first] = terms;
    const isBase = terms.length === 1 && offset === null && this.algebra.isOne(first.factor);
    if (isBase) {
      return activation === undefined ? first.base : this.program.builder.node(activation, [first.base]);
    }
    const name = this.#compute(form, shape, activation);
    if (activation === undefined) {
      this.#computed.set(textOf(form), name);
      this.#origins.set(name, form);
    }
    return name;
  }

  /** Sums over batch, rows and columns, `[C]`. @param shape `[B, H, W, C]` of the image. */
  channelSums(image: Image, shape: readonly number[]): Factor {
    const { algebra } = this;
    const [batch, height, width] = shape;
    if (isProduct(image)) {
      return algebra.times(image.factor, this.#sumsOf(this.program.builder.node("Mul", image.images), shape));
    }
    const parts = image.terms.map(({ base, factor }) => {
      // Sums of x − mean(x) are those of x less a multiple of the mean: no pass over the numbers.
      const origin = this.#origins.get(base);
      const sums = origin === undefined ? this.#sumsOf(base, shape) : this.channelSums(origin, shape);
      return algebra.times(factor, sums);
    });
    if (image.offset !== null) {
      parts.push(algebra.times(image.offset, algebra.scalar(batch * height * width)));
    }
    const total = parts.reduce((a, b) => algebra.plus(a, b));
    return { name: algebra.vector(total, shape[3]), isScalar: false };
  }

  /** Means over rows and columns, `[B, C]`. */
  pixelMeans(image: Image, shape: readonly number[]): string {
    const [batch, , , channels] = shape;
    return this.#means(this.numbers(image, shape), [batch, channels]);
  }

  #sumsOf(base: string, [batch, height, width, channels]: readonly number[]): Factor {
    const { builder } = this.program;
    const weights = builder.floats(new Float32Array(batch).fill(height * width), [1, batch]);
    const sums = builder.node("MatMul", [weights, this.#means(base, [batch, channels])]);
    return { name: builder.reshape(sums, [channels]), isScalar: false };
  }

  /** With one row and column per image, the layout is that of a matrix. */
  #means(base: string, shape: readonly number[]): string {
    return this.program.builder.reshape(this.layout.node("GlobalAveragePool", [base]), shape);
  }

  /** The form as an image of its own, where its numbers were needed before. */
  #recognised(form: ChannelForm): ChannelForm {
    const name = this.#computed.get(textOf(form));
    return name === undefined ? form : this.imageOf(name);
  }

  #single(form: ChannelForm, shape: readonly number[]): Term {
    if (form.terms.length === 1 && form.offset === null) return form.terms[0];
    return { base: this.numbers(form, shape), factor: this.algebra.one };
  }

  /** One pass per term with a factor: a convolution of each channel with one number, that adds what came before it. */
  #compute({ offset, terms }: ChannelForm, shape: readonly number[], activation?: "Relu"): string {
    const { algebra, layout, program } = this;
    const { builder } = program;
    const [, , , channels] = shape;
    const [plain, weighted] = [true, false].map((wanted) =>
      terms.filter(({ factor }) => algebra.isOne(factor) === wanted),
    );
    // An offset, or terms of factor one alone, need a pass as well: the last plain term takes it.
    const passes = weighted.length === 0 && offset !== null ? plain.splice(-1) : weighted;
    let sum = plain
      .map(({ base }) => base)
      .reduce<string | null>((a, b) => (a === null ? b : builder.node("Add", [a, b])), null);
    for (const [i, { base, factor }] of passes.entries()) {
      const isLast = i === passes.length - 1;
      const filter = builder.reshape(algebra.vector(factor, channels), [channels, 1, 1, 1]);
      const bias = isLast && offset !== null ? algebra.vector(offset, channels) : "";
      sum = layout.eachChannel([base, filter, bias, sum ?? ""], channels, isLast ? activation : undefined);
    }
    if (sum === null) {
      const equal = offset === null ? builder.scalar(0) : offset.name;
      sum = layout.fromChannelsLast(builder.node("Expand", [equal, builder.ints(shape)]), shape);
    }
    return passes.length === 0 && activation !== undefined ? builder.node(activation, [sum]) : sum;
  }
}

const textOf = ({ offset, terms }: ChannelForm): string =>
  JSON.stringify([
    terms.map(({ base, factor }) => [base, factor.name]).sort(([a], [b]) => (a < b ? -1 : 1)),
    offset?.name ?? null,
  ]);
