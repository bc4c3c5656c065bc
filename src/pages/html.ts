/** HTML as values: whatever is put into it is escaped, unless it is HTML already. */

/** Markup that may go into a page as it stands. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  toString(): string {
    return this.text;
  }
}

type Part = Html | string | number;

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/**
 * Template tag. Texts and numbers are escaped, for contents and quoted attributes alike; lists are put together.
 *
 * @example
 * ```ts
 * html`<td>${"a < b"}</td>`.text; // → "<td>a &lt; b</td>"
 * ```
 */
export function html(strings: TemplateStringsArray, ...parts: (Part | readonly Part[])[]): Html {
  const markup = parts.map((part) => [part].flat().map(escaped).join(""));
  return new Html(strings.map((text, i) => text + (markup[i] ?? "")).join(""));
}

function escaped(part: Part): string {
  return part instanceof Html ? part.text : String(part).replace(/[&<>"']/g, (sign) => entities[sign]);
}

/** A value as JSON that cannot end the `<script>` it stands in. NaN and infinities become null. */
export function embeddedJson(value: unknown): Html {
  return new Html(JSON.stringify(value).replaceAll("<", "\\u003c"));
}
