/** The dashboard over HTTP, as its own page and as others talk to it; and its page in Chromium where there is one. */

import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import type { Browser } from "playwright-core";
import { afterEach, describe, expect, it } from "vitest";
import { Dashboard, type DashboardControls } from "../../src/dashboard/dashboard.ts";
import type { DashboardState } from "../../src/dashboard/message.ts";
import { DashboardHistory } from "../../src/dashboard/state.ts";
import { runEvent } from "../../src/report/run-event.ts";
import { hasChromium, launchChromium } from "../pages/chromium.ts";
import { snapshot, summary } from "../report/samples.ts";

let dashboard: Dashboard;
let asked: string[] = [];
const stoppable: DashboardControls = { stop: () => asked.push("stop") };

async function open(controls: DashboardControls = stoppable, port = 0, token?: string): Promise<Dashboard> {
  asked = [];
  dashboard = await Dashboard.open(port, controls, token);
  dashboard.start({ title: "lenet on <mnist>", maxSeconds: null });
  return dashboard;
}
afterEach(() => dashboard.close());

/** Answers with status and text. */
const ask = (path: string, options: AskOptions = {}) =>
  askAt(new URL(path.replace(/^\//, ""), dashboard.url), options);

type AskOptions = { readonly method?: string; readonly headers?: Readonly<Record<string, string>> };

async function askAt(url: URL, options: AskOptions) {
  const call = request(url, { agent: false, ...options });
  call.end();
  const [response] = (await once(call, "response")) as [IncomingMessage];
  let text = "";
  for await (const part of response.setEncoding("utf8")) text += part;
  return { status: response.statusCode, text, headers: response.headers };
}

/** Reads the stream of states until one is as wanted. */
async function awaitState(wanted: (state: DashboardState) => boolean): Promise<DashboardState> {
  const call = request(new URL("events", dashboard.url), { agent: false });
  call.end();
  const [response] = (await once(call, "response")) as [IncomingMessage];
  let text = "";
  for await (const part of response.setEncoding("utf8")) {
    text += part;
    for (const message of text.split("\n\n").slice(0, -1)) {
      const state = message.startsWith("data: ") ? (JSON.parse(message.slice(6)) as DashboardState) : null;
      if (state !== null && wanted(state)) return state;
    }
    text = text.slice(text.lastIndexOf("\n\n") + 2);
  }
  throw new Error("the stream ended");
}

const own = () => ({ Origin: dashboard.url.slice(0, -1) });

describe("the dashboard's server", () => {
  it("listens on loopback and serves one page that fetches nothing from elsewhere", async () => {
    await open();
    expect(new URL(dashboard.url).hostname).toBe("127.0.0.1");
    const { headers, status, text } = await ask("/");
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      "content-type": "text/html; charset=utf-8",
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
      "content-security-policy": "frame-ancestors 'none'",
    });
    expect(headers).not.toHaveProperty("access-control-allow-origin");
    expect(text).toContain("connect-src &#39;self&#39;");
  });

  it("has nothing else to give", async () => {
    await open();
    for (const path of [
      "/package.json",
      "/../package.json",
      "/%2e%2e/package.json",
      "/events?x",

      "/index.html",
    ]) {
      expect((await ask(path)).status).toBe(path.includes("..") || path.includes("%2e") ? 403 : 404);
    }
    expect((await ask("/", { method: "POST", headers: own() })).status).toBe(405);
    expect((await ask("/stop")).status).toBe(405);
    expect(asked).toEqual([]);
  });

  it.each([
    ["whoever does not know its address", "GET", "/", {}],
    ["another user who would stop the run", "POST", "/stop", {}],
    ["a secret that is not its own", "GET", "/0123456789abcdefghijklmn/events", {}],
    ["the beginning of its own", "GET", "/{begun}/", {}],
  ] as const)("refuses %s", async (_, method, path, headers) => {
    await open();
    const [, token] = new URL(dashboard.url).pathname.split("/");
    const url = new URL(path.replace("{begun}", token.slice(0, -1)), dashboard.url);
    const { status, text } = await askAt(url, { method, headers });
    expect([status, text]).toEqual([403, "The whole address is needed, as the run tells it.\n"]);
    expect(asked).toEqual([]);
  });

  it.each([
    ["a form of another site", "POST", "stop", "cross-site", "navigate"],
    ["a page at another port", "POST", "stop", "same-site", "cors"],
    ["a page of another site that reads along", "GET", "events", "cross-site", "cors"],
  ])("refuses %s, even with its address", async (_, method, path, site, mode) => {
    await open();
    const headers = { "Sec-Fetch-Site": site, "Sec-Fetch-Mode": mode };
    expect(await ask(path, { method, headers })).toMatchObject({ status: 403 });
    expect(asked).toEqual([]);
  });

  it("works through a forwarded port and a proxy, whatever they call themselves", async () => {
    await open();
    for (const host of ["localhost:9999", "login.example", "hub.example"]) {
      const headers = { Host: host, Origin: `https://${host}`, "Sec-Fetch-Site": "same-origin" };
      expect((await ask("", { headers })).status).toBe(200);
      expect((await ask("stop", { method: "POST", headers })).status).toBe(204);
    }
    // Its page asks for nothing by a path from the root, which a proxy may have put elsewhere.
    expect((await ask("")).text).not.toMatch(/fetch\([`"']\/|EventSource\(["']\//);
    expect(asked).toEqual(["stop", "stop", "stop"]);
  });

  it("has another secret in each run, and the one that is wanted where one is given", async () => {
    const { url } = await open();
    await dashboard.close();
    expect((await open()).url.split("/")[3]).not.toBe(url.split("/")[3]);
    await dashboard.close();
    await expect(open(stoppable, 0, "short")).rejects.toMatchObject({ code: "BAD_OPTION" });
    expect((await open(stoppable, 0, "a-secret-of-my-own")).url).toMatch(/\/a-secret-of-my-own\/$/);
  });

  it("stops the run when its own page asks for it, and offers only what a run can do", async () => {
    await open();
    expect((await awaitState(() => true)).offers).toEqual([{ action: "stop", unable: null }]);
    expect(await ask("/pause", { method: "POST", headers: own() })).toMatchObject({
      status: 409,
      text: "This run cannot pause.\n",
    });
    expect((await ask("/stop", { method: "POST", headers: own() })).status).toBe(204);
    expect(asked).toEqual(["stop"]);
    expect((await awaitState(() => true)).status).toBe("stopping");
    const localhost = `localhost:${new URL(dashboard.url).port}`;
    const headers = { Host: localhost, Origin: `http://${localhost}` };
    expect((await ask("/stop", { method: "POST", headers })).status).toBe(204);
  });

  it("has a checkpoint written when its own page asks for it, and says why where a run writes none", async () => {
    await open({ ...stoppable, checkpoint: () => asked.push("checkpoint") });
    expect((await ask("/checkpoint")).status).toBe(405);
    expect(asked).toEqual([]);
    expect((await ask("/checkpoint", { method: "POST", headers: own() })).status).toBe(204);
    expect(asked).toEqual(["checkpoint"]);
    await dashboard.close();
    await open({ checkpoint: "There is no folder." });
    const unable = { status: 409, text: "There is no folder.\n" };
    expect(await ask("/checkpoint", { method: "POST", headers: own() })).toMatchObject(unable);
    expect((await awaitState(() => true)).offers).toEqual([
      { action: "checkpoint", unable: "There is no folder." },
    ]);
  });

  it("sends everything that there is to a page that comes late, and the end to all", async () => {
    await open();
    dashboard.record(snapshot);
    dashboard.event(
      runEvent(
        { event: "evaluation", epoch: 1, loss: 0.5, accuracy: null, metrics: {} },
        { seconds: 61, updates: 1234 },
      ),
    );
    dashboard.update({ ...snapshot, updates: 2345 });
    const state = await awaitState(({ status }) => status === "training");
    expect(state).toMatchObject({
      title: "lenet on <mnist>",
      events: [{ time: "1:01", kind: "evaluation", text: "epoch 1.00: test loss 0.5" }],
      ended: false,
    });
    // 2345 of 4690 updates after 2.5 s: half is done, as long is left.
    expect(Object.fromEntries(state.facts)).toMatchObject({
      Done: "50%",
      "Time left": "0:03",
      Updates: "2,345",
    });
    expect(state.charts.momentum.series.map(({ name }) => name)).toContain("asynchrony alone, 1 − 1/M");
    const end = awaitState(({ ended }) => ended);
    await awaitState(() => true);
    dashboard.finish(summary);
    expect(await end).toMatchObject({
      status: "ended by its last update",
      offers: [],
      facts: expect.arrayContaining([["Test accuracy", "98.77%"]]),
    });
  });

  it("says why a run failed, and offers nothing any more", async () => {
    await open();
    const seen = awaitState(({ ended }) => ended);
    await awaitState(() => true);
    dashboard.fail("Cannot continue training: workers may fail 2 times within 60 s");
    const { offers, status } = await seen;
    expect(status).toBe("failed: Cannot continue training: workers may fail 2 times within 60 s");
    expect(offers).toEqual([]);
  });

  it("says which port is taken", async () => {
    await open();
    const { port } = new URL(dashboard.url);
    await expect(Dashboard.open(Number(port), {})).rejects.toMatchObject({
      code: "NO_PORT",
      exitCode: 2,
      message: `Cannot serve the dashboard at port ${port}: the port must be free and yours to use (got "EADDRINUSE")`,
    });
  });
});

describe("DashboardHistory", () => {
  it("keeps a bounded picture of a run of any length, its latest numbers included", () => {
    const history = new DashboardHistory([]);
    for (let seconds = 1; seconds <= 100_000; seconds++) {
      history.record({ ...snapshot, seconds, updates: 50_000 * seconds });
      history.event(runEvent({ event: "checkpoint", update: seconds }, { seconds, updates: seconds }));
    }
    const { charts, events, facts } = history.state(null);
    const { x = [] } = charts.loss.series[0];
    expect(x.length).toBeGreaterThan(250);
    expect(x.length).toBeLessThan(600);
    expect(x.at(-1)).toBe(100_000);
    expect(x[0]).toBeLessThan(1000);
    expect(events).toHaveLength(100);
    expect(events[0].text).toBe("checkpoint after 100,000 updates");
    expect(Object.fromEntries(facts).Updates).toBe("5,000,000,000");
  });

  it("offers to continue while a run is paused, else to pause", () => {
    const offers = (["pause", "resume", "stop"] as const).map((action) => ({ action, unable: null }));
    const history = new DashboardHistory(offers);
    const offered = () => history.state(null).offers.map(({ action }) => action);
    expect(offered()).toEqual(["pause", "stop"]);
    history.event(runEvent({ event: "pause", paused: true }));
    expect(offered()).toEqual(["resume", "stop"]);
    expect(history.state(null).status).toBe("paused");
  });
});

describe.skipIf(!hasChromium)("the dashboard's page in Chromium (needs Chromium)", () => {
  let browser: Browser | null = null;
  afterEach(() => browser?.close());

  it("shows the run, stops it, and finds it again after the connection was lost", async () => {
    await open();
    const { pathname, port } = new URL(dashboard.url);
    dashboard.record({ ...snapshot, seconds: 1 });
    dashboard.record(snapshot);
    browser = await launchChromium();
    const page = await browser.newPage({ viewport: { width: 390, height: 800 } });
    const complaints: string[] = [];
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("console", (message) => {
      if (!message.text().includes("net::ERR")) complaints.push(message.text());
    });
    page.on("dialog", (dialog) => dialog.accept());
    await page.goto(dashboard.url);
    await page.locator("#chart-momentum canvas").waitFor();
    expect(await page.locator("#run").textContent()).toBe("lenet on <mnist>");
    expect(await page.locator("#facts").textContent()).toContain("98.77%");
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(390);
    await page.getByRole("button", { name: "Stop and save" }).click();
    await page.locator("#status", { hasText: "stopping" }).waitFor();
    expect(asked).toEqual(["stop"]);

    await dashboard.close();
    await page.locator("#status", { hasText: "connection lost" }).waitFor();
    await open(stoppable, Number(port), pathname.split("/")[1]);
    dashboard.record(snapshot);
    await page.locator("#status", { hasText: "training" }).waitFor();
    dashboard.finish(summary);
    await page.locator("#status", { hasText: "ended by its last update" }).waitFor();
    expect(await page.getByRole("button").count()).toBe(0);
    expect(complaints).toEqual([]);
  }, 60_000);

  it("leaves a button as it was when the run could not be asked", async () => {
    await open();
    dashboard.record(snapshot);
    browser = await launchChromium();
    const page = await browser.newPage();
    const complaints: string[] = [];
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("dialog", (dialog) => dialog.accept());
    await page.route("**/stop", (route) => route.abort());
    await page.goto(dashboard.url);
    const button = page.getByRole("button", { name: "Stop and save" });
    await Promise.all([page.waitForEvent("requestfailed"), button.click()]);
    await page.locator("button:enabled").waitFor();
    expect(asked).toEqual([]);
    expect(complaints).toEqual([]);
  }, 60_000);

  it("tells of faults, rollbacks and checkpoints, and has a button for a checkpoint that says why it cannot", async () => {
    await open({ ...stoppable, checkpoint: "There is no folder." });
    dashboard.record({ ...snapshot, faults: 3, workerFaults: [0, 3] });
    const told = [
      { event: "fault", rank: 1, update: 7, reason: "out of memory" },
      { event: "rollback", cause: "torn", from: 7, to: 5 },
      { event: "checkpoint", update: 9 },
    ] as const;
    for (const news of told) dashboard.event(runEvent(news, { seconds: 2, updates: 9 }));
    browser = await launchChromium();
    const page = await browser.newPage({ viewport: { width: 390, height: 800 }, colorScheme: "dark" });
    await page.goto(dashboard.url);
    await page.locator("#chart-faults canvas").waitFor();
    const rows = await page.locator("#events tr").allTextContents();
    expect(rows).toEqual([
      "0:02checkpointcheckpoint after 9 updates",
      "0:02rollbackwent back from update 7 to 5",
      "0:02faultworker 1 failed at update 7 and is replaced: out of memory",
    ]);
    const button = page.getByRole("button", { name: "Save a checkpoint" });
    expect(await button.isDisabled()).toBe(true);
    expect(await page.locator("#unable").textContent()).toBe("There is no folder.");
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(390);
  }, 60_000);
});
