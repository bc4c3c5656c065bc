import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { chart, charts, facts, prose, section, table } from "../../src/pages/blocks.ts";
import type { Chart } from "../../src/pages/chart.ts";
import { Html, html } from "../../src/pages/html.ts";
import { htmlPage } from "../../src/pages/page.ts";

const hostile = `</script><img src=x onerror="alert(1)">&'`;

const lines: Chart = {
  kind: "lines",
  title: hostile,
  x: { label: "seconds" },
  y: { label: "loss", scale: "log" },
  series: [{ name: hostile, x: [1, 2], y: [Number.NaN, 3] }],
};

/** Contents of every element of that name, as they stand. */
const contentsOf = (page: string, element: string) =>
  [...page.matchAll(new RegExp(`<${element}(?: [^>]*)?>([\\s\\S]*?)</${element}>`, "g"))].map(
    ([, text]) => text,
  );

const hashOf = (text: string) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

describe("html", () => {
  it("escapes texts and numbers and takes markup and lists of it as they stand", () => {
    const cells = [html`<td>${"<b>"}</td>`, html`<td>${1.5}</td>`];
    expect(html`<tr title="${hostile}">${cells}</tr>`.text).toBe(
      `<tr title="&lt;/script&gt;&lt;img src=x onerror=&quot;alert(1)&quot;&gt;&amp;&#39;"><td>&lt;b&gt;</td><td>1.5</td></tr>`,
    );
  });
});

describe("blocks", () => {
  it("write every text escaped, wherever it goes", () => {
    const blocks = [
      prose(hostile),
      facts([[hostile, hostile]]),
      section(hostile, prose("inside")),
      table({ caption: hostile, columns: [hostile, hostile], rows: [[hostile, hostile]] }),
      chart(lines, hostile),
    ];
    for (const { text } of blocks) {
      expect(text).toContain("&lt;/script&gt;");
      expect(text).not.toContain("<img");
    }
  });

  it("put the data of a chart where a script finds it whole, null for what is no number", () => {
    const [json] = contentsOf(chart(lines).text, "script");
    expect(JSON.parse(json)).toEqual({ ...lines, series: [{ ...lines.series[0], y: [null, 3] }] });
  });

  it("align words to the left and figures to the right", () => {
    const { text } = table({ columns: ["run", "mode", "loss"], rows: [["a", "hogwild", "0.5"]], left: 2 });
    expect(text).toContain('<th scope="row" class="word">a</th><td class="word">hogwild</td>');
    expect(text).toContain('<td class="figure">0.5</td>');
  });
});

describe("htmlPage()", () => {
  const page = htmlPage({ title: hostile, body: [charts(lines)], script: "document.title = 'done';" });

  it("fetches nothing: no element names another file", () => {
    const markup = page.replace(/<(script|style)[\s\S]*?<\/\1>/g, "");
    expect(markup).not.toMatch(/\s(src|href|srcset|action)=(?!x onerror)/);
    expect(contentsOf(page, "style").join()).not.toMatch(/url\(|@import/);
  });

  it("allows exactly the styles and scripts that it was made with", () => {
    const [, policy] = /Content-Security-Policy" content="([^"]*)"/.exec(page) as RegExpExecArray;
    const directives = Object.fromEntries(
      policy
        .replaceAll("&#39;", "'")
        .split("; ")
        .map((directive) => [directive.split(" ")[0], directive.split(" ").slice(1)]),
    );
    const scripts = contentsOf(
      page.replace(/<script type="application\/json">[\s\S]*?<\/script>/g, ""),
      "script",
    );
    expect(directives["default-src"]).toEqual(["'none'"]);
    expect(directives["script-src"]).toEqual(scripts.map(hashOf));
    expect(directives["style-src"]).toEqual(contentsOf(page, "style").map(hashOf));
    expect(scripts).toHaveLength(3);
    expect(directives).not.toHaveProperty("connect-src");
  });

  it("may connect to where it came from if it is told to", () => {
    expect(htmlPage({ title: "live", body: [], connect: "self" })).toContain("connect-src &#39;self&#39;");
  });

  it("refuses a script that would end its own element", () => {
    const script = "const end = '</SCRIPT>';";
    expect(() => htmlPage({ title: "t", body: [new Html("")], script })).toThrow(RangeError);
  });
});
