/** All benchmarks by name. A scenario is loaded when it runs, so that none of the others takes its memory or time. */
import type { Scenario } from "../harness/scenario.ts";

export const scenarios: Readonly<Record<string, Scenario>> = {
  gradients: {
    description: "Gradients per second on one thread of three networks, against PyTorch on one thread",
    run: async (options) => (await import("./gradients.ts")).gradients(options),
  },
  kernels: {
    description: "Loops over whole parameter vectors: SIMD against plain JavaScript",
    run: async (options) => (await import("./kernels.ts")).kernels(options),
  },
};
