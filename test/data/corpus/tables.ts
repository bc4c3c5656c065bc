/** Tables as people have them: each is made here, and read by the rules of `src/data/csv*.ts`. */
import { gzipSync } from "node:zlib";
import type { CorpusCase } from "./case.ts";

type Row = readonly [
  name: string,
  content: string | Uint8Array,
  expected: CorpusCase["expected"],
  more?: Partial<Pick<CorpusCase, "file" | "options" | "testContent">>,
];

const utf16le = (text: string) => Buffer.from(`\uFEFF${text}`, "utf16le");
const f = Math.fround;
const kinds = ["no", "yes"];
/** Two rows of features, of which the last is of class yes. */
const two = (a: readonly number[], b: readonly number[]) => ({
  features: [a, b],
  labels: [0, 1],
  classes: kinds,
});
const values = { options: { labels: "value" } } as const;
const rows = (count: number, row: (i: number) => string, header = "a,y") =>
  `${header}\n${Array.from({ length: count }, (_, i) => row(i)).join("\n")}\n`;

const numbers: readonly Row[] = [
  ["whole numbers", "a,y\n1,no\n-2,yes\n", two([1], [-2])],
  ["fractions and exponents", "a,b,y\n1.5,.5,no\n-2e1,3.,yes\n", two([1.5, 0.5], [-20, 3])],
  ["a plus sign and a minus sign of typographers", "a,y\n+1,no\n−2,yes\n", two([1], [-2])],
  ["decimal commas between semicolons", "a;b;y\n1,5;2;no\n-2,25;3;yes\n", two([1.5, 2], [-2.25, 3])],
  ["decimal commas in quotes between commas", 'a,y\n"1,5",no\n"2,25",yes\n', two([1.5], [2.25])],
  ["points as thousands signs beside decimal commas", "a;y\n1.234,5;no\n2;yes\n", two([1234.5], [2])],
  [
    "a column of thousands in a table with decimal commas",
    "a;b;y\n1,5;1.234;no\n2;5.678;yes\n",
    two([1.5, 1234], [2, 5678]),
  ],
  ["commas as thousands signs beside decimal points", 'a,y\n"1,234.5",no\n2,yes\n', two([1234.5], [2])],
  ["millions with commas", 'a,y\n"1,234,567",no\n2,yes\n', two([1_234_567], [2])],
  [
    "a column of thousands in a table with decimal points",
    'a,b,y\n1.5,"1,234",no\n2,"5,678",yes\n',
    two([1.5, 1234], [2, 5678]),
  ],
  ["spaces as thousands signs", "a,y\n1 234,no\n12 345 678,yes\n", two([1234], [12_345_678])],
  [
    "spaces that do not break as thousands signs",
    "a;y\n1\u00a0234,5;no\n1\u202f000;yes\n",
    two([1234.5], [1000]),
  ],
  ["apostrophes as thousands signs", "a,y\n1'234.5,no\n2,yes\n", two([1234.5], [2])],
  [
    "a number with a comma that starts with 0 is no thousand",
    "a;y\n0,123;no\n1,5;yes\n",
    two([f(0.123)], [1.5]),
  ],
  [
    "three digits after a point are a fraction by themselves",
    "a,y\n1.234,no\n2.345,yes\n",
    two([f(1.234)], [f(2.345)]),
  ],
  [
    "three digits after a comma by themselves",
    "a;y\n1,234;no\n2,345;yes\n",
    { refused: ["1,234", "--decimal"], line: 2 },
  ],
  [
    "the same, as the option says a comma",
    "a;y\n1,234;no\n2,345;yes\n",
    two([f(1.234)], [f(2.345)]),
    { options: { decimal: "comma" } },
  ],
  [
    "the same, as the option says a point",
    "a;y\n1,234;no\n2,345;yes\n",
    two([1234], [2345]),
    { options: { decimal: "point" } },
  ],
  [
    "three digits after a point, as the option says a comma",
    "a;y\n1.234;no\n2;yes\n",
    two([1234], [2]),
    { options: { decimal: "comma" } },
  ],
  [
    "decimal points and commas in two columns",
    "a;b;y\n1,5;1.5;no\n2,5;2.5;yes\n",
    { refused: ["1,5", "1.5", "--decimal"], line: 2 },
  ],
  [
    "decimal points and commas in one column",
    "a;y\n1,5;no\n2.5;yes\n",
    { refused: ["2.5", "in a"], line: 2 + 1 },
    { options: { decimal: "comma" } },
  ],
  ["percentages", "a,y\n12%,no\n2.5 %,yes\n", { ...two([f(0.12)], [f(0.025)]), says: "12% is 0.12" }],
  ["percentages with decimal commas", "a;y\n12,5%;no\n-1%;yes\n", two([0.125], [f(-0.01)])],
  ["percentages among numbers", "a,y\n12%,no\n0.5,yes\n", { refused: ["0.5", "in a"], line: 3 }],
  ["dollars", 'a,y\n$5,no\n"-$1,234.50",yes\n', { ...two([5], [-1234.5]), says: "$" }],
  ["euros after the number", "a;y\n5 €;no\n1.234,50 €;yes\n", two([5], [1234.5])],
  [
    "another currency in the table to test with",
    "a,y\n$5,no\n$6,yes\n",
    { refused: ["€7", "in a", "$"], line: 2 },
    { testContent: "a,y\n€7,no\n" },
  ],
  [
    "a currency in the table to test with alone",
    "a,y\n5,no\n6,yes\n",
    { refused: ["€7", "in a"], line: 2 },
    { testContent: "a,y\n€7,no\n" },
  ],
  [
    "the currency, or none, in the table to test with",
    "a,y\n$5,no\n$6,yes\n",
    {
      ...two([5], [6]),
      test: [
        [[7], [8]],
        [0, 1],
      ],
    },
    { testContent: "a,y\n$7,no\n8,yes\n" },
  ],
  ["two currencies", "a,y\n$5,no\n€6,yes\n", { refused: ["€6", "in a"], line: 3 }],
  [
    "a letter among fractions",
    "a,y\n1.5,no\n3,yes\n1O.2,yes\nold,no\n",
    { refused: ["1O.2", "in a"], line: 4 },
  ],
  [
    "a letter among many whole numbers",
    rows(40, (i) => `${i === 30 ? "3O" : 7 * i},${kinds[i % 2]}`),
    { refused: ["3O", "in a"], line: 32 },
  ],
  [
    "a date is a word",
    "a,b,y\n1,12.03.2021,no\n2,13.03.2021,yes\n",
    { ...two([1, 1, 0], [2, 0, 1]), fields: ["a", "b: 12.03.2021, 13.03.2021"] },
  ],
  ["a number that float32 does not hold", "a,y\n1,no\n1e39,yes\n", { refused: ["1e39", "in a"], line: 3 }],
  [
    "whole numbers among kinds",
    "rooms,y\n1,no\n2,yes\n3+,no\n",
    {
      features: [
        [1, 0, 0],
        [0, 1, 0],
        [0, 0, 1],
      ],
      says: "line 4 has 3+",
    },
  ],
];

