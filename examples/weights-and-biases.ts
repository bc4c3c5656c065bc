/** Sends a run to Weights & Biases: `run` is what `await wandb.init()` of `@wandb/sdk` gives. */
import { type RunSnapshot, type TrainCallbacks, train } from "yf-async";

interface WandbRun {
  log(values: Record<string, number>): void;
  finish(): Promise<void>;
}

/** @param failed Gets what went wrong at the end: the training is done by then. */
function weightsAndBiases(run: WandbRun, failed: (error: unknown) => void): TrainCallbacks {
  // Lists, such as the updates of each worker, and what was not measured stay at home.
  const numbersOf = (snapshot: RunSnapshot) =>
    Object.entries(snapshot).filter((entry): entry is [string, number] => Number.isFinite(entry[1]));
  return {
    onRecord: (snapshot) => run.log(Object.fromEntries(numbersOf(snapshot))),
    onTrainEnd: () => void run.finish().catch(failed),
  };
}

// Stands in for the client, which needs an account.
const run: WandbRun = {
  log: ({ epoch, loss, testAccuracy }) => console.log(epoch, loss, testAccuracy),
  finish: async () => console.log("finished"),
};

await train({
  ...{ model: "logistic", epochs: 0.1, workers: 2 },
  callbacks: weightsAndBiases(run, console.error),
});
