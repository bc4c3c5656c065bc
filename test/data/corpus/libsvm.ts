/** Files of LIBSVM and SVMlight as people have them, each made here. */
import { gzipSync } from "node:zlib";
import type { CorpusCase } from "./case.ts";

type Row = readonly [
  name: string,
  content: string | Uint8Array,
  expected: CorpusCase["expected"],
  more?: Partial<Pick<CorpusCase, "file" | "options" | "testContent">>,
];

const pair = {
  features: [
    [0, 0.5],
    [2, 0],
  ],
  labels: [0, 1],
  classes: ["-1", "1"],
};
const pairText = "-1 2:0.5\n+1 1:2\n";

const rows: readonly Row[] = [
  ["indices from 1", pairText, pair],
  ["indices from 0", "-1 1:0.5\n+1 0:2\n", { ...pair, says: "from 0" }],
  ["spaces, tabs and ends of lines as on Windows", " -1\t 2:0.5 \r\n+1 1:2\r\n", pair],
  ["no line break at the end", "-1 2:0.5\n+1 1:2", pair],
  ["empty lines and comments", "# made by a program\n\n-1 2:0.5 # the first\n\n+1 1:2#second\n", pair],
  ["a byte order mark", `\uFEFF${pairText}`, pair],
  ["UTF-16", Buffer.from(`\uFEFF${pairText}`, "utf16le"), pair],
  ["queries", "-1 qid:1 2:0.5\n+1 qid:2 1:2\n", { ...pair, says: "qid" }],
  ["indices out of order", "-1 2:0.5\n+1 2:0 1:2\n", pair],
  ["an index twice", "-1 2:0.5\n+1 1:2 1:2\n", { refused: ["1:2", "once"], line: 2 }],
  ["compressed", gzipSync(pairText), pair, { file: "table.libsvm.gz" }],
  ["labels with a point", "0.0 2:0.5\n1.0 1:2\n", { ...pair, classes: ["0", "1"] }],
  ["labels from 1", "1 2:0.5\n2 1:2\n", { ...pair, classes: ["1", "2"] }],
  ["labels from 0 with a gap", "0 2:0.5\n2 1:2\n", { ...pair, labels: [0, 2], classes: ["0", "1", "2"] }],
  ["labels that are fractions", "0.5 2:0.5\n2 1:2\n", { ...pair, labels: [0.5, 2], classes: null }],
  [
    "labels where the loss takes numbers",
    "5 2:0.5\n7 1:2\n",
    { ...pair, labels: [5, 7], classes: null },
    { options: { labels: "value" } },
  ],
  [
    "an example of zeros",
    "-1\n+1 2:1\n",
    {
      features: [
        [0, 0],
        [0, 1],
      ],
    },
  ],
  ["exponents", "-1 2:5e-1\n+1 1:20E-1\n", pair],
  ["several labels", "1,3 1:0.5\n", { refused: ["1,3", "one label"], line: 1 }],
  ["no label", "+1 1:1\n1:1\n", { refused: ["1:1"], line: 2 }],
  ["a label in words", "yes 1:1\n", { refused: ["yes"], line: 1 }],
  ["a line that is counted after empty ones", "\n+1 1:1\n\n# so\nyes 1:1\n", { refused: ["yes"], line: 5 }],
  ["a pair without a value", "+1 1:\n", { refused: ["1:"], line: 1 }],
  ["a pair without an index", "+1 :1\n", { refused: [":1"], line: 1 }],
  ["a number alone", "+1 1:1\n-1 1:1 7\n", { refused: ["7"], line: 2 }],
  ["NaN", "+1 1:nan\n", { refused: ["1:nan"], line: 1 }],
  ["a hexadecimal value", "+1 1:0x10\n", { refused: ["1:0x10"], line: 1 }],
  ["an index with an exponent", "+1 1e0:1\n", { refused: ["1e0:1"], line: 1 }],
  ["a value beyond float32", "+1 1:1e39\n", { refused: ["1:1e39", "finite"], line: 1 }],
  ["no example", "# nothing\n", { refused: ["one example"] }],
  ["more features than fit in memory", "+1 1:1 999999999:1\n", { refused: ["2147483648 bytes"] }],
  [
    "a file to test with that is wider",
    pairText,
    {
      features: [
        [0, 0.5, 0],
        [2, 0, 0],
      ],
      test: [[[0, 0, 4]], [1]],
    },
    { testContent: "+1 3:4\n" },
  ],
  [
    "a file to test with that alone has index 0",
    pairText,
    {
      features: [
        [0, 0, 0.5],
        [0, 2, 0],
      ],
      test: [[[4, 0, 0]], [1]],
    },
    { testContent: "+1 0:4\n" },
  ],
  [
    "a label that only the file to test with has",
    pairText,
    { refused: ["2", "train on"], line: 1 },
    { testContent: "2 1:4\n" },
  ],
  [
    "more features than the file has",
    pairText,
    {
      features: [
        [0, 0.5, 0, 0],
        [2, 0, 0, 0],
      ],
    },
    { options: { features: 4 } },
  ],
  [
    "fewer features than the file has",
    pairText,
    { refused: ["2:0.5", "--features"], line: 1 },
    { options: { features: 1 } },
  ],
];

export const libsvm: readonly CorpusCase[] = rows.map(([name, content, expected, more]) => ({
  name: `LIBSVM: ${name}`,
  file: "table.libsvm",
  content,
  expected,
  ...more,
}));
