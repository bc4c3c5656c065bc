/**
 * The dashboard: one page and a stream of its numbers, served on loopback while a run trains.
 *
 * It samples: pages get the state of the run once a second, however many updates there were. Owns the server, who may talk
 * to it, and the streams; what is shown is in `state.ts`, the page's script in `browser/dashboard.ts`.
 */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createRequire } from "node:module";
import { cannot, YfError } from "../errors.ts";
import { Html } from "../pages/html.ts";
import { htmlPage } from "../pages/page.ts";
import type { RunInfo } from "../report/progress-view.ts";
import type { RunEvent } from "../report/run-event.ts";
import type { RunSnapshot } from "../report/run-snapshot.ts";
import type { Summary } from "../report/summary.ts";
import type { Action, Offer } from "./message.ts";
import { DashboardHistory } from "./state.ts";

/** The loopback address; no other machine can reach it. */
const address = "127.0.0.1";
const sendEveryMs = 1000;
/** Pages that may watch at the same time. */
const mostStreams = 16;
const graceMs = 500;
/** A page that has not read so many bytes yet is left out until it has. */
const mostUnread = 4_000_000;

/** Environment variable with the secret of the page's address; a random one by default. */
export const tokenVariable = "YF_ASYNC_DASHBOARD_TOKEN";

/** What a part of an address may hold as it is. */
const tokenPattern = /^[\w-]{16,200}$/;

/** A secret that cannot be guessed. */
export const randomToken = (): string => randomBytes(18).toString("base64url");

const actions = ["pause", "resume", "checkpoint", "stop"] as const satisfies readonly Action[];

/** What each button of the page does, or why this run cannot do it, in a sentence; those that are left out are not there. */
export type DashboardControls = Readonly<Partial<Record<Action, (() => void) | string>>>;

export class Dashboard {
  readonly #server: Server;
  readonly #port: number;
  readonly #token: string;
  readonly #controls: DashboardControls;
  readonly #history: DashboardHistory;
  readonly #streams = new Set<ServerResponse>();
  readonly #timer: NodeJS.Timeout;
  readonly #page = page();
  #asked: Action | null = null;

