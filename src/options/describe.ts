/** The option table for people: what `--help` shows and the tables in README.md. */
import { type OptionName, type OptionRow, optionGroups, trainingTable } from "./table.ts";

export interface CommandLineOption {
  /** As commander takes it, such as `--batch-size <N>`. */
  readonly flags: string;
  /** With the words that it takes and the default at its end. */
  readonly description: string;
  /** Title of the options that it stands among. */
  readonly group: string;
  /** Whether it is an earlier flag, which help does not show. */
  readonly isFormer: boolean;
}

/** So many characters of words stand in the place of the value; more of them would leave no room for what they do. */
const longestValue = 24;

/** Every flag in the order of `--help`. Values stay texts: `validateOptions` parses them. */
export function commandLineOptions(): CommandLineOption[] {
  return optionGroups.flatMap(({ rows, title }) =>
    rows.flatMap(([, row]) => {
      const value = valueText(row);
      const usual = defaultText(row);
      const flags = (flag: string) =>
        value === null ? flag : `${flag} ${value.startsWith("[") ? value : `<${value}>`}`;
      const option = {
        flags: flags(row.flag),
        description: usual === null ? description(row) : `${description(row)} (default: ${usual})`,
        group: title,
        isFormer: false,
      };
      return row.formerFlag === undefined
        ? [option]
        : [option, { ...option, flags: flags(row.formerFlag), isFormer: true }];
    }),
  );
}

/** The options as tables in Markdown, one for each group, with a row for each option. */
export function optionsMarkdown(): string {
  return optionGroups
    .map(({ rows, title }) => {
      const lines = rows.map(([name, row]) => {
        const flag = [row.flag, valueText(row)].filter((part) => part !== null).join(" ");
        const property = inLibrary(name) ? `\`${name}\`` : "–";
        const cells = [`\`${flag}\``, property, description(row), defaultText(row) ?? "off"];
        return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
      });
      return [`| ${title} | in a program | what it does | default |`, "|---|---|---|---|", ...lines].join(
        "\n",
      );
    })
    .join("\n\n");
}

function inLibrary(name: OptionName): boolean {
  return Object.hasOwn(trainingTable, name);
}

/** What stands for the value behind a flag: its words, if they are few. */
function valueText({ kind: { placeholder, words = [] } }: OptionRow<unknown, unknown>): string | null {
  const joined = words.join("|");
  return placeholder === "NAME" && joined !== "" && joined.length <= longestValue ? joined : placeholder;
}

/** What an option does, and its words where they are not in its value's place. */
function description(row: OptionRow<unknown, unknown>): string {
  const { placeholder, words = [] } = row.kind;
  const told = words.length === 0 || valueText(row) !== placeholder;
  return told ? row.description : `${row.description}: ${words.join(", ")}`;
}

/** Null for a flag, which is off unless given. */
function defaultText({ default: value, defaultText, kind }: OptionRow<unknown, unknown>): string | null {
  return kind.placeholder === null ? null : (defaultText ?? String(value));
}
