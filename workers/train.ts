/** Entry of a training thread: one long task per worker, started by `src/coordinator/pool.ts`. */
export { trainWorker as default } from "../src/worker/train-worker.ts";
