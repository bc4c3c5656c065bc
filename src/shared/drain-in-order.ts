/**
 * Empties many rings in the order of their records' tickets.
 *
 * Only the holder of the consumers' lock may drain. Guaranteed: each record is consumed exactly once; records of
 * one ring keep their order; a record is consumed before every record with a higher ticket that was in a ring
 * when the drain began. NOT guaranteed: a thread that took its ticket early and posts late comes after higher
 * tickets that were consumed meanwhile. Nothing waits for it: it is consumed by the next drain, out of order (R6
 * in RACES.md). With one producer the order is always that of the tickets.
 *
 * A drain takes no more than what was there when it began, so that busy producers cannot keep its caller in it.
 */
import type { RecordRing } from "./record-ring.ts";

/**
 * @param rings One or more rings of one record length, each with growing tickets.
 * @param consume Gets each record, in an array that is reused for the next one.
 * @returns Number of records consumed.
 */
export function drainInOrder(rings: readonly RecordRing[], consume: (record: Float64Array) => void): number {
  const record = new Float64Array(rings[0].recordLength);
  const remaining = rings.map((ring) => ring.size);
  const next = rings.map((ring, i) => (remaining[i] > 0 ? ring.peekTicket() : Number.POSITIVE_INFINITY));
  let consumed = 0;
  for (;;) {
    let first = 0;
    for (let i = 1; i < next.length; i++) if (next[i] < next[first]) first = i;
    if (next[first] === Number.POSITIVE_INFINITY) return consumed;
    rings[first].take(record);
    consume(record);
    consumed++;
    remaining[first]--;
    next[first] = remaining[first] > 0 ? rings[first].peekTicket() : Number.POSITIVE_INFINITY;
  }
}
