import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type AdamCoefficients,
  compileKernels,
  type Kernels,
  type ScheduleFreeCoefficients,
  wasmKernels,
} from "../../src/kernels/kernels.ts";
import { plainKernels } from "../../src/kernels/plain.ts";

const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
const simd = wasmKernels(memory, compileKernels());
const plain = plainKernels();
const guard = 12_345;

/** Copies each array into the shared memory, one after another with a guard element around each. */
function share(arrays: readonly (Float32Array | Uint8Array)[]): (Float32Array | Uint8Array)[] {
  const words = new Float32Array(memory.buffer).fill(guard);
  let next = 1;
  return arrays.map((array) => {
    const view =
      array instanceof Uint8Array
        ? new Uint8Array(memory.buffer, 4 * next, array.length)
        : words.subarray(next, next + array.length);
    view.set(array);
    next += Math.ceil(array.byteLength / 4) + 1;
    return view;
  });
}

/** Bit patterns, with one pattern for all NaN (WebAssembly leaves their sign and payload open). */
const bits = (array: Float32Array | Uint8Array): number[] =>
  array instanceof Uint8Array
    ? [...array]
    : Array.from(array, (value) =>
        Number.isNaN(value) ? 0x7fc00000 : new Int32Array(Float32Array.of(value).buffer)[0],
      );

/** One call of one kernel on float32 vectors and float32-sized coefficients. */
interface KernelCase {
  readonly name: string;
  readonly vectors: number;
  readonly call: (kernels: Kernels, arrays: Float32Array[], coefficients: number[]) => unknown;
}

const adam = (coefficients: number[]): AdamCoefficients => ({
  beta1: coefficients[0],
  beta2: coefficients[1],
  epsilon: 1e-8,
  step: coefficients[2],
  firstCorrection: 1 / (1 - coefficients[0]),
  secondCorrection: 1 / (1 - coefficients[1]),
  decay: coefficients[0] / 2,
});

const scheduleFree = (coefficients: number[]): ScheduleFreeCoefficients => ({
  ...adam(coefficients),
  interpolation: coefficients[0],
  weight: coefficients[1],
  scale: coefficients[2],
});

const cases: readonly KernelCase[] = [
  { name: "squaredNorm", vectors: 1, call: (k, [g]) => k.squaredNorm(g) },
  { name: "observe", vectors: 2, call: (k, [g, m], [decay, scale]) => k.observe(g, m, scale, decay) },
  {
    name: "applyMomentum",
    vectors: 3,
    call: (k, [x, d, g], [momentum, step]) => k.applyMomentum(x, d, g, momentum, step),
  },
  { name: "copy", vectors: 2, call: (k, [x, y]) => k.copy(x, y) },
  { name: "applySgd", vectors: 2, call: (k, [x, g], [step]) => k.applySgd(x, g, step) },
  {
    name: "applyNesterov",
    vectors: 3,
    call: (k, [x, d, g], [momentum, step]) => k.applyNesterov(x, d, g, momentum, step),
  },
  { name: "applyAdam", vectors: 4, call: (k, [x, m, v, g], c) => k.applyAdam(x, m, v, g, adam(c)) },
  {
    name: "applyRmsProp",
    vectors: 4,
    call: (k, [x, s, v, g], [decay, momentum, step]) =>
      k.applyRmsProp(x, s, v, g, { decay, momentum, step, epsilon: 1e-7 }),
  },
  {
    name: "applyAdagrad",
    vectors: 3,
    call: (k, [x, s, g], [step]) => k.applyAdagrad(x, s, g, step, 1e-7),
  },
  {
    name: "applyAdamax",
    vectors: 4,
    call: (k, [x, m, u, g], [beta1, beta2, step]) =>
      k.applyAdamax(x, m, u, g, { beta1, beta2, step, epsilon: 1e-7 }),
  },
  {
    name: "applyAdadelta",
    vectors: 4,
    call: (k, [x, s, q, g], [decay, step]) => k.applyAdadelta(x, s, q, g, { decay, step, epsilon: 1e-7 }),
  },
  {
    name: "alignment",
    vectors: 5,
    call: (k, [r, z, x, v, g], c) => k.alignment(r, z, x, v, g, { ...adam(c), lag: c[0] }).alignment,
  },
  {
    name: "squaredDirection of alignment",
    vectors: 5,
    call: (k, [r, z, x, v, g], c) => k.alignment(r, z, x, v, g, { ...adam(c), lag: c[0] }).squaredDirection,
  },
  {
    name: "applyScheduleFree",
    vectors: 5,
    call: (k, [y, z, x, v, g], c) => k.applyScheduleFree(y, z, x, v, g, scheduleFree(c)),
  },
  {
    name: "applyScheduleFreeSgd",
    vectors: 4,
    call: (k, [y, z, x, g], c) => k.applyScheduleFreeSgd(y, z, x, g, scheduleFree(c)),
  },
  { name: "clip", vectors: 1, call: (k, [g], [scale, limit]) => k.clip(g, scale, limit) },
  { name: "compensate", vectors: 3, call: (k, [g, x, r], [strength]) => k.compensate(g, x, r, strength) },
  {
    name: "divideByGap",
    vectors: 4,
    call: (k, [g, x, r, q], [correction]) => k.divideByGap(g, x, r, q, correction, 1e-12),
  },
  { name: "observeStep", vectors: 3, call: (k, [x, b, q], [decay]) => k.observeStep(x, b, q, decay) },
  { name: "squaredDistance", vectors: 2, call: (k, [x, r]) => k.squaredDistance(x, r) },
];