const gaps: readonly Row[] = [
  ...[
    "NA",
    "n/a",
    "n.a.",
    "N.A",
    "NaN",
    "-inf",
    "null",
    "-",
    "--",
    ".",
    "..",
    "?",
    "unknown",
    "missing",
    "#N/A",
    "<NA>",
    "",
    "None",
    "–",
  ].map(
    (gap): Row => [
      `${JSON.stringify(gap)} among numbers`,
      `a,y\n1.5,no\n${gap},yes\n`,
      { refused: [JSON.stringify(gap), "in a", "--missing"], line: 3 },
    ],
  ),
  ["a gap among whole numbers", "a,y\n1,no\nNA,yes\n", { refused: ["NA", "in a"], line: 3 }],
  [
    "gaps that are the mean",
    "a,b,y\n1,5,no\n?,6,yes\n4,NA,yes\n",
    {
      features: [
        [1, 5],
        [2.5, 6],
        [4, 5.5],
      ],
      labels: [0, 1, 1],
      says: "2 missing numbers",
    },
    { options: { missing: "mean" } },
  ],
  [
    "gaps that are dropped with their lines",
    "a,b,y\n1,5,no\n?,6,yes\n4,7,yes\n",
    { ...two([1, 5], [4, 7]), says: "1 of 3 rows" },
    { options: { missing: "drop" } },
  ],
  [
    "the mean is that of the table to train on",
    "a,y\n1,no\n3,yes\n",
    {
      ...two([1], [3]),
      test: [
        [[2], [9]],
        [1, 0],
      ],
    },
    { options: { missing: "mean" }, testContent: "a,y\nNA,yes\n9,no\n" },
  ],
  ["nothing but gaps", "a,b,y\n1,NA,no\n2,NA,yes\n", { refused: ["b must have a value"], line: 2 }],
  [
    "unknown is a kind among words",
    "a,y\nunknown,no\nOslo,yes\n",
    { ...two([0, 1], [1, 0]), fields: ["a: Oslo, unknown"] },
  ],
  ["an empty field among words", "a,y\n,no\nOslo,yes\n", { refused: ['""', "in a"], line: 2 }],
  [
    "an empty field among words as a word of its own",
    "a,y\n,no\nOslo,yes\n",
    { ...two([1, 0], [0, 1]), fields: ["a: , Oslo"] },
    { options: { missing: "mean" } },
  ],
  ["a label that is missing", "a,y\n1,no\n2,?\n", { refused: ['"?"', "in y"], line: 3 }],
  [
    "a label that is missing is not filled",
    "a,y\n1,0\n2,NA\n",
    { refused: ["NA", "in y"], line: 3 },
    { options: { missing: "mean" } },
  ],
  [
    "a label that is missing is dropped",
    "a,y\n1,no\n2,?\n3,yes\n",
    two([1], [3]),
    { options: { missing: "drop" } },
  ],
  ["a class that is called none", "a,y\n1,none\n2,yes\n", { labels: [0, 1], classes: ["none", "yes"] }],
];

