/** Runs that do not depend on each other, as many at a time as there are cores for their threads. */
import { usableCores } from "../machine/machine.ts";

/**
 * Starts runs in order, each as soon as enough cores are free for its threads; one that wants more than there are takes
 * all.
 *
 * @param threadsOf Threads that an item's run keeps busy, ≥ 1. @param cores To use in all.
 * @returns The results in the order of the items.
 * @throws What the first run that fails throws; the other runs are stopped, and no further run starts.
 */
export async function onSpareCores<T, R>(
  items: readonly T[],
  threadsOf: (item: T) => number,
  run: (item: T) => Promise<R>,
  cores: number = usableCores(),
): Promise<R[]> {
  const results: R[] = [];
  const running = new Set<Promise<void>>();
  const failures: unknown[] = [];
  let free = cores;
  const begin = (item: T, place: number, threads: number) => {
    free -= threads;
    const ended: Promise<void> = run(item)
      .then(
        (result) => {
          results[place] = result;
        },
        (error: unknown) => {
          failures.push(error);
        },
      )
      .then(() => {
        free += threads;
        running.delete(ended);
      });
    running.add(ended);
  };
  for (const [place, item] of items.entries()) {
    const threads = Math.min(cores, threadsOf(item));
    while (threads > free) await Promise.race(running);
    if (failures.length > 0) break;
    begin(item, place, threads);
  }
  await Promise.all(running);
  if (failures.length > 0) throw failures[0];
  return results;
}
