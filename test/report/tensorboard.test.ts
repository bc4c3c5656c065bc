import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { runEvent } from "../../src/report/run-event.ts";
import { crc32c, maskedCrc32c } from "../../src/report/tensorboard/crc32c.ts";
import { TensorBoardLog } from "../../src/report/tensorboard/tensorboard-log.ts";
import { snapshot } from "./samples.ts";

const folder = mkdtempSync(join(tmpdir(), "yf-async-tensorboard-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** A Python that has TensorBoard: the one that is named, or one of this checkout or the system. */
const python = [
  process.env.TENSORBOARD_PYTHON ?? "",
  ".cache/tb/bin/python",
  ".venv/bin/python",
  "/usr/bin/python3",
]
  .filter((file) => existsSync(file))
  .find((file) => spawnSync(file, ["-c", "import tensorboard"]).status === 0);

describe("crc32c()", () => {
  it("gives the checksums of RFC 3720, B.4", () => {
    expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
    expect(crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8ab43);
    expect(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i))).toBe(0x46dd794e);
    expect(crc32c(Buffer.from("123456789"))).toBe(0xe3069283);
  });
});

describe("TensorBoardLog", () => {
  const written = () => readdirSync(folder).filter((name) => name.includes("tfevents"));

  beforeEach(() => {
    const log = new TensorBoardLog(folder, { model: "lenet", workers: 2 });
    log.append(snapshot);
    log.append(
      runEvent(
        { event: "warning", about: "data", problem: "All features are 0." },
        { seconds: 1, updates: 1300 },
      ),
    );
    log.append({ ...snapshot, updates: 2000, loss: Number.NaN, testLoss: null, momentumTotal: 0.5 });
    log.close();
    log.close();
  });

  it("frames records with checksums of their lengths and contents", () => {
    const bytes = readFileSync(join(folder, written()[0]));
    let records = 0;
    for (let at = 0; at < bytes.length; records++) {
      const length = Number(bytes.readBigUInt64LE(at));
      expect(bytes.readUInt32LE(at + 8)).toBe(maskedCrc32c(bytes.subarray(at, at + 8)));
      expect(bytes.readUInt32LE(at + 12 + length)).toBe(
        maskedCrc32c(bytes.subarray(at + 12, at + 12 + length)),
      );
      at += 16 + length;
    }
    // The version, the settings, two snapshots, one event.
    expect(records).toBe(5);
  });

  it("leaves no file of an earlier run, which would be shown together with this one", () => {
    writeFileSync(join(folder, "events.out.tfevents.1.elsewhere"), "");
    new TensorBoardLog(folder, {}).close();
    expect(written()).toHaveLength(1);
    expect(written()[0]).toMatch(/^events\.out\.tfevents\.\d{10}\.yf-async$/);
  });

  it("leaves the files of a run that is resumed, and begins another one after them", () => {
    const [first] = written();
    const before = readFileSync(join(folder, first));
    new TensorBoardLog(folder, {}, 1300).close();
    new TensorBoardLog(folder, {}, 1300).close();
    const names = written().sort();
    expect(names).toHaveLength(3);
    expect(names[0]).toBe(first);
    expect(readFileSync(join(folder, first))).toEqual(before);
  });

  it("says that the folder is not there, and takes nothing when it is closed", () => {
    expect(() => new TensorBoardLog(join(folder, "none"), {})).toThrow("its folder must exist and take data");
    const log = new TensorBoardLog(folder, {});
    log.close();
    expect(() => log.append(snapshot)).toThrow("the log is closed");
  });

  it.skipIf(python === undefined)(
    "of a run that is resumed is read as one run (needs Python with tensorboard)",
    () => {
      const resumed = new TensorBoardLog(folder, {}, 1300);
      resumed.append({ ...snapshot, updates: 1800, momentumTotal: 0.6 });
      resumed.close();
      const program = `
import json, sys
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
events = EventAccumulator(sys.argv[1])
events.Reload()
print(json.dumps([e.step for e in events.Scalars("momentum/total")]))`;
      const { stderr, stdout } = spawnSync(python as string, ["-c", program, folder], { encoding: "utf8" });
      expect(stdout, stderr).not.toBe("");
      // What was told of 2000 updates came after the checkpoint that the run resumes from.
      expect(JSON.parse(stdout)).toEqual([1234, 1800]);
    },
    60_000,
  );

  it.skipIf(python === undefined)(
    "is read by TensorBoard itself (needs Python with tensorboard)",
    () => {
      const program = `
import json, sys
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
events = EventAccumulator(sys.argv[1])
events.Reload()
last = events.Histograms("staleness")[-1]
print(json.dumps({
    "loss": [[e.step, e.value] for e in events.Scalars("loss/train")],
    "total": [[e.step, e.value] for e in events.Scalars("momentum/total")],
    "staleness": [last.step, list(last.histogram_value.bucket), last.histogram_value.sum],
    "workers": events.Histograms("updates_of_workers")[0].histogram_value.num,
    "settings": events.Tensors("settings")[0].tensor_proto.string_val[0].decode(),
    "event": events.Tensors("events/evaluation")[0].tensor_proto.string_val[0].decode(),
}))`;
      const { stderr, stdout } = spawnSync(python as string, ["-c", program, folder], { encoding: "utf8" });
      expect(stdout, stderr).not.toBe("");
      expect(JSON.parse(stdout)).toEqual({
        loss: [[1234, expect.closeTo(0.12345, 6)]],
        total: [
          [1234, expect.closeTo(0.4, 6)],
          [2000, 0.5],
        ],
        // 10 updates with staleness 0, 20 with 1, 4 with 2: a sum of 28.
        staleness: [2000, [0, 10, 20, 4], 28],
        workers: 2,
        settings: '| option | value |\n|---|---|\n| model | "lenet" |\n| workers | 2 |',
        event: "All features are 0.",
      });
    },
    60_000,
  );
});
