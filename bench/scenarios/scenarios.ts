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
  training: {
    description: "Updates per second of whole training with two workers, against PyTorch's Hogwild",
    run: async (options) => (await import("./training.ts")).training(options),
  },
  "time-to-accuracy": {
    description:
      "Seconds until 97 % on MNIST, start-up included, against PyTorch's Hogwild at its best rates",
    run: async (options) => (await import("./time-to-accuracy.ts")).timeToAccuracy(options),
  },
  "start-up": {
    description: "Seconds until sixteen workers have made an update each, and memory of a further worker",
    run: async (options) => (await import("./start-up.ts")).startUp(options),
  },
  phases: {
    description: "Where the time of an update goes, phase by phase",
    run: async (options) => (await import("./phases.ts")).phases(options),
  },
  staleness: {
    description:
      "Updates to a training loss by optimizer, simulated workers and law of staleness, about ten minutes",
    run: async (options) => (await import("./staleness.ts")).staleness(options),
  },
  jitter: {
    description:
      "Minibatches of random sizes with sixteen simulated workers of equal speed, about five minutes",
    run: async (options) => (await import("./jitter.ts")).jitter(options),
  },
  convergence: {
    description:
      "Test accuracy after five epochs by optimizer, number of workers and seed, about half an hour",
    run: async (options) => (await import("./convergence.ts")).convergence(options),
  },
};
