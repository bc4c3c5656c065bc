import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { YfError } from "../../src/errors.ts";
import { RunMemory } from "../../src/shared/run-memory.ts";
import type { RunShape } from "../../src/shared/run-shape.ts";

const shape: RunShape = {
  parameterCount: 21,
  workers: 3,
  stateCount: 7,
  vectors: 2,
  averages: 1,
  sampleCount: 5,
  estimatorLength: 3,
  iterateSlots: 4,
  ringSlots: 2,
  observationLength: 6,
  decisionLength: 8,
  tunerStateLength: 7,
  batchElements: 6,
  batchBytes: 3,
  resultVector: 0,
  ordered: 1,
  scheduleLength: 2,
  curveLength: 2,
  orderLength: 2,
};

/** The bytes of every array in the layout: all of them, as nothing has to be listed here. */
const arraysOf = (memory: RunMemory) =>
  memory.arrays().map(({ array }) => new Uint8Array(array.buffer, array.byteOffset, array.byteLength));

const codeOf = (action: () => unknown): unknown => {
  try {
    action();
    return null;
  } catch (error) {
    return error instanceof YfError ? error.code : error;
  }
};

describe("RunMemory", () => {
  it("hands out zeroed arrays that do not overlap, of the lengths of its shape", () => {
    const size = fc.nat({ max: 70 });
    const some = fc.integer({ min: 1, max: 9 });
    const shapes: fc.Arbitrary<RunShape> = fc.record({
      parameterCount: some,
      workers: some,
      stateCount: fc.integer({ min: 0, max: 9 }),
      vectors: fc.integer({ min: 1, max: 3 }),
      averages: fc.integer({ min: 0, max: 1 }),
      sampleCount: size,
      estimatorLength: size,
      iterateSlots: some,
      ringSlots: some,
      observationLength: some,
      decisionLength: some,
      tunerStateLength: size,
      batchElements: size,
      batchBytes: size,
      resultVector: fc.integer({ min: 0, max: 1 }),
      ordered: size,
      scheduleLength: size,
      curveLength: size,
      orderLength: size,
    });
    fc.assert(
      fc.property(shapes, (anyShape) => {
        const memory = RunMemory.create(anyShape);
        const arrays = arraysOf(memory);
        for (const [i, array] of arrays.entries()) {
          expect(array.every((value) => value === 0)).toBe(true);
          array.fill(1 + (i % 255));
        }
        for (const [i, array] of arrays.entries()) {
          expect(array.every((value) => value === 1 + (i % 255))).toBe(true);
        }
        // Sizes survive, so neither the header nor anything else was overwritten.
        expect(RunMemory.attach(memory.memory).shape).toEqual(anyShape);
        expect(memory.parameters.length).toBe(anyShape.parameterCount);
        expect(memory.vectors.length).toBe(anyShape.vectors);
        expect(memory.batch(anyShape.workers - 1).bytes.length).toBe(anyShape.batchBytes);
      }),
      { numRuns: 40 },
    );
  });

  it("shows the same bytes to everyone attached", () => {
    const mine = RunMemory.create(shape);
    const yours = RunMemory.attach(mine.memory);
    mine.parameters[20] = 1.5;
    mine.updates.next();
    const observation = Array.from({ length: shape.observationLength }, (_, i) => i);
    mine.ring(2).post(observation);
    const published = Array.from({ length: shape.decisionLength }, (_, i) => 1 + i);
    mine.hyperparameters.publish(published);
    mine.worker(1).countUpdate(2.5, 3, 16);
    mine.worker(1).countUpdate(0.5, 4, 32);
    mine.iterates.write(0, mine.parameters, mine.sampleIndices.fill(20));
    expect(mine.stop.request(3)).toBe(true);
    expect(mine.stop.request(4)).toBe(false);

    const record = new Float64Array(shape.observationLength);
    const sample = new Float32Array(5);
    expect(yours.parameters[20]).toBe(1.5);
    expect(yours.updates.value).toBe(1);
    expect([yours.rings[2].take(record), ...record]).toEqual([true, ...observation]);
    const read = new Float64Array(shape.decisionLength);
    expect([yours.hyperparameters.read(read), ...read]).toEqual([true, ...published]);
    const { updates, lossSum, stalenessSum, staleness } = yours.worker(1);
    expect([updates, lossSum, stalenessSum]).toEqual([2, 3, 7]);
    expect([...staleness.counts.subarray(0, 6)]).toEqual([0, 0, 0, 1, 1, 0]);
    expect(yours.worker(1).firstUpdateAtMs).toBe(mine.worker(1).firstUpdateAtMs);
    expect([yours.worker(1).firstUpdateAtMs > 0, yours.worker(0).firstUpdateAtMs]).toEqual([true, 0]);
    expect([yours.iterates.read(0, sample), ...sample]).toEqual([true, 1.5, 1.5, 1.5, 1.5, 1.5]);
    expect([yours.stop.requested, yours.stop.reason]).toEqual([true, 3]);
  });

  it("keeps for a checkpoint what each array's declaration says: reads and turns only where a schedule makes them", () => {
    const free = RunMemory.create({ ...shape, ordered: 0 }).kept();
    const ordered = RunMemory.create({ ...shape, ordered: 1 }).kept();
    expect([...ordered.keys()].filter((name) => !free.has(name))).toEqual([
      ...["snapshots.0", "snapshots.1", "snapshots.2"],
      ...["stateSnapshots.0", "stateSnapshots.1", "stateSnapshots.2"],
      ...["board.tasks", "board.progress", "board.schedule"],
    ]);
    const growing = [...ordered].filter(([, { grows }]) => grows).map(([name]) => name);
    expect(growing).toEqual(["curve", "order"]);
    // Of one moment, or of one process: a run that continued from these would wait for threads that are gone.
    for (const name of [
      "gate.closed",
      "stop",
      "tunerLock",
      "updateLock",
      "gradients.0",
      "stalenessBound.lock",
    ]) {
      expect(
        RunMemory.create(shape)
          .arrays()
          .map((array) => array.name),
      ).toContain(name);
      expect(ordered.has(name)).toBe(false);
    }
    for (const name of ["parameters", "vectors.1", "tunerState", "slots.2", "updates", "rings.0.records"]) {
      expect(free.has(name)).toBe(true);
    }
  });

  it("counts staleness by bucket, and everything from 512 on in the last", () => {
    const { staleness } = RunMemory.create(shape).worker(0);
    for (const value of [0, 15, 15, 511, 512, 100_000]) staleness.add(value);
    expect([staleness.counts[0], staleness.counts[15], staleness.counts[511], staleness.counts[512]]).toEqual(
      [1, 2, 1, 2],
    );
    expect(staleness.counts.length).toBe(513);
  });

  it("counts on past 2³² and from where a resumed run left off", () => {
    const { updates } = RunMemory.create(shape);
    updates.value = 2 ** 32 - 1;
    expect([updates.next(), updates.next(), updates.value]).toEqual([2 ** 32 - 1, 2 ** 32, 2 ** 32 + 1]);
  });

  it("refuses memory that is not a run's, of another version, or too short", () => {
    const empty = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
    expect(codeOf(() => RunMemory.attach(empty))).toBe("BAD_LAYOUT");
    const corrupt = (change: (words: Int32Array, doubles: Float64Array) => void) => {
      const { memory } = RunMemory.create(shape);
      change(new Int32Array(memory.buffer), new Float64Array(memory.buffer));
      return codeOf(() => RunMemory.attach(memory));
    };
    // Words: magic, version; doubles from byte 8: length, then the shape, of which the first is parameterCount.
    expect(corrupt(() => {})).toBe(null);
    expect(corrupt((words) => words[1]++)).toBe("BAD_LAYOUT");
    expect(corrupt((_, doubles) => (doubles[1] = 1e9))).toBe("BAD_LAYOUT");
    expect(corrupt((_, doubles) => (doubles[2] = 2100))).toBe("BAD_LAYOUT");
  });

  it("says that it cannot be had when it would not fit in 4 GiB, and refuses sizes that are no counts", () => {
    expect(codeOf(() => RunMemory.create({ ...shape, parameterCount: 2 ** 30 }))).toBe("NO_MEMORY");
    expect(() => RunMemory.create({ ...shape, batchBytes: -1 })).toThrow(RangeError);
    expect(() => RunMemory.create({ ...shape, parameterCount: 1.5 })).toThrow(RangeError);
  });
});
