/**
 * Checks what a user of the package installs with it: licences by the lock file, known vulnerabilities by the registry.
 *
 * A registry that gives no answer, or none to such a question, is no failure: it is said in a line, and the rest counts.
 */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** SPDX names of licences that let anybody use, change and sell what is built with them. */
const allowed = ["0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT"];

/** Less than these is told, and no more. */
const failing = ["moderate", "high", "critical"];

/** Longest wait for the registry, milliseconds. */
const patienceMs = 15_000;

/** Whether an SPDX expression, "A", "A AND B" or "(A OR B)", leaves a choice of allowed licences alone. */
const isAllowed = (expression) =>
  expression
    .replace(/[()]/g, "")
    .split(" OR ")
    .some((choice) => choice.split(" AND ").every((licence) => allowed.includes(licence)));

function licenceProblems() {
  const { packages } = JSON.parse(readFileSync("package-lock.json", "utf8"));
  const used = Object.entries(packages).filter(([path, { dev }]) => path !== "" && dev !== true);
  const problems = used
    .filter(([, { license }]) => !isAllowed(license ?? ""))
    .map(([path, { license }]) => {
      const name = path.replace(/^.*node_modules\//, "");
      return `Cannot depend on ${name}: its licence must be one of ${allowed.join(", ")} (got "${license}")`;
    });
  if (problems.length === 0) console.log(`The licences of ${used.length} packages are fine`);
  return problems;
}

function vulnerabilities() {
  const asked = ["audit", "--omit=dev", "--json", "--fetch-retries=0", `--fetch-timeout=${patienceMs}`];
  const { error, stdout } = spawnSync("npm", asked, {
    encoding: "utf8",
    shell: process.platform === "win32",
    timeout: 2 * patienceMs,
  });
  const report = parse(stdout);
  if (report?.vulnerabilities === undefined) {
    const reason = error?.code ?? report?.statusCode ?? report?.error?.code ?? "no answer";
    console.log(`Known vulnerabilities were not looked up: the registry does not tell any (${reason})`);
    return [];
  }
  // A package is affected by advisories of its own; names stand for what it has through others.
  const advisories = Object.entries(report.vulnerabilities).flatMap(([name, { via }]) =>
    via.filter((cause) => typeof cause === "object").map((cause) => ({ name, ...cause })),
  );
  const text = ({ name, range, severity, title }) => `${name} ${range}: ${title} (${severity})`;
  const isFailing = ({ severity }) => failing.includes(severity);
  for (const advisory of advisories.filter((one) => !isFailing(one))) console.log(text(advisory));
  const serious = advisories.filter(isFailing);
  if (serious.length === 0) console.log("No package has a known vulnerability that matters");
  return serious.map((one) => `Cannot depend on ${text(one)}`);
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    // What npm says where it has no report at all.
    return null;
  }
}

const problems = [...licenceProblems(), ...vulnerabilities()];
for (const problem of problems) console.error(problem);
process.exitCode = problems.length === 0 ? 0 : 1;
