/**
 * Pages that need nothing but themselves: style, plots and scripts are inside, and a content security policy sees to it
 * that nothing is fetched and no script runs that was not put in here.
 *
 * The one door to uPlot, which draws the plots.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { Html, html } from "./html.ts";

export interface Page {
  readonly title: string;
  readonly body: readonly Html[];
  /** A module that the page runs after its charts are there, as JavaScript. */
  readonly script?: string;
  /** Where the page's script may connect to; nowhere by default. */
  readonly connect?: "self";
}

/** A whole page as one text. */
export function htmlPage({ body, connect, script, title }: Page): string {
  const styles = [read("uplot/dist/uPlot.min.css"), read("#page-style")];
  const plotting = read("uplot/dist/uPlot.iife.min.js");
  const modules = [read("#chart-script"), ...(script === undefined ? [] : [script])];
  const policy = [
    "default-src 'none'",
    `style-src ${styles.map(hashOf).join(" ")}`,
    `script-src ${[plotting, ...modules].map(hashOf).join(" ")}`,
    ...(connect === undefined ? [] : ["connect-src 'self'"]),
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${title}</title>
${styles.map((style) => html`<style>${raw(style, "style")}</style>\n`)}</head>
<body>
<main>
<h1>${title}</h1>
${body}
</main>
<script>${raw(plotting, "script")}</script>
${modules.map((module) => html`<script type="module">${raw(module, "script")}</script>\n`)}</body>
</html>
`;
  return page.text;
}

const resolve = createRequire(import.meta.url).resolve;

function read(module: string): string {
  return readFileSync(resolve(module), "utf8").replace(/\n\/\/# sourceMappingURL=.*\n?$/, "\n");
}

/** The text as the policy names it. */
function hashOf(text: string): string {
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}

/** @throws {RangeError} If the text would end the element that it stands in. */
function raw(text: string, element: "script" | "style"): Html {
  if (text.toLowerCase().includes(`</${element}`)) {
    throw new RangeError(`Cannot make a page: its ${element} must not hold "</${element}"`);
  }
  return new Html(text);
}
