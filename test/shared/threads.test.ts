/** The parts of the run memory under real threads. What is asserted holds in every order that can happen. */
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { describe, expect, it, vi } from "vitest";
import { compileKernels } from "../../src/kernels/kernels.ts";
import { drainInOrder } from "../../src/shared/drain-in-order.ts";
import { RunMemory } from "../../src/shared/run-memory.ts";

/** Compiled with the rest of the package by `npm run build`. */
const workerFile = new URL("../../dist/test/shared/threads.worker.js", import.meta.url);
const kernels = compileKernels();

const memoryOf = (workers: number, parameterCount: number) =>
  RunMemory.create({
    parameterCount,
    workers,
    stateCount: 0,
    vectors: 1,
    averages: 0,
    sampleCount: 0,
    estimatorLength: 0,
    iterateSlots: 1,
    ringSlots: 4,
    observationLength: 7,
    decisionLength: 8,
    tunerStateLength: 0,
    batchElements: 0,
    batchBytes: 0,
    resultVector: 0,
    ordered: 0,
    scheduleLength: 0,
    curveLength: 0,
    orderLength: 0,
  });

/** Starts one thread per program; each promise is what the program returns. */
function start(run: RunMemory, programs: readonly string[], rounds: number): Promise<unknown>[] {
  return programs.map(async (program, rank) => {
    const worker = new Worker(workerFile, {
      workerData: { rank, program, rounds, memory: run.memory, kernels },
    });
    const exit = once(worker, "exit");
    const [result] = await once(worker, "message");
    await exit;
    return result;
  });
}

describe("real threads", () => {
  it("never read a mailbox half, over 100,000 publishes", async () => {
    const [, ...torn] = await Promise.all(start(memoryOf(3, 1), ["publish", "read", "read"], 100_000));
    expect(torn).toEqual([0, 0]);
  });

  it("R1: lose whole updates at worst when they apply without a lock, and never count one twice", async () => {
    const rounds = 5_000;
    const run = memoryOf(2, 1_003);
    await Promise.all(start(run, ["addOne", "addOne"], rounds));
    expect(run.updates.value).toBe(2 * rounds);
    for (const x of run.parameters) {
      // A load sees what the same thread stored before or something later: 2 is the least that two threads of
      // 5,000 ones each can leave (each overwrites the other's all but last), and the sum the most.
      expect(Number.isInteger(x)).toBe(true);
      expect(x).toBeGreaterThanOrEqual(2);
      expect(x).toBeLessThanOrEqual(2 * rounds);
    }
  });

  it("leave every vector whole behind a closed gate, again and again", async () => {
    const run = memoryOf(2, 4_099);
    const ended = start(run, ["applyInGate", "applyInGate"], 0);
    await vi.waitUntil(() => [0, 1].every((rank) => run.worker(rank).updates === 1), 30_000);
    const seen: number[] = [];
    for (let i = 0; i < 200; i++) {
      expect(run.gate.close(30_000)).toEqual([]);
      for (const rank of [0, 1]) {
        const copy = run.gradient(rank).slice();
        expect(copy.every((value) => value === copy[0])).toBe(true);
        seen.push(copy[0]);
      }
      run.gate.open();
    }
    run.stop.request(1);
    const last = (await Promise.all(ended)) as number[];
    for (const rank of [0, 1]) expect(last[rank]).toBeGreaterThanOrEqual(seen.at(rank - 2) as number);
  });

  it("consume every observation exactly once", async () => {
    const rounds = 20_000;
    const run = memoryOf(2, 1);
    const consumed = (await Promise.all(start(run, ["postAndDrain", "postAndDrain"], rounds))) as number[][];
    const left: number[] = [];
    drainInOrder(run.rings, ([ticket]) => left.push(ticket));
    const tickets = [...consumed.flat(), ...left].sort((a, b) => a - b);
    expect(tickets).toEqual(Array.from({ length: 2 * rounds }, (_, ticket) => ticket));
  });
});