const separators: readonly Row[] = [
  ["semicolons", "a;b;y\n1;2;no\n3;4;yes\n", two([1, 2], [3, 4])],
  ["tabs", "a\tb\ty\n1\t2\tno\n3\t4\tyes\n", two([1, 2], [3, 4])],
  ["tabs in a file of tabs", "a\ty\n1\tno\n2\tyes\n", two([1], [2]), { file: "table.tsv" }],
  ["commas in a file of tabs", "a,y\n1,no\n2,yes\n", two([1], [2]), { file: "table.tsv" }],
  ["pipes", "a|b|y\n1|2|no\n3|4|yes\n", two([1, 2], [3, 4])],
  ["semicolons between numbers with commas", "1,5;2,5;no\n3,5;4,5;yes\n", two([1.5, 2.5], [3.5, 4.5])],
  [
    "commas beside words with pipes",
    "x,A|B,no\nz,C|D,yes\nx,A|B,no\n",
    { fields: ["column 1: x, z", "column 2: A|B, C|D"] },
  ],
  [
    "commas in quoted words between semicolons",
    'a;y\n"Oslo, Norway";no\nRome;yes\n',
    { fields: ["a: Oslo, Norway, Rome"] },
  ],
  ["what the option says", "a|b,y\n1|2,0\n", { fields: ["a|b: 1|2"] }, { options: { separator: "comma" } }],
  ["spaces", "a y\n1 no\n2 yes\n", { refused: ["--separator"] }],
  ["one column", "a\n1\n2\n", { refused: ["beside the label"] }],
  ["a separator at the end of each line", "a,y,\n1,no,\n2,yes,\n", { refused: ["column 3"], line: 2 }],
];

