/** The option table for people: what `--help` shows and the table in the README. */
import { type OptionName, type OptionRow, optionRows, trainingTable } from "./table.ts";

export interface CommandLineOption {
  /** As commander takes it, such as `--batch-size <N>`. */
  readonly flags: string;
  /** With the default at its end. */
  readonly description: string;
}

/** Every flag in the order of `--help`. Values stay texts: `validateOptions` parses them. */
export function commandLineOptions(): CommandLineOption[] {
  return optionRows.map(([, row]) => {
    const { placeholder } = row.kind;
    const fallback = fallbackText(row);
    return {
      flags: placeholder === null ? row.flag : `${row.flag} ${bracketed(placeholder)}`,
      description: fallback === null ? row.description : `${row.description} (default: ${fallback})`,
    };
  });
}

const bracketed = (placeholder: string) => (placeholder.startsWith("[") ? placeholder : `<${placeholder}>`);

/** The options as a table in Markdown, one row each. */
export function optionsMarkdown(): string {
  const lines = optionRows.map(([name, row]) => {
    const { placeholder } = row.kind;
    const flag = placeholder === null ? row.flag : `${row.flag} ${placeholder}`;
    const property = inLibrary(name) ? `\`${name}\`` : "–";
    const cells = [`\`${flag}\``, property, row.description, fallbackText(row) ?? "off"];
    return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  });
  return ["| command line | library | what it does | default |", "|---|---|---|---|", ...lines].join("\n");
}

function inLibrary(name: OptionName): boolean {
  return Object.hasOwn(trainingTable, name);
}

/** Null for a flag, which is off unless given. */
function fallbackText({ fallback, fallbackText, kind }: OptionRow<unknown, unknown>): string | null {
  return kind.placeholder === null ? null : (fallbackText ?? String(fallback));
}
