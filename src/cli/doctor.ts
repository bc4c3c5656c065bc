/** `yf-async doctor`: what works on this machine, and what to do about the rest. */
import { Command } from "commander";
import { diagnose } from "../doctor/diagnose.ts";
import type { Finding } from "../doctor/finding.ts";

export function doctorCommand(): Command {
  return new Command("doctor")
    .description("Show which engines, models and data work on this machine, and what would enable the rest")
    .option("--json", "Print the findings as one line of JSON")
    .option("--debug", "Show the stack of an error")
    .action(async ({ json }: { readonly json?: true }) => {
      const findings = await diagnose();
      process.stdout.write(`${json ? JSON.stringify(findings) : table(findings)}\n`);
    });
}

/** One line each: what, whether it works, the facts, and on a line of its own what would enable it. */
function table(findings: readonly Finding[]): string {
  const width = (column: (finding: Finding) => string) =>
    Math.max(...findings.map((finding) => column(finding).length));
  const kinds = width(({ kind }) => kind);
  const names = width(({ name }) => name);
  return findings
    .flatMap(({ detail, enable, kind, name, works }) => {
      const lead = `${kind.padEnd(kinds)}  ${name.padEnd(names)}  ${works ? "yes" : "no "}  `;
      return [`${lead}${detail}`, ...(enable === null ? [] : [`${" ".repeat(lead.length)}→ ${enable}`])];
    })
    .join("\n");
}
