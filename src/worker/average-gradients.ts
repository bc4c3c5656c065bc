/** The mean of several workers' gradients, in the first one's place: an update of mode `sync`. */
import type { Seat } from "./seat.ts";

/** ḡ ← ḡ + (g − ḡ)/n for the n-th gradient, in the order given; loss and size likewise. */
export function averageGradients([first, ...others]: readonly Seat[]): void {
  let n = 1;
  for (const { gradient, slot } of others) {
    n++;
    first.kernels.observe(gradient, first.gradient, 1, 1 - 1 / n);
    first.slot.loss += (slot.loss - first.slot.loss) / n;
    first.slot.size += (slot.size - first.slot.size) / n;
  }
}
