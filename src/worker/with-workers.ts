/** Opens the contexts of workers, uses them and closes them again, also after an error. */
import { RunMemory } from "../shared/run-memory.ts";
import type { TrainJob } from "./protocol.ts";
import { WorkerContext } from "./worker-context.ts";

/** @param ranks Of the workers, at least one. */
export async function withWorkers(
  job: TrainJob,
  ranks: readonly number[],
  use: (workers: readonly [WorkerContext, ...WorkerContext[]]) => Promise<void>,
): Promise<void> {
  const workers = await insideNative(job, () =>
    Promise.all(ranks.map((rank) => WorkerContext.open(job, rank))),
  );
  try {
    await use(workers as unknown as [WorkerContext, ...WorkerContext[]]);
  } finally {
    await insideNative(job, async () => {
      for (const worker of workers) await worker.close();
    });
  }
}

/** Engines are opened and closed by native code, too. */
async function insideNative<T>({ rank, shared }: TrainJob, act: () => Promise<T>): Promise<T> {
  const { native, shape } = RunMemory.attach(shared.memory);
  const place = rank % shape.workers;
  native.enter(place);
  try {
    return await act();
  } finally {
    native.leave(place);
  }
}
