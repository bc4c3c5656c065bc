/** Damages bytes in the ways that disks, transfers, editors and crashes do. */
import type { createRandom } from "../../src/math/random.ts";

type Random = ReturnType<typeof createRandom>;

const below = (random: Random, limit: number) => Math.floor(random() * limit);

type Damage = (bytes: Buffer, random: Random) => Buffer;

/** Numbers that lengths, counts and offsets should not be. */
const numerals = [
  "-1",
  "0",
  "1e308",
  "4294967296",
  "9007199254740993",
  "null",
  "{}",
  "[]",
  '""',
  "__proto__",
  "NaN",
];

const damages: Readonly<Record<string, Damage>> = {
  "flipped bit"(bytes, random) {
    const at = below(random, bytes.length);
    bytes[at] ^= 1 << below(random, 8);
    return bytes;
  },
  "flipped bits"(bytes, random) {
    for (let i = 0; i < 20; i++) bytes[below(random, bytes.length)] = below(random, 256);
    return bytes;
  },
  truncated: (bytes, random) => bytes.subarray(0, below(random, bytes.length)),
  "longer than it was": (bytes, random) =>
    Buffer.concat([bytes, Buffer.alloc(1 + below(random, 64), below(random, 256))]),
  "a block of zeros"(bytes, random) {
    const at = below(random, bytes.length);
    return bytes.fill(0, at, Math.min(bytes.length, at + 1 + below(random, 512)));
  },
  "a part missing"(bytes, random) {
    const at = below(random, bytes.length);
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + below(random, 64))]);
  },
  "a part twice"(bytes, random) {
    const at = below(random, bytes.length);
    const end = Math.min(bytes.length, at + 1 + below(random, 64));
    return Buffer.concat([bytes.subarray(0, end), bytes.subarray(at)]);
  },
  "a large number in the head"(bytes, random) {
    const at = below(random, Math.min(64, bytes.length));
    return bytes.fill(255, at, Math.min(bytes.length, at + 1 + below(random, 8)));
  },
  "another number or word in its text"(bytes, random) {
    const text = bytes.toString("latin1");
    const numbers = [...text.slice(0, 20_000).matchAll(/-?\d+(\.\d+)?|"[^"]{0,40}"|null|true/g)];
    if (numbers.length === 0) return bytes.subarray(0, bytes.length >> 1);
    const { 0: found, index } = numbers[below(random, numbers.length)];
    const other = numerals[below(random, numerals.length)];
    return Buffer.from(text.slice(0, index) + other + text.slice(index + found.length), "latin1");
  },
};

/** @returns Damaged bytes, and in which way; always others than before. */
export function damaged(bytes: Uint8Array, random: Random): { bytes: Buffer; way: string } {
  const ways = Object.entries(damages);
  for (;;) {
    const [way, damage] = ways[below(random, ways.length)];
    const result = damage(Buffer.from(bytes), random);
    if (!result.equals(bytes)) return { bytes: result, way };
  }
}
