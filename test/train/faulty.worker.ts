/** A training thread that fails where and how {@link faultVariable} says, which the threads of a pool inherit. */
import type { TrainJob } from "../../src/worker/protocol.ts";
import { Seat } from "../../src/worker/seat.ts";
import { trainWorker } from "../../src/worker/train-worker.ts";
import { type Fault, faultVariable } from "./fault.ts";

const failures: Record<Fault["how"], () => void> = {
  throws() {
    throw new Error("out of luck");
  },
  "throws where nobody catches"() {
    queueMicrotask(() => {
      throw new Error("out of luck");
    });
  },
  exits() {
    process.exit(7);
  },
  "runs out of heap"() {
    const hoard: number[][] = [];
    for (;;) hoard.push(Array.from({ length: 10_000 }, Math.random));
  },
  stalls() {
    for (;;);
  },
};

export default async function faulty(job: TrainJob): Promise<unknown> {
  const { how, lives, ranks, skip, where } = JSON.parse(process.env[faultVariable] as string) as Fault;
  // The rest of the cache line of its heartbeat is this place's own for the whole run: threads come and go.
  const livesSoFar = new Int32Array(job.heartbeat.buffer, job.heartbeat.byteOffset + 4, 1);
  if (!ranks.includes(job.rank) || livesSoFar[0]++ >= lives) return trainWorker(job);
  let left = skip;
  const fail = () => {
    if (left-- === 0) failures[how]();
  };
  if (where === "gradient") {
    const { computeGradient } = Seat.prototype;
    Seat.prototype.computeGradient = async function () {
      await computeGradient.call(this);
      fail();
    };
  } else {
    const { insideGate } = Seat.prototype;
    Seat.prototype.insideGate = function (write) {
      return insideGate.call(this, () => {
        if (where === "before the update") fail();
        const result = write();
        if (where === "after the update") fail();
        return result;
      }) as ReturnType<typeof write>;
    };
  }
  return trainWorker(job);
}
