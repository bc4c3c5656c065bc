/** Floating-point numbers of 16 bits, IEEE 754's float16 and bfloat16, as the float32 that they are exactly. */

/**
 * @param halves Bit patterns: sign, 5 bits of exponent, 10 of fraction.
 * Source: IEEE 754-2008, binary16.
 */
export function fromFloat16(halves: Uint16Array): Float32Array {
  return Float32Array.from(halves, (bits) => {
    const sign = bits & 0x8000 ? -1 : 1;
    const exponent = (bits >> 10) & 0x1f;
    const fraction = bits & 0x3ff;
    if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
    // Subnormal numbers have no hidden bit.
    return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25);
  });
}

/** @param halves The upper 16 bits of a float32 each. */
export function fromBfloat16(halves: Uint16Array): Float32Array {
  return new Float32Array(Uint32Array.from(halves, (bits) => bits << 16).buffer);
}
