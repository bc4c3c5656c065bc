/** Threads that use the shared memory of a run as fast as they can, for `threads.test.ts`. */
import { parentPort, workerData } from "node:worker_threads";
import { wasmKernels } from "../../src/kernels/kernels.ts";
import { drainInOrder } from "../../src/shared/drain-in-order.ts";
import { RunMemory } from "../../src/shared/run-memory.ts";

const { rank, program, rounds, memory, kernels } = workerData as {
  rank: number;
  program: keyof typeof programs;
  rounds: number;
  memory: WebAssembly.Memory;
  kernels: WebAssembly.Module;
};
const run = RunMemory.attach(memory);

const programs = {
  /** Record k is (k, k, …), k = 1 … rounds. */
  publish() {
    for (let k = 1; k <= rounds; k++)
      run.hyperparameters.publish(new Array(run.shape.decisionLength).fill(k));
    return null;
  },

  /** Reads until the last record; returns how many were half another, or older than the one before. */
  read() {
    const record = new Float64Array(run.shape.decisionLength);
    let last = 0;
    let torn = 0;
    while (last < rounds) {
      if (!run.hyperparameters.read(record)) continue;
      if (record.some((value) => value !== record[0]) || record[0] < last) torn++;
      last = record[0];
    }
    return torn;
  },

  /** x ← x + 1 in every coordinate, without a lock. */
  addOne() {
    const simd = wasmKernels(memory, kernels);
    const gradient = run.gradient(rank).fill(-1);
    for (let i = 0; i < rounds; i++) {
      run.updates.next();
      simd.applySgd(run.parameters, gradient, 1);
    }
    return null;
  },

  /** One vector of this worker's, all coordinates equal whenever it is outside the gate. */
  applyInGate() {
    const own = run.gradient(rank);
    run.worker(rank).countUpdate(0, 0, 1);
    while (!run.stop.requested) {
      run.gate.enter(rank);
      for (let i = 0; i < own.length; i++) own[i]++;
      run.gate.leave(rank);
    }
    return own[0];
  },

  /** Posts and drains as workers do; returns the tickets that this thread consumed, in order. */
  postAndDrain() {
    const consumed: number[] = [];
    for (let i = 0; i < rounds; i++) {
      const ticket = run.observations.next();
      while (!run.ring(rank).post([ticket, rank, 0, 0, 0, 0])) drain(consumed);
      drain(consumed);
    }
    return consumed;
  },
};

function drain(consumed: number[]): void {
  if (!run.tunerLock.tryAcquire(rank)) return;
  drainInOrder(run.rings, ([ticket]) => consumed.push(ticket));
  run.tunerLock.release(rank);
}

parentPort?.postMessage(programs[program]());
