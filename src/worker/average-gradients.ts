/** The mean over the examples of several workers, in the first one's place: an update of mode `sync`. */
import type { WorkerContext } from "./worker-context.ts";

/** ḡ ← ḡ + (n/N)(g − ḡ) for each gradient of n examples, N with those before, in the order given; loss and state likewise. */
export function averageGradients([first, ...others]: readonly WorkerContext[]): void {
  for (const { gradient, nextState, slot } of others) {
    first.slot.size += slot.size;
    const weight = slot.size / first.slot.size;
    first.kernels.observe(gradient, first.gradient, 1, 1 - weight);
    first.kernels.observe(nextState, first.nextState, 1, 1 - weight);
    first.slot.loss += weight * (slot.loss - first.slot.loss);
  }
}
