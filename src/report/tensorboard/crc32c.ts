/** CRC-32C (Castagnoli), as the framing of TensorBoard's files has it; zlib's crc32 is of another polynomial. */

/** Of x³² + x²⁸ + x²⁷ + …, bits reversed. */
const polynomial = 0x82f63b78;

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte;
  for (let bit = 0; bit < 8; bit++) {
    remainder = remainder & 1 ? (remainder >>> 1) ^ polynomial : remainder >>> 1;
  }
  return remainder;
});

/** An integer in [0, 2³²). */
export function crc32c(bytes: Uint8Array): number {
  let remainder = 0xffffffff;
  for (const byte of bytes) remainder = (remainder >>> 8) ^ table[(remainder ^ byte) & 0xff];
  return ~remainder >>> 0;
}

/**
 * The checksum as it is stored, so that a checksum of data with checksums in it is not of a special kind.
 *
 * Source: TensorFlow, `tsl/lib/hash/crc32c.h`: rotated right by 15 bits, plus a constant.
 */
export function maskedCrc32c(bytes: Uint8Array): number {
  const crc = crc32c(bytes);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}