const anyFloat32 = fc.oneof(
  fc.float({ noDefaultInfinity: false }),
  fc.float({ min: -2, max: 2, noNaN: true }),
  fc.constantFrom(0, -0, 1.401298464324817e-45, 3.4028234663852886e38),
);
const coefficient = fc.double({ min: 1e-6, max: 0.9999, noNaN: true });

describe("SIMD and plain kernels", () => {
  for (const { name, vectors, call } of cases) {
    it(`${name}() gives the same bits in both forms, on any numbers and lengths, and writes nothing else`, () => {
      const arrays = fc.nat({ max: 37 }).chain((length) =>
        fc.array(fc.array(anyFloat32, { minLength: length, maxLength: length }), {
          minLength: vectors,
          maxLength: vectors,
        }),
      );
      fc.assert(
        fc.property(arrays, fc.tuple(coefficient, coefficient, coefficient), (values, coefficients) => {
          const mine = values.map((array) => Float32Array.from(array));
          const shared = share(mine) as Float32Array[];
          const expected = call(plain, mine, coefficients);
          expect(call(simd, shared, coefficients)).toEqual(expected);
          expect(shared.map(bits)).toEqual(mine.map(bits));
          const words = new Float32Array(memory.buffer);
          const length = mine[0].length;
          for (let i = 0; i <= vectors; i++) expect(words[i * (length + 1)]).toBe(guard);
        }),
        { numRuns: 300 },
      );
    });
  }

  it("scaleBytes() gives the same bits in both forms, on any bytes and lengths", () => {
    const bytes = fc.uint8Array({ maxLength: 41 });
    fc.assert(
      fc.property(bytes, coefficient, coefficient, (source, scale, offset) => {
        const expected = new Float32Array(source.length);
        plain.scaleBytes(source, expected, scale, offset);
        const [from, to] = share([source, expected.map(() => 0)]);
        simd.scaleBytes(from as Uint8Array, to as Float32Array, scale, offset);
        expect(bits(to)).toEqual(bits(expected));
      }),
    );
  });

  it("squaredNorm() adds in lanes, so a large length loses no digits", () => {
    // 10,000 times float32(0.1)² = 0.010000000298023226, each product exact in float64.
    const [g] = share([new Float32Array(10_000).fill(0.1)]) as Float32Array[];
    expect(simd.squaredNorm(g) / (10_000 * Math.fround(0.1) ** 2)).toBeCloseTo(1, 12);
  });
});

