/** Whether so many workers must take turns on the cores of this machine. */
import { availableParallelism } from "node:os";

export function isOversubscribed(workers: number): boolean {
  return workers > availableParallelism();
}
