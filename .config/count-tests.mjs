/** Prints the counts of the last test run as one plain line, "N passed, N failed, N skipped". */
import { readFileSync } from "node:fs";

const { numPassedTests, numFailedTests, numPendingTests } = JSON.parse(
  readFileSync(new URL("../.cache/test-results.json", import.meta.url), "utf8"),
);
console.log(`${numPassedTests} passed, ${numFailedTests} failed, ${numPendingTests} skipped`);