for (const [form, kernels] of Object.entries({ simd, plain })) {
  describe(`${form} kernels`, () => {
    it("squaredNorm() of (3, 4) is 25, and tells NaN and infinity", () => {
      const norm = (values: number[]) =>
        kernels.squaredNorm(share([Float32Array.from(values)])[0] as Float32Array);
      expect(norm([3, 4])).toBe(25);
      expect(norm([])).toBe(0);
      expect(norm([1, Number.NaN, 1, 1, 1, 1, 1, 1, 1])).toBeNaN();
      expect(norm([1, 1, 1, Number.NEGATIVE_INFINITY])).toBe(Number.POSITIVE_INFINITY);
      // The largest float32 squared is 1.2e77, far from the end of float64.
      expect(norm([3.4028234663852886e38])).toBe(3.4028234663852886e38 ** 2);
    });

    it("observe() moves the mean towards the scaled gradient by 1 - decay", () => {
      const [g, m] = share([Float32Array.of(8, -8), new Float32Array(2)]) as Float32Array[];
      // scale·g = ±2, decay 1/2: the mean is ±1, then ±1.5; Σ m² is 2·1, then 2·2.25.
      expect(kernels.observe(g, m, 0.25, 0.5)).toBe(2);
      expect(kernels.observe(g, m, 0.25, 0.5)).toBe(4.5);
      expect([...m]).toEqual([1.5, -1.5]);
    });

    it("observe() settles at a constant gradient, as near as float32 increments allow", () => {
      const [g, m] = share([Float32Array.of(1), new Float32Array(1)]) as Float32Array[];
      for (let i = 0; i < 30_000; i++) kernels.observe(g, m, 1, 0.999);
      // An increment of (1 − m)/1000 under half an ulp (2⁻²⁵) of a number just below 1 changes nothing any more.
      expect(Math.abs(1 - m[0])).toBeLessThanOrEqual(1000 * 2 ** -25);
    });

    it("applyMomentum() keeps the velocity and adds it", () => {
      const [x, d, g] = share([
        Float32Array.of(1),
        Float32Array.of(0.5),
        Float32Array.of(2),
      ]) as Float32Array[];
      kernels.applyMomentum(x, d, g, 0.5, 0.25);
      // d = 0.5·0.5 − 0.25·2 = −0.25; x = 1 − 0.25.
      expect([d[0], x[0]]).toEqual([-0.25, 0.75]);
    });

    it("applySgd() subtracts the step times the gradient", () => {
      const [x, g] = share([
        Float32Array.of(1, 2, 3, 4, 5),
        Float32Array.of(4, 4, 4, 4, 8),
      ]) as Float32Array[];
      kernels.applySgd(x, g, 0.25);
      expect([...x]).toEqual([0, 1, 2, 3, 3]);
    });

    it("applyAdam() makes a first step of the learning rate against the gradient's sign", () => {
      const zero = new Float32Array(2);
      const [x, m, v, g] = share([zero, zero, zero, Float32Array.of(1e-3, -700)]) as Float32Array[];
      const coefficients = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, step: 0.01 };
      kernels.applyAdam(x, m, v, g, {
        decay: 0,
        ...coefficients,
        firstCorrection: 1 / (1 - 0.9),
        secondCorrection: 1 / (1 - 0.999),
      });
      // Bias-corrected, m = g and √v = |g|: x = −α·g/(|g| + ε), up to ε/|g| = 1e-5.
      expect(x[0]).toBeCloseTo(-0.01, 6);
      expect(x[1]).toBeCloseTo(0.01, 6);
      expect(m[1]).toBeCloseTo(-70, 4);
      expect(v[1]).toBeCloseTo(490, 1);
    });

    it("scaleBytes() maps 0 … 255 to the interval that scale and offset span", () => {
      const source = Uint8Array.from({ length: 256 }, (_, i) => i);
      const [from, to] = share([source, new Float32Array(256)]);
      kernels.scaleBytes(from as Uint8Array, to as Float32Array, 2 / 256, -1);
      // 2/256 is a power of two, so every value is exact: −1 + i/128.
      expect([...to]).toEqual([...source].map((byte) => byte / 128 - 1));
    });
  });
}

describe("wasmKernels()", () => {
  it("refuses an array that is not in its memory", () => {
    expect(() => simd.squaredNorm(new Float32Array(4))).toThrow(TypeError);
  });

  it("refuses arrays that differ in length", () => {
    const [x, g] = share([new Float32Array(4), new Float32Array(5)]) as Float32Array[];
    expect(() => simd.applySgd(x, g, 1)).toThrow(RangeError);
  });

  it("gives kernels of one compiled module to several memories, which do not see each other", () => {
    const module = compileKernels();
    const other = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
    const x = new Float32Array(other.buffer, 0, 4).fill(1);
    const y = new Float32Array(memory.buffer, 0, 4).fill(5);
    wasmKernels(other, module).applySgd(x, x, 1);
    expect([...x, ...y]).toEqual([0, 0, 0, 0, 5, 5, 5, 5]);
  });
});
