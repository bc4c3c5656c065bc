/** Reads `summary.json` back. The file is data from anywhere: what people will see of it is checked. */
import { readFileSync } from "node:fs";
import { cannot, YfError } from "../errors.ts";
import { type Summary, summaryKinds } from "./summary.ts";

/** @throws {YfError} `BAD_RUN` if the file cannot be read or a field has another type than a run writes. */
export function readSummary(file: string): Summary {
  const fail = (rule: string, received?: unknown, cause?: unknown) =>
    new YfError("BAD_RUN", cannot(`read ${file}`, rule, received), { file }, cause);
  let summary: unknown;
  try {
    summary = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw fail("must be the summary of a run", (error as Error).message, error);
  }
  if (typeof summary !== "object" || summary === null) throw fail("must hold an object", summary);
  for (const [key, kind] of Object.entries(summaryKinds)) {
    const value = (summary as Record<string, unknown>)[key];
    if (fits(value, kind)) continue;
    const shown = typeof value === "string" ? value : JSON.stringify(value);
    throw fail(`its ${key} must be as a run writes it`, shown);
  }
  return summary as Summary;
}

function fits(value: unknown, kind: (typeof summaryKinds)[keyof Summary]): boolean {
  switch (kind) {
    case "count":
      return typeof value === "number";
    case "number":
      return value === null || typeof value === "number";
    case "text":
      return typeof value === "string";
    case "name":
      return value === null || typeof value === "string";
    case "texts":
      return Array.isArray(value) && value.every((text) => typeof text === "string");
    case "values":
      return typeof value === "object" && value !== null && !Array.isArray(value);
    case "numbers":
      return (
        typeof value === "object" &&
        value !== null &&
        Object.values(value).every((item) => item === null || typeof item === "number")
      );
  }
}
