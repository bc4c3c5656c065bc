/** Tables of data files: for each file the numbers that are in it, or the error that it is. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import type { Column, Dataset } from "../../../src/data/dataset.ts";
import { type LoadDatasetOptions, loadDataset } from "../../../src/data/load-dataset.ts";

/** What is expected of a file; what is not given is not looked at. */
export interface Expected {
  /** As a minibatch has them: scaled and shifted. */
  readonly features?: readonly number[];
  /** Of one example. */
  readonly shape?: readonly number[];
  readonly labels?: readonly number[];
  readonly classNames?: readonly string[] | null;
  /** Labels of the test set; null for none. */
  readonly tested?: readonly number[] | null;
  /** Part of one of the notes, each; [] for no note. */
  readonly notes?: readonly string[];
  /** Parts of the one sentence of a refusal. */
  readonly refused?: readonly string[];
  readonly options?: LoadDatasetOptions;
}

/** A test for each row: the name of a file in a folder of this one, and what is expected. */
export function checkCorpus(folder: string, rows: Readonly<Record<string, Expected>>): void {
  const root = join(fileURLToPath(new URL(".", import.meta.url)), folder);
  test.each(Object.entries(rows))("%s", async (name, { options = {}, refused, ...expected }) => {
    // What follows a space tells rows of one file apart.
    const file = join(root, name.split(" ", 1)[0]);
    const testData = options.testData == null ? {} : { testData: join(root, options.testData) };
    const loading = loadDataset(file, { ...options, ...testData });
    if (refused === undefined) {
      const { notes = [], test: tested, train } = await loading;
      expect({ ...contentOf(train), tested: tested && numbersOf(tested.labels[0]) }).toMatchObject(
        Object.fromEntries(Object.entries(expected).filter(([key]) => key !== "notes")),
      );
      if (expected.notes === undefined) return;
      expect(notes).toEqual(expected.notes.map((part) => expect.stringContaining(part)));
      return;
    }
    const error = await loading.then(
      () => null,
      (reason: unknown) => reason,
    );
    expect(error).toMatchObject({ code: "BAD_DATA" });
    for (const part of refused) expect((error as Error).message).toContain(part);
  });
}

function contentOf({ features, labels }: Dataset) {
  return {
    features: features.flatMap(numbersOf),
    shape: features[0].shape,
    labels: numbersOf(labels[0]),
    classNames: labels[0].classNames ?? null,
  };
}

function numbersOf({ data, offset, scale }: Column): number[] {
  return Array.from(data, (x) => scale * x + offset);
}
