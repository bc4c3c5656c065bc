import { describe, expect, test } from "vitest";
import { findMnistPackage } from "../../src/data/mnist.ts";
import type { Finding } from "../../src/doctor/finding.ts";
import { coresDetail, memoryDetail } from "../../src/doctor/machine-findings.ts";
import { trainingTable } from "../../src/options/table.ts";
import { findCudaDriver } from "../../src/ort/cuda-driver.ts";
import { hasAdapter } from "../engine/adapter.ts";
import { hasTensorflow } from "../engine/tensorflow.ts";
import { runCli } from "./run-cli.ts";

describe("what the machine has", () => {
  const cores = { installed: 64, model: "Xeon", usable: 2 };

  test("is told with the reason why not all of it is usable", () => {
    expect(coresDetail({ ...cores, usable: 64, limit: null })).toBe("64, Xeon");
    expect(coresDetail({ ...cores, limit: { by: "quota", quota: 2.5 } })).toBe(
      "2 of 64 (CPU quota of the control group: 2.5 cores), Xeon",
    );
    expect(coresDetail({ ...cores, limit: { by: "affinity" } })).toBe(
      "2 of 64 (CPU affinity of the process), Xeon",
    );
    expect(coresDetail({ ...cores, model: null, limit: { by: "variable" } })).toBe(
      "2, by the environment variable YF_ASYNC_CORES (the machine has 64)",
    );
  });

  test("is told of memory, too", () => {
    const memory = { usableBytes: 2 ** 32, freeBytes: 2 ** 31, installedBytes: 2 ** 32 };
    expect(memoryDetail(memory)).toBe("4096 MiB, 2048 MiB of it free");
    expect(memoryDetail({ ...memory, installedBytes: 2 ** 38 })).toBe(
      "4096 MiB of 262144 MiB (limit of the control group), 2048 MiB of it free",
    );
  });
});

describe("yf-async doctor", () => {
  test("tries every engine and looks for every data set", async () => {
    const { code, stderr, stdout } = await runCli(["doctor", "--json"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const findings = JSON.parse(stdout) as Finding[];
    const engines = findings.filter(({ kind }) => kind === "engine");
    expect(engines.map(({ name }) => name)).toEqual(trainingTable.engine.kind.words);
    // They compute a known gradient, so that these tests could not run where one does not.
    const missing = hasTensorflow ? [] : [{ name: "tensorflow", enable: "yf-async setup tensorflow" }];
    expect(engines.filter(({ works }) => !works)).toMatchObject(missing);
    expect(findings.find(({ name }) => name === "mnist")?.works).toBe(
      findMnistPackage(process.cwd()) !== null,
    );
    // What does not work says why; what a command enables names it.
    for (const { detail, enable, works } of findings) {
      expect(detail).not.toBe("");
      if (works) expect(enable).toBeNull();
    }
    const devices = findings.filter(({ kind }) => kind === "device");
    expect(devices.map(({ name }) => name)).toEqual(trainingTable.device.kind.words?.slice(1));
    const [cuda, webgpu] = devices;
    expect(webgpu.works).toBe(hasAdapter);
    if (typeof findCudaDriver() === "string") {
      expect(cuda).toMatchObject({
        works: false,
        detail: expect.stringContaining("NVIDIA's driver must be installed"),
      });
    }
    // A development dependency, so that the tests of images can run.
    expect(findings.find(({ name }) => name === "folders of images")?.detail).toMatch(/^sharp \d/);
    expect(findings.find(({ name }) => name === "tinyshakespeare")).toMatchObject({
      works: false,
      enable: expect.stringContaining("--data-dir DIR"),
    });
  }, 60_000);

  test("prints a table for people", async () => {
    const { stdout } = await runCli(["doctor"], undefined, { YF_ASYNC_CORES: "16" });
    expect(stdout).toMatch(/\nmachine +cores +yes {2}16, by the environment variable YF_ASYNC_CORES/);
    expect(stdout).toMatch(/^machine {2}Node\.js +yes {2}v\d+/);
    expect(stdout).toMatch(/\nengine +ort +yes {2}cpu, onnxruntime-node \d/);
    expect(stdout).toMatch(/\ndata +cifar10 +no {3}not found\n +→ its files come from a folder/);
  }, 60_000);
});