  private constructor(server: Server, port: number, controls: DashboardControls, token: string) {
    this.#server = server;
    this.#port = port;
    this.#token = token;
    this.#controls = controls;
    this.#history = new DashboardHistory(offersOf(controls));
    server.on("request", (request, response) => this.#answer(request, response));
    this.#timer = setInterval(() => this.#send(), sendEveryMs).unref();
  }

  /**
   * Serves the page from now on.
   *
   * @param port 0 for any that is free. @param given The secret in the address; a random one by default. @throws {YfError} `NO_PORT` if it cannot be had.
   */
  static async open(port: number, controls: DashboardControls, given?: string): Promise<Dashboard> {
    const token = given ?? randomToken();
    if (!tokenPattern.test(token)) {
      const rule = "must be at least 16 letters, digits, - or _";
      throw new YfError("BAD_OPTION", cannot(`use ${tokenVariable}`, rule), { option: tokenVariable });
    }
    const server = createServer({ requestTimeout: 5_000 });
    await new Promise<void>((resolve, reject) => {
      server.once("error", (error: NodeJS.ErrnoException) => {
        const rule = "the port must be free and yours to use";
        reject(
          new YfError(
            "NO_PORT",
            cannot(`serve the dashboard at port ${port}`, rule, error.code),
            { port },
            error,
          ),
        );
      });
      server.listen(port, address, resolve);
    });
    return new Dashboard(server, (server.address() as { port: number }).port, controls, token);
  }

  get url(): string {
    return `http://${address}:${this.#port}/${this.#token}/`;
  }

  start(info: RunInfo): void {
    this.#history.start(info);
  }

  update(snapshot: RunSnapshot): void {
    this.#history.update(snapshot);
  }

  record(snapshot: RunSnapshot): void {
    this.#history.record(snapshot);
  }

  event(event: RunEvent): void {
    this.#history.event(event);
  }

  finish(summary: Summary): void {
    this.#history.finish(summary);
    this.#send();
  }

  /** @param reason Why the run has no result, in a sentence. */
  fail(reason: string): void {
    this.#history.fail(reason);
    this.#send();
  }

  /** Ends every connection, after what was sent last has gone out; whoever does not read is cut off. May be called again. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    for (const stream of this.#streams) stream.end();
    const cut = setTimeout(() => this.#server.closeAllConnections(), graceMs);
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
    clearTimeout(cut);
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const { method, url = "" } = request;
    const [, token = "", path = ""] = /^\/([^/]*)\/(.*)$/.exec(url) ?? [];
    const action = actions.find((name) => path === name);
    if (!isSame(token, this.#token))
      refuse(response, 403, "The whole address is needed, as the run tells it.");
    else if (isForeign(request, path)) refuse(response, 403, "Cross-origin request refused.");
    else if (action !== undefined) this.#act(action, request, response);
    else if (method !== "GET") refuse(response, 405, "This can only be read.");
    else if (path === "events") this.#stream(response);
    else if (path === "") answer(response, 200, "text/html", this.#page);
    else refuse(response, 404, "There is nothing here.");
  }

  #act(action: Action, { method }: IncomingMessage, response: ServerResponse): void {
    const act = this.#controls[action];
    if (method !== "POST") {
      refuse(response, 405, "This must be asked for by POST.");
    } else if (typeof act !== "function") {
      refuse(response, 409, act ?? `This run cannot ${action}.`);
    } else {
      this.#asked = action;
      act();
      response.writeHead(204, headers).end();
      this.#send();
    }
  }

  #stream(response: ServerResponse): void {
    if (this.#streams.size >= mostStreams) {
      refuse(response, 503, "Too many pages watch already.");
      return;
    }
    response.writeHead(200, {
      ...headers,
      "Content-Type": "text/event-stream",
      Connection: "close",
    });
    this.#streams.add(response);
    response.on("close", () => this.#streams.delete(response));
    // How soon a page that lost us tries again.
    response.write(`retry: ${sendEveryMs}\n\n${this.#message()}`);
  }

  #send(): void {
    if (this.#streams.size === 0) return;
    const message = this.#message();
    for (const stream of this.#streams) if (stream.writableLength < mostUnread) stream.write(message);
  }

  #message(): string {
    return `data: ${JSON.stringify(this.#history.state(this.#asked))}\n\n`;
  }
}

/** Compares in a time that tells nothing about the secret. */
function isSame(one: string, other: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}

/**
 * Whether another site's page asks for more than the page itself. Browsers say so; through a forwarded port or a proxy Host and
 * Origin may be any, and who knows the secret in the address was told it.
 */
function isForeign({ headers }: IncomingMessage, path: string): boolean {
  const site = headers["sec-fetch-site"];
  const navigates = path === "" && headers["sec-fetch-mode"] === "navigate";
  return site !== undefined && site !== "same-origin" && site !== "none" && !navigates;
}

function offersOf(controls: DashboardControls): Offer[] {
  return actions.flatMap((action) => {
    const control = controls[action];
    if (control === undefined) return [];
    return [{ action, unable: typeof control === "string" ? control : null }];
  });
}

const headers = {
  "Cache-Control": "no-store",
  "Content-Security-Policy": "frame-ancestors 'none'",
  "Cross-Origin-Resource-Policy": "same-origin",
  // The address is a secret.
  "Referrer-Policy": "same-origin",
  "X-Content-Type-Options": "nosniff",
};

function answer(response: ServerResponse, status: number, type: string, text: string): void {
  response.writeHead(status, { ...headers, "Content-Type": `${type}; charset=utf-8` }).end(text);
}

function refuse(response: ServerResponse, status: number, text: string): void {
  answer(response, status, "text/plain", `${text}\n`);
}

function page(): string {
  const script = readFileSync(createRequire(import.meta.url).resolve("#dashboard-script"), "utf8");
  const body = new Html(`<p id="run"></p>
<p><strong id="status" role="status">connecting</strong> <span id="controls"></span></p>
<p id="unable" class="note"></p>
<dl id="facts"></dl>
<div id="charts" class="charts"></div>
<section><h2>Events</h2><div class="wide"><table><tbody id="events"></tbody></table></div></section>`);
  return htmlPage({ title: "yf-async", body: [body], script: withoutMap(script), connect: "self" });
}

const withoutMap = (script: string) => script.replace(/\n\/\/# sourceMappingURL=.*\n?$/, "\n");
