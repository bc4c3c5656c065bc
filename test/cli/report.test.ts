/** The page of a run, as the command line makes it. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { readMetrics } from "../../src/report/metrics-file.ts";
import { runCli } from "./run-cli.ts";

const folder = mkdtempSync(join(tmpdir(), "yf-async-report-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it("a run leaves a page of itself, which report makes again, and two runs can be compared", async () => {
  const [one, two] = ["one", "two"].map((name) => join(folder, name));
  const options = ["--model", "logistic", "--updates", "60", "--quiet", "--out"];
  await Promise.all([
    runCli(["train", ...options, one]),
    runCli(["train", "--mode", "serial", ...options, two]),
  ]);
  const page = join(one, "report.html");
  const written = readFileSync(page, "utf8");
  expect(written).toContain("one: logistic on mnist");
  const { events, snapshots } = readMetrics(join(one, "metrics.jsonl"));
  expect(events.map(({ event }) => event)).toEqual(["data", "checkpoint", "evaluation", "stop"]);
  expect(snapshots.at(-1)?.workerUpdates.reduce((a, b) => (a ?? 0) + (b ?? 0), 0)).toBe(60);

  writeFileSync(page, "stale");
  expect(await runCli(["report", one])).toEqual({ code: 0, stdout: `${page}\n`, stderr: "" });
  expect(readFileSync(page, "utf8")).toBe(written);

  const exported = await runCli(["export", one]);
  expect(exported.stdout.split("\r\n")).toHaveLength(snapshots.length + 2);
  const csv = join(folder, "metrics.csv");
  expect(await runCli(["export", one, "--out", csv])).toEqual({ code: 0, stdout: "", stderr: "" });
  expect(readFileSync(csv, "utf8")).toBe(exported.stdout);
  expect(await runCli(["export", one, "--out", csv])).toMatchObject({
    code: 2,
    stderr: `Cannot write the metrics: the file must not exist yet (--force overwrites it) (got "${csv}")\n`,
  });

  const both = join(folder, "both.html");
  expect(await runCli(["report", one, two, "--out", both])).toMatchObject({ code: 0 });
  expect(readFileSync(both, "utf8")).toContain("2 runs compared");
  const copy = join(folder, "copy", "one");
  cpSync(one, copy, { recursive: true });
  expect(await runCli(["report", one, copy, "--out", join(folder, "alike.html")])).toMatchObject({ code: 0 });
  const alike = readFileSync(join(folder, "alike.html"), "utf8");
  for (const path of [one, copy]) expect(alike).toContain(`<th scope="row" class="word">${path}</th>`);
  writeFileSync(both, "kept");
  expect(await runCli(["report", one, two, "--out", both])).toEqual({
    code: 2,
    stdout: "",
    stderr: `Cannot write the page: the file must not exist yet (--force overwrites it) (got "${both}")\n`,
  });
  expect(readFileSync(both, "utf8")).toBe("kept");
  expect(await runCli(["report", one, two, "--out", both, "--force"])).toMatchObject({ code: 0 });
  expect(readFileSync(both, "utf8")).not.toBe("kept");
}, 60_000);
