/** Trains LeNet on MNIST with four lock-free workers for two seconds, nothing tuned, and shows how it goes. */
import { train } from "yf-async";

const { summary } = await train({
  model: "lenet",
  data: "mnist",
  workers: 4,
  maxSeconds: 2,
  callbacks: {
    onRecord: ({ epoch, loss, stalenessMean }) =>
      console.log(
        `epoch ${epoch.toFixed(2)}  loss ${loss.toFixed(3)}  staleness ${stalenessMean.toFixed(1)}`,
      ),
  },
});

console.log(`test accuracy ${summary.testAccuracy} after ${summary.updates} updates`);