const headers: readonly Row[] = [
  ["names above numbers", "a,y\n1,0\n2,1\n", { features: [[1], [2]], labels: [0, 1], fields: ["a"] }],
  [
    "numbers alone",
    "1,2,7\n3,4,5\n",
    {
      features: [
        [1, 2],
        [3, 4],
      ],
      labels: [1, 0],
      classes: ["5", "7"],
    },
  ],
  [
    "numbers and a class",
    "5.1,3.5,setosa\n4.9,3,virginica\n",
    { labels: [0, 1], classes: ["setosa", "virginica"] },
  ],
  [
    "words alone below names",
    "outlook,play\nsunny,yes\nrain,no\nsunny,no\n",
    {
      features: [
        [0, 1],
        [1, 0],
        [0, 1],
      ],
      labels: [1, 0, 0],
      says: "--header no",
    },
  ],
  [
    "words alone without names",
    "sunny,yes\nrain,no\nsunny,no\nrain,yes\n",
    {
      features: [
        [0, 1],
        [1, 0],
        [0, 1],
        [1, 0],
      ],
      labels: [1, 0, 0, 1],
      says: "--header yes",
    },
  ],
  [
    "words alone, as the option says",
    "sunny,yes\nrain,no\n",
    {
      features: [
        [0, 1],
        [1, 0],
      ],
      labels: [1, 0],
    },
    { options: { header: "no" } },
  ],
  [
    "numbers alone below names that are numbers, as the option says",
    "1,2\n3,4\n5,6\n",
    { features: [[3], [5]], fields: ["1"] },
    { options: { header: "yes" } },
  ],
  [
    "numbers that count the columns",
    "0,1,2\n5,3,1\n4,9,0\n",
    {
      features: [
        [5, 3],
        [4, 9],
      ],
      labels: [1, 0],
      says: "--header no",
    },
  ],
  [
    "numbers that count the columns beside a name",
    "0,1,kind\n5,3,1\n4,9,0\n",
    {
      features: [
        [5, 3],
        [4, 9],
      ],
      labels: [1, 0],
    },
  ],
  [
    "years beside the name of a class",
    "2019,2020,species\n5,3,cat\n4,9,dog\n7,9,dog\n7,1,cat\n",
    { labels: [0, 1, 1, 0], classes: ["cat", "dog"], says: "--header no" },
  ],
  [
    "a column without a name that counts the rows",
    ",a,y\n0,5,no\n1,6,yes\n",
    { ...two([5], [6]), says: "left out" },
  ],
  [
    "the same from 1, as another program writes it",
    '"","a","y"\n"1",5,"no"\n"2",6,"yes"\n',
    { ...two([5], [6]), says: "left out" },
  ],
  [
    "a column without a name that does not count",
    ",a,y\n3,5,no\n1,6,yes\n",
    { ...two([3, 5], [1, 6]), fields: ["column 1", "a"] },
  ],
  [
    "a column with a name that counts the rows",
    "id,a,y\n1,5,no\n2,6,yes\n",
    { ...two([1, 5], [2, 6]), says: "--ignore-columns id" },
  ],
  [
    "columns that are left out by name and number",
    "id,a,b,y\n1,5,7,no\n2,6,8,yes\n",
    two([7], [8]),
    { options: { ignoreColumns: ["id", "2"] } },
  ],
  [
    "a column to leave out that is not there",
    "a,b,y\n1,2,no\n",
    { refused: ['"c"', "a, b, y"] },
    { options: { ignoreColumns: ["c"] } },
  ],
  [
    "the label's column left out",
    "a,y\n1,no\n",
    { refused: ["--ignore-columns"] },
    { options: { ignoreColumns: ["y"] } },
  ],
  ["no rows", "", { refused: ["one row"] }],
  ["a header alone", "a,b\n", { refused: ["one row"] }],
];

const labels: readonly Row[] = [
  ["0.0 and 1.0", "1,0.0\n2,1.0\n", { labels: [0, 1], classes: ["0", "1"] }],
  ["1 and 1.0 are one class", "1,0\n2,1.0\n3,1\n", { labels: [0, 1, 1], classes: ["0", "1"] }],
  ["from 1", "1,1\n2,2\n3,3\n", { labels: [0, 1, 2], classes: ["1", "2", "3"] }],
  ["−1 and +1", "1,-1\n2,+1\n", { labels: [0, 1], classes: ["-1", "1"] }],
  ["a class that no row has", "1,0\n2,2\n", { labels: [0, 2], classes: ["0", "1", "2"] }],
  [
    "a class that only the table to test with has",
    "1,0\n2,2\n",
    { labels: [0, 2], test: [[[5]], [1]] },
    { testContent: "5,1\n" },
  ],
  [
    "several numbers to predict, by name, in the order of the table",
    "x,a,b\n1,2,3\n4,5,6.5\n",
    {
      features: [[1], [4]],
      labels: [2, 3, 5, 6.5],
      classes: null,
      fields: ["x"],
      test: [[[9]], [7, 8]],
    },
    { options: { labelColumn: "b, a" }, testContent: "x,a,b\n9,7,8\n" },
  ],
  [
    "a word among several numbers to predict",
    "x,a,b\n1,2,3\n4,5,no\n",
    { refused: ['"no"', "in b"], line: 3 },
    { options: { labelColumn: "a,b" } },
  ],
  [
    "a label column given twice",
    "x,a,b\n1,2,3\n4,5,6\n",
    { refused: ["different", "a,2"] },
    { options: { labelColumn: "a,2" } },
  ],
  [
    "a label column that has a comma in its name",
    'x,"a,b"\n1,no\n4,yes\n',
    two([1], [4]),
    { options: { labelColumn: "a,b" } },
  ],
  ["words in natural order", "1,class 10\n2,class 9\n", { labels: [1, 0], classes: ["class 9", "class 10"] }],
  ["words in the first column", "y,a\nno,5\nyes,6\n", two([5], [6]), { options: { labelColumn: "y" } }],
  [
    "words in the first column by number",
    "y,a\nno,5\nyes,6\n",
    two([5], [6]),
    { options: { labelColumn: "1" } },
  ],
  [
    "a label column that is not there",
    "a,y\n1,no\n",
    { refused: ['"c"', "a, y"] },
    { options: { labelColumn: "c" } },
  ],
  [
    "a label column whose name two have",
    "y,y\n1,no\n2,yes\n",
    { refused: ["name of its own"] },
    { options: { labelColumn: "y" } },
  ],
  ["numbers where the loss takes numbers", "1,3\n2,4\n", { labels: [3, 4], classes: null }, values],
  ["fractions", "1,3.5\n2,4\n", { labels: [3.5, 4], classes: null }],
  ["percentages as numbers", "a,y\n1,50%\n2,25%\n", { labels: [0.5, 0.25], classes: null }, values],
  ["words where the loss takes numbers", "a,b\n1,yes\n", { refused: ['"yes"', "in b"], line: 2 }, values],
  ["a word among fractions", "a,y\n1,1.5\n2,x1\n", { refused: ["x1", "in y"], line: 3 }],
];

