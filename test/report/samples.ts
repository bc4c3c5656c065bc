/** A snapshot and a summary with every number measured. */
import type { RunSnapshot } from "../../src/report/run-snapshot.ts";
import type { Summary } from "../../src/report/summary.ts";

export const snapshot: RunSnapshot = {
  seconds: 2.5,
  updates: 1234,
  totalUpdates: 4690,
  epoch: 1.3159,
  examples: 78_976,
  updatesPerSecond: 493.6,
  loss: 0.12345,
  testLoss: 0.0512,
  testAccuracy: 0.98765,
  stalenessMean: 6.94,
  stalenessP90: 8,
  momentumTarget: 0.45,
  momentumTotal: 0.4,
  momentumAlgorithmic: -0.12,
  learningRate: 0.003214,
  skippedGradients: 0,
};

export const summary: Summary = {
  updates: 4690,
  seconds: 10.9,
  updatesPerSecond: 469,
  examplesPerSecond: 30_016,
  trainLoss: 0.0412,
  testLoss: 0.0398,
  testAccuracy: 0.98765,
  staleness: { mean: 6.94, p50: 7, p90: 8, max: 19 },
  momentum: { target: 0.45, total: 0.4, algorithmic: -0.12 },
  learningRate: 0.003214,
  workers: 8,
  mode: "hogwild",
  engine: "ort",
  optimizer: "yellowfin",
  seed: 1,
  startupSeconds: 0.6,
  trainingSeconds: 10,
  evaluationSeconds: 0.5,
  epochs: 5.0027,
  skippedGradients: 0,
  stopReason: "completed",
};
