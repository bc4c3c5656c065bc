/** What a page is made of besides own markup: paragraphs, tables, charts. */
import type { Chart } from "./chart.ts";
import { embeddedJson, Html, html } from "./html.ts";

/** A paragraph. */
export function prose(text: string | Html): Html {
  return html`<p>${text}</p>`;
}

/** A part of the page with a heading. */
export function section(title: string, ...blocks: readonly Html[]): Html {
  return html`<section><h2>${title}</h2>${blocks}</section>`;
}

export interface Table {
  readonly caption?: string;
  readonly columns: readonly string[];
  /** Texts are shown as they are; numbers and their units are the caller's to write. */
  readonly rows: readonly (readonly (string | Html)[])[];
  /** Columns from the first one on that hold words and are aligned to the left; default 1. */
  readonly left?: number;
}

/** A table; one that is too wide for its screen is scrolled by itself. The first cell of a row is its heading. */
export function table({ caption, columns, left = 1, rows }: Table): Html {
  const kind = (i: number) => (i < left ? "word" : "figure");
  const head = columns.map((column, i) => html`<th scope="col" class="${kind(i)}">${column}</th>`);
  const body = rows.map((row) => {
    const cells = row.map((cell, i) =>
      i === 0
        ? html`<th scope="row" class="${kind(i)}">${cell}</th>`
        : html`<td class="${kind(i)}">${cell}</td>`,
    );
    return html`<tr>${cells}</tr>`;
  });
  const title = caption === undefined ? new Html("") : html`<caption>${caption}</caption>`;
  return html`<div class="wide"><table>${title}<thead><tr>${head}</tr></thead><tbody>${body}</tbody></table></div>`;
}

/** A short list of facts, each a term and what it is. */
export function facts(entries: readonly (readonly [string, string | Html])[]): Html {
  return html`<dl>${entries.map(([term, text]) => html`<div><dt>${term}</dt><dd>${text}</dd></div>`)}</dl>`;
}

/** @param id Of the element, by which a script of the page finds it. */
export function chart(spec: Chart, id?: string): Html {
  const named = id === undefined ? new Html("") : html` id="${id}"`;
  return html`<yf-chart${named}><script type="application/json">${embeddedJson(spec)}</script><noscript>${spec.title}: a plot, drawn by a script of this page.</noscript></yf-chart>`;
}

/** Charts side by side as far as the screen is wide enough. */
export function charts(...specs: readonly (Chart | Html)[]): Html {
  return html`<div class="charts">${specs.map((spec) => (spec instanceof Html ? spec : chart(spec)))}</div>`;
}