const files: readonly Row[] = [
  [
    "a byte order mark, ends of lines as on Windows and a quoted line break",
    '\uFEFFa,y\r\n"x, or\ny",no\r\nz,yes\r\n',
    two([1, 0], [0, 1]),
  ],
  ["ends of lines as on old machines", "a,y\r1,no\r2,yes\r", two([1], [2])],
  ["empty lines, and spaces around fields", "a,y\n\n1 , no\n\n 2,yes\n\n", two([1], [2])],
  ["quotes within quotes", 'a,y\n"say ""hi""",no\nb,yes\n', { fields: ['a: b, say "hi"'] }],
  [
    "UTF-16 with a byte order mark",
    utf16le("a\ty\n1\tthé\n2\tthè\n"),
    { labels: [1, 0], classes: ["thè", "thé"] },
  ],
  ["UTF-16 in the other order of bytes", utf16le("a,y\n1,no\n2,yes\n").swap16(), two([1], [2])],
  ["UTF-16 without a mark", Buffer.from("a,y\n1,no\n", "utf16le"), { refused: ["UTF-16"], offset: 1 }],
  ["a zero byte", "a,y\n1,n\0o\n", { refused: ["zero byte"], offset: 7 }],
  ["bytes of latin1", Buffer.from("a,y\n1,th\xe9\n2,th\xe8\n", "latin1"), { refused: ["UTF-8"], offset: 8 }],
  ["half a character at the end", Buffer.from("a,y\n1,th\xc3", "latin1"), { refused: ["UTF-8"], offset: 8 }],
  ["compressed", gzipSync("a,y\n1,no\n2,yes\n"), two([1], [2]), { file: "table.csv.gz" }],
  ["not compressed in spite of its name", "a,y\n1,no\n", { refused: ["readable"] }, { file: "table.csv.gz" }],
  ["a row too short", "a,y\n1,no\n2\n", { refused: ["as many fields"], line: 3 }],
  ["a quote in the middle", 'a,y\n1,no\n3"4,yes\n', { refused: ["quoted"], line: 3 }],
  ["a quote without end", 'a,y\n1,no\n"2,yes\n', { refused: ["quoted"] }],
  [
    "more than a thousand words",
    rows(1001, (i) => `name${i},${kinds[i % 2]}`),
    { refused: ["1000", "in a"] },
  ],
  [
    "a table to test with",
    "a,y\nx,no\nz,yes\n",
    { ...two([1, 0], [0, 1]), test: [[[0, 1]], [1]] },
    { testContent: "a,y\nz,yes\n" },
  ],
  [
    "another header in the table to test with",
    "a,y\nx,no\nz,yes\n",
    { refused: ["a, y", "b, y"], line: 1 },
    { testContent: "b,y\nx,no\n" },
  ],
  [
    "a new word in the table to test with",
    "a,y\nx,no\nz,yes\n",
    { refused: ['"w"', "in a"], line: 2 },
    { testContent: "a,y\nw,yes\n" },
  ],
  [
    "a new class in the table to test with",
    "a,y\nx,no\nz,yes\n",
    { refused: ['"maybe"', "in y"], line: 2 },
    { testContent: "a,y\nx,maybe\n" },
  ],
];

const groups = { numbers, gaps, separators, headers, labels, files };

export const tables: readonly CorpusCase[] = Object.entries(groups).flatMap(([group, cases]) =>
  cases.map(([name, content, expected, more]) => ({
    name: `${group}: ${name}`,
    file: "table.csv",
    content,
    expected,
    ...more,
  })),
);
