/** Sends a run to Weights & Biases: `run` is what `wandb.init()` gives, or anything else that logs numbers. */
import { type RunSnapshot, type TrainCallbacks, train } from "yf-async";

interface WandbRun {
  log(values: Record<string, number>): unknown;
  finish(): unknown;
}

function weightsAndBiases(run: WandbRun): TrainCallbacks {
  // Lists, such as the updates of each worker, and what was not measured stay at home.
  const numbersOf = (snapshot: RunSnapshot) =>
    Object.entries(snapshot).filter((entry): entry is [string, number] => Number.isFinite(entry[1]));
  return {
    onRecord: (snapshot) => run.log(Object.fromEntries(numbersOf(snapshot))),
    onTrainEnd: () => run.finish(),
  };
}

// Stands in for the client, which needs an account.
const run: WandbRun = {
  log: ({ epoch, loss, testAccuracy }) => console.log(epoch, loss, testAccuracy),
  finish: () => console.log("finished"),
};

await train({ model: "logistic", epochs: 0.1, workers: 2, callbacks: weightsAndBiases(run) });
