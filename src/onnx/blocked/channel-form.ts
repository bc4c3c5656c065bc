/**
 * Images as sums of other images, each times a number per channel, plus a number per channel: Σ fₖ·xₖ + o.
 *
 * Batch normalization and its gradient, as TF.js composes them, are some thirty calls on whole images, nearly all of them
 * such sums. Kept as formulas until somebody needs the numbers, they come to two passes over memory.
 */
import type { OnnxBuilder } from "../builder.ts";

/** A number per channel, `[C]`, or one for all of them. */
export interface Factor {
  readonly name: string;
  readonly isScalar: boolean;
}

export interface Term {
  /** Name of an image in the blocked layout. */
  readonly base: string;
  readonly factor: Factor;
}

export interface ChannelForm {
  readonly terms: readonly Term[];
  /** Null for zero. */
  readonly offset: Factor | null;
}

/** Arithmetic on factors and forms; writes nodes that compute with `[C]` numbers, and drops what multiplies by 1. */
export class ChannelAlgebra {
  readonly one: Factor;
  readonly #builder: OnnxBuilder;

  constructor(builder: OnnxBuilder) {
    this.#builder = builder;
    this.one = this.scalar(1);
  }

  scalar(value: number): Factor {
    return { name: this.#builder.scalar(value), isScalar: true };
  }

  isOne({ name }: Factor): boolean {
    return name === this.one.name;
  }

  times(a: Factor, b: Factor): Factor {
    if (this.isOne(a)) return b;
    return this.isOne(b) ? a : this.#operate("Mul", a, b);
  }

  over(a: Factor, b: Factor): Factor {
    return this.isOne(b) ? a : this.#operate("Div", a, b);
  }

  plus(a: Factor, b: Factor): Factor {
    return this.#operate("Add", a, b);
  }

  negated(a: Factor): Factor {
    return { ...a, name: this.#builder.node("Neg", [a.name]) };
  }

  /** 1/√(variance + ε). */
  inverseDeviation(variance: Factor, epsilon: number): Factor {
    const shifted = this.plus(variance, this.scalar(epsilon));
    const deviation = this.#builder.node("Sqrt", [shifted.name]);
    return { ...shifted, name: this.#builder.node("Reciprocal", [deviation]) };
  }

  scaled({ offset, terms }: ChannelForm, by: Factor): ChannelForm {
    return {
      terms: terms.map(({ base, factor }) => ({ base, factor: this.times(factor, by) })),
      offset: offset === null ? null : this.times(offset, by),
    };
  }

  divided({ offset, terms }: ChannelForm, by: Factor): ChannelForm {
    return {
      terms: terms.map(({ base, factor }) => ({ base, factor: this.over(factor, by) })),
      offset: offset === null ? null : this.over(offset, by),
    };
  }

  negatedForm({ offset, terms }: ChannelForm): ChannelForm {
    return {
      terms: terms.map(({ base, factor }) => ({ base, factor: this.negated(factor) })),
      offset: offset === null ? null : this.negated(offset),
    };
  }

  /** The sum; terms of one image are one. */
  added(a: ChannelForm, b: ChannelForm): ChannelForm {
    const terms = new Map(a.terms.map(({ base, factor }) => [base, factor]));
    for (const { base, factor } of b.terms) {
      const known = terms.get(base);
      terms.set(base, known === undefined ? factor : this.plus(known, factor));
    }
    const offsets = [a, b].flatMap(({ offset }) => (offset === null ? [] : [offset]));
    return {
      terms: [...terms].map(([base, factor]) => ({ base, factor })),
      offset: offsets.length === 0 ? null : offsets.reduce((sum, offset) => this.plus(sum, offset)),
    };
  }

  /** As a vector `[channels]`. */
  vector(factor: Factor, channels: number): string {
    return factor.isScalar
      ? this.#builder.node("Expand", [factor.name, this.#builder.ints([channels])])
      : factor.name;
  }

  #operate(op: string, a: Factor, b: Factor): Factor {
    return { name: this.#builder.node(op, [a.name, b.name]), isScalar: a.isScalar && b.isScalar };
  }
}
