import { describe, expect, test } from "vitest";
import { train } from "../../src/train.ts";
import { hasAdapter, needsAdapter } from "../engine/adapter.ts";
import { blobSplit } from "./tiny.ts";

describe.skipIf(!hasAdapter)(`training on WebGPU (${needsAdapter})`, () => {
  const common = { model: "mlp", data: blobSplit, batchSize: 16, maxUpdates: 60, seed: 3 } as const;

  test("several threads take turns: every update is made, and the loss falls below that of a guess", async () => {
    const { summary } = await train({ ...common, device: "webgpu", workers: 3 });
    expect(summary).toMatchObject({ updates: 60, device: "webgpu", workers: 3, skippedGradients: 0 });
    expect(summary.trainLoss).toBeLessThan(Math.log(4));
  });

  test("one thread comes to what the CPU comes to", async () => {
    const run = async (device: "cpu" | "webgpu") => {
      const { summary } = await train({ ...common, device, mode: "serial", optimizer: "sgd" });
      return summary;
    };
    const [cpu, webgpu] = [await run("cpu"), await run("webgpu")];
    expect(webgpu.trainLoss).toBeCloseTo(cpu.trainLoss as number, 4);
    expect(webgpu.testLoss).toBeCloseTo(cpu.testLoss as number, 4);
  });
});
