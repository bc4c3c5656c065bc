/**
 * ONNX Runtime's layout NCHWc for images and filters, and its operators on it.
 *
 * An image `[B, C, H, W]` lies in memory as `[B, C/c, H, W, c]`, c channels side by side as the processor's vectors have
 * lanes; its operators know the layout, all others see the numbers in that order. ONNX Runtime brings constant filters
 * into it by itself; those of a training step change, so the program does it here. The operators are internal to ONNX
 * Runtime: {@link NchwcLayout} is made only where a program with them was seen to work.
 */
import type { OnnxBuilder } from "../builder.ts";
import type { OnnxAttribute } from "../model-proto.ts";

const domain = "com.microsoft.nchwc";

/** A convolution over two axes, in ONNX's terms. */
export interface WindowAttributes {
  readonly kernel_shape: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  /** Top, left, bottom, right. */
  readonly pads: readonly number[];
}

const onePixel: WindowAttributes = {
  kernel_shape: [1, 1],
  strides: [1, 1],
  dilations: [1, 1],
  pads: [0, 0, 0, 0],
};

export class NchwcLayout {
  /** c, channels in a block. */
  readonly block: number;
  readonly #builder: OnnxBuilder;

  constructor(builder: OnnxBuilder, block: number) {
    this.block = block;
    this.#builder = builder;
  }

  /** An operator of the layout. */
  node(op: string, inputs: readonly string[], attributes: Record<string, OnnxAttribute> = {}): string {
    return this.#builder.node(op, inputs, attributes, domain);
  }

  /** `[B, H, W, C]` to NCHWc. @param shape The former. */
  fromChannelsLast(name: string, shape: readonly number[]): string {
    const [batch, height, width, channels] = shape;
    // One block has its channels last.
    if (channels === this.block) return this.#builder.reshape(name, [batch, channels, height, width]);
    return this.node("ReorderInput", [name], { channels_last: 1 });
  }

  /** `[B, C, H, W]` to NCHWc. */
  fromChannelsFirst(name: string): string {
    return this.node("ReorderInput", [name]);
  }

  /** NCHWc to `[B, H, W, C]`. @param shape The latter. */
  toChannelsLast(name: string, shape: readonly number[]): string {
    const channels = shape[3];
    if (channels === this.block) return this.#builder.reshape(name, shape);
    return this.node("ReorderOutput", [name], { channels, channels_last: 1 });
  }

  /** NCHWc to `[B, C, H, W]`. */
  toChannelsFirst(name: string, channels: number): string {
    return this.node("ReorderOutput", [name], { channels });
  }

  /** @param sum Added to the result, of its shape. */
  convolution(
    [x, filter, bias = "", sum = ""]: readonly [x: string, filter: string, bias?: string, sum?: string],
    window: WindowAttributes,
    { activation, group = 1 }: { readonly activation?: "Relu"; readonly group?: number } = {},
  ): string {
    const inputs = [x, filter, ...(bias === "" && sum === "" ? [] : [bias]), ...(sum === "" ? [] : [sum])];
    return this.node("Conv", inputs, {
      ...window,
      group,
      ...(activation === undefined ? {} : { activation }),
    });
  }

  /** x times a number per channel, `[C, 1, 1, 1]`, plus one per channel, plus another image, as {@link convolution}. */
  eachChannel(
    inputs: readonly [x: string, factor: string, bias?: string, sum?: string],
    channels: number,
    activation?: "Relu",
  ): string {
    return this.convolution(inputs, onePixel, {
      group: channels,
      ...(activation === undefined ? {} : { activation }),
    });
  }

  /**
   * A filter `[kh, kw, C_in, C_out]` as convolutions of the layout have it: blocks of output channels inside, and around
   * them blocks of input channels where the image is in blocks as well.
   */
  filter(name: string, [kh, kw, from, to]: readonly number[]): string {
    const c = this.block;
    if (from % c !== 0) {
      const split = this.#builder.reshape(name, [kh, kw, from, to / c, c]);
      return this.#transposed(split, [3, 2, 0, 1, 4], [to, from, kh, kw]);
    }
    const split = this.#builder.reshape(name, [kh, kw, from / c, c, to / c, c]);
    return this.#transposed(split, [4, 2, 0, 1, 3, 5], [to, from, kh, kw]);
  }

  /** The filter that leads gradients back: turned by half, input and output channels exchanged. */
  reversedFilter(name: string, [kh, kw, from, to]: readonly number[]): string {
    const c = this.block;
    const rows = this.#builder.reshape(name, [kh * kw, from * to]);
    const backwards = Int32Array.from({ length: kh * kw }, (_, at) => kh * kw - 1 - at);
    const order = this.#builder.indices(backwards, [kh * kw]);
    const turned = this.#builder.node("Gather", [rows, order], { axis: 0 });
    const split = this.#builder.reshape(turned, [kh, kw, from / c, c, to / c, c]);
    return this.#transposed(split, [2, 4, 0, 1, 5, 3], [from, to, kh, kw]);
  }

  /**
   * The gradient of an image as the filter of a filter gradient: `[C, B, H, W]`, in blocks of both.
   *
   * c images of c channels lie as one image of c·c channels does, and ONNX Runtime undoes blocks of those an order of
   * magnitude faster than it transposes runs of c numbers.
   *
   * @param shape `[B, C, H, W]`, B in whole blocks.
   */
  gradientAsFilter(name: string, [batch, channels, height, width]: readonly number[]): string {
    const c = this.block;
    const groups =
      channels === c
        ? name
        : this.#builder.node(
            "Transpose",
            [this.#builder.reshape(name, [batch, channels / c, height * width * c])],
            { perm: [1, 0, 2] },
          );
    const count = (channels / c) * (batch / c);
    const images = this.#builder.reshape(groups, [count, c * c, height, width]);
    const pixels = this.toChannelsLast(images, [count, height, width, c * c]);
    return this.#builder.reshape(pixels, [channels, batch, height, width]);
  }

  #transposed(name: string, perm: readonly number[], shape: readonly number[]): string {
    return this.#builder.reshape(this.#builder.node("Transpose", [name], { perm }), shape);
  }
}
