/** A training thread that fails where and how {@link faultVariable} says, which the threads of a pool inherit. */

import { mix } from "../../src/math/mix.ts";
import type { TrainJob } from "../../src/worker/protocol.ts";
import { trainWorker } from "../../src/worker/train-worker.ts";
import { WorkerContext } from "../../src/worker/worker-context.ts";
import { type Fault, faultVariable, type How } from "./fault-description.ts";

const failures: Record<How, (worker: WorkerContext) => void> = {
  throws() {
    throw new Error("out of luck");
  },
  "throws uncaught"() {
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
  "gives NaN"({ gradient }) {
    gradient[gradient.length >> 1] = Number.NaN;
  },
  "spoils the model"({ memory }) {
    memory.parameters.fill(Number.NaN);
  },
  "blows the model up"({ memory }) {
    for (let i = 0; i < memory.parameters.length; i++) memory.parameters[i] *= 1e6;
  },
};

export default async function faulty(job: TrainJob): Promise<unknown> {
  const { how, lives, ranks, skip, where } = JSON.parse(process.env[faultVariable] as string) as Fault;
  const { heartbeat } = job.shared;
  // The rest of the cache line of its heartbeat is this place's own for the whole run: threads come and go.
  const livesSoFar = new Int32Array(heartbeat.buffer, heartbeat.byteOffset + 4, 1);
  const life = livesSoFar[0]++;
  if (!ranks.includes(job.rank) || life >= lives) return trainWorker(job);
  let dice = mix(mix(mix(job.spec.randomness.seed) + job.rank) + life);
  const draw = (count: number) => {
    dice = mix(dice);
    return Math.floor(((dice >>> 0) / 2 ** 32) * count);
  };
  const left = () => skip[0] + draw(1 + skip[1] - skip[0]);
  let next = left();
  const fail = (worker: WorkerContext) => {
    if (next-- > 0) return;
    next = left();
    failures[how[draw(how.length)]](worker);
  };
  if (where === "gradient") {
    const { computeGradient } = WorkerContext.prototype;
    WorkerContext.prototype.computeGradient = async function () {
      await computeGradient.call(this);
      fail(this);
    };
  } else {
    const { insideGate } = WorkerContext.prototype;
    WorkerContext.prototype.insideGate = function (write) {
      return insideGate.call(this, () => {
        if (where === "before the update") fail(this);
        const result = write();
        if (where === "after the update") fail(this);
        return result;
      }) as ReturnType<typeof write>;
    };
  }
  return trainWorker(job);
}
