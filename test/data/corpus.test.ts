/** Every small file of the corpus gives the right arrays or the right error. */
import { basename, extname } from "node:path";
import { expect, test } from "vitest";
import type { Dataset } from "../../src/data/dataset.ts";
import { loadDataset } from "../../src/data/load-dataset.ts";
import { YfError } from "../../src/errors.ts";
import type { CorpusCase, Read, Refused } from "./corpus/case.ts";
import { libsvm } from "./corpus/libsvm.ts";
import { tables } from "./corpus/tables.ts";
import { temporaryFolder } from "./folder.ts";

const write = temporaryFolder("corpus");
const cases: readonly CorpusCase[] = [...tables, ...libsvm];

/** Features by example, and labels. */
function numbersOf({ features: [{ data }], labels, length }: Dataset): [number[][], number[]] {
  const width = data.length / length;
  return [Array.from({ length }, (_, i) => [...data.slice(i * width, (i + 1) * width)]), [...labels[0].data]];
}

async function readCase({ content, file, options = {}, testContent }: CorpusCase) {
  const testData = testContent === undefined ? null : write(`test${extname(file)}`, testContent);
  return loadDataset(write(file, content), { ...options, testData });
}

async function expectRead(given: CorpusCase, expected: Read): Promise<void> {
  const { notes = [], test: tested, train, warnings = [] } = await readCase(given);
  const [features, labels] = numbersOf(train);
  const [{ classNames = null }] = train.labels;
  const fields = train.features[0].fields?.map(({ name, words }) =>
    words === null ? name : `${name}: ${words.join(", ")}`,
  );
  const found = {
    features,
    labels,
    classes: classNames,
    fields,
    test: tested === null ? undefined : numbersOf(tested),
  };
  const { says, ...numbers } = expected;
  expect(found).toMatchObject(numbers);
  if (says !== undefined) expect([...notes, ...warnings].join("\n")).toContain(says);
}

async function expectRefused(given: CorpusCase, { line, offset, refused }: Refused): Promise<void> {
  const error = await readCase(given).catch((error: unknown) => error);
  expect(error).toBeInstanceOf(YfError);
  const { code, details, message } = error as YfError;
  expect(code).toBe("BAD_DATA");
  for (const part of refused) expect(message).toContain(part);
  expect(details).toMatchObject({
    ...(line === undefined ? {} : { line }),
    ...(offset === undefined ? {} : { offset }),
  });
  expect(basename(String(details.file))).toMatch(/^(table|test)\./);
}

test.each(cases.map((given) => [given.name, given] as const))("%s", async (_, given) => {
  const { expected } = given;
  await ("refused" in expected ? expectRefused(given, expected) : expectRead(given, expected));
});
