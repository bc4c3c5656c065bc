/** All benchmarks by name. A scenario is loaded when it runs, so that none of the others takes its memory or time. */
import type { Scenario } from "../harness/scenario.ts";

export const scenarios: Readonly<Record<string, Scenario>> = {
  gradients: {
    description: "Gradients per second on one thread of five networks, against PyTorch on one thread",
    minutes: { full: 12, quick: 0.5 },
    run: async (options) => (await import("./gradients.ts")).gradients(options),
  },
  kernels: {
    description: "Loops over whole parameter vectors: SIMD against plain JavaScript",
    minutes: { full: 1, quick: 0.1 },
    run: async (options) => (await import("./kernels.ts")).kernels(options),
  },
  training: {
    description: "Updates per second of whole training with two workers, against PyTorch's Hogwild",
    minutes: { full: 4, quick: 0.5 },
    run: async (options) => (await import("./training.ts")).training(options),
  },
  "time-to-accuracy": {
    description:
      "Seconds until 97 % on MNIST, start-up included, against PyTorch's Hogwild at its best rates",
    minutes: { full: 4, quick: 1 },
    run: async (options) => (await import("./time-to-accuracy.ts")).timeToAccuracy(options),
  },
  "start-up": {
    description: "Seconds until sixteen workers have made an update each, and memory of a further worker",
    minutes: { full: 6, quick: 1.5 },
    run: async (options) => (await import("./start-up/start-up.ts")).startUp(options),
  },
  footprint: {
    description: "Tracing, lowering and memory of the deep nets of the papers, with up to sixteen workers",
    minutes: { full: 6, quick: 1 },
    run: async (options) => (await import("./footprint/footprint.ts")).footprint(options),
  },
  overheads: {
    description: "What an update costs besides its gradient: by phase, per update and per parameter",
    minutes: { full: 2, quick: 0.5 },
    run: async (options) => (await import("./overheads.ts")).overheads(options),
  },
  "fit-calls": {
    description: "What calls of fit() and trainOnBatch() cost, and how soon a process that trains answers",
    minutes: { full: 2, quick: 0.5 },
    run: async (options) => (await import("./fit-calls.ts")).fitCalls(options),
  },
  watching: {
    description: "What it costs to watch and to save a run: terminal and metrics, dashboard, checkpoints",
    minutes: { full: 2, quick: 0.5 },
    run: async (options) => (await import("./watching/watching.ts")).watching(options),
  },
  checkpoints: {
    description: "How long a large checkpoint takes, and how soon a run resumes from one",
    minutes: { full: 2, quick: 0.5 },
    run: async (options) => (await import("./checkpoints/checkpoints.ts")).checkpoints(options),
  },
  scaling: {
    description:
      "Gradients per second and staleness by number of threads: free, locked, in step; beside PyTorch",
    minutes: { full: 10, quick: 0.5 },
    run: async (options) => (await import("./scaling.ts")).scaling(options),
  },
  staleness: {
    description: "Updates to a training loss by problem, optimizer, simulated workers and law of staleness",
    minutes: { full: 20, quick: 1 },
    run: async (options) => (await import("./staleness/staleness.ts")).staleness(options),
  },
  "auto-safety": {
    description:
      "Two hundred seeded runs of the optimizer auto with 16 and 32 simulated workers: is any stuck?",
    minutes: { full: 5, quick: 1 },
    run: async (options) => (await import("./auto-safety.ts")).autoSafety(options),
  },
  jitter: {
    description: "Minibatches of random sizes, with sixteen simulated workers and with real threads",
    minutes: { full: 6, quick: 0.7 },
    run: async (options) => (await import("./jitter.ts")).jitter(options),
  },
  "momentum-failure": {
    description:
      "Fixed momentum 0.9 with one worker and with sixteen, against YellowFin with and without its loop",
    minutes: { full: 2, quick: 0.5 },
    run: async (options) => (await import("./momentum-failure.ts")).momentumFailure(options),
  },
  "momentum-trace": {
    description:
      "Momentum aimed at, measured and applied over time: one worker, open loop, published loop, ours",
    minutes: { full: 2, quick: 0.5 },
    run: async (options) => (await import("./momentum-trace.ts")).momentumTrace(options),
  },
  "optimal-momentum": {
    description: "Best explicit momentum by number of workers",
    minutes: { full: 3, quick: 0.5 },
    run: async (options) => (await import("./optimal-momentum.ts")).optimalMomentum(options),
  },
  paper: {
    description:
      "ResNet-20 and a character LSTM with sixteen simulated workers: updates to tuned Adam's lowest loss",
    minutes: { full: 80, quick: 2 },
    run: async (options) => (await import("./paper/paper.ts")).paper(options),
  },
  convergence: {
    description: "Test accuracy after five epochs by optimizer, number of workers and seed",
    minutes: { full: 30, quick: 0.5 },
    run: async (options) => (await import("./convergence.ts")).convergence(options),
  },
};
