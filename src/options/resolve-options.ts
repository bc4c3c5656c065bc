/**
 * Turns what a user gave into settings: parses texts, checks values, and refuses what does not go together.
 *
 * What one option takes and its default are in `table.ts`, what does not go together in `conflicts.ts`. Errors name the flag on the command line and the property in the library.
 */
import { cannot, YfError } from "../errors.ts";
import { conflictOf, type OptionSource } from "./conflicts.ts";
import { type ResolvedOptions, type RunSpec, resolveDefaults } from "./run-spec.ts";
import { type OptionName, type OptionRow, type OptionValues, optionRows, trainingTable } from "./table.ts";

/**
 * Validates options and fills in defaults.
 *
 * @param raw On the command line flags in camel case (`evalEvery`) to texts, as commander gives them; in the library
 *   properties to values. What is undefined counts as absent.
 * @throws {YfError} `BAD_OPTION`, one sentence, for the first option that is unknown, breaks its rule, or does not go
 *   with another.
 * @example
 * ```ts
 * resolveOptions({ batchSize: "32", updates: "100" }, "cli").spec.stopping.maxUpdates; // → 100
 * ```
 */
export function resolveOptions(
  raw: Readonly<Record<string, unknown>>,
  source: OptionSource,
): ResolvedOptions {
  const current = withCurrentNames(raw, source);
  const given = withNesterov(readGiven(current, source));
  const conflict = conflictOf(given, source, (name) => writtenName(name, source));
  if (conflict !== null) {
    const { name, rule } = conflict;
    const option = writtenName(name, source);
    throw new YfError("BAD_OPTION", cannot(`use ${option}`, rule), {
      option,
      value: current[rawName(name, source)],
    });
  }
  const options = resolveDefaults(given);
  refuseNumbers(options.spec, source);
  return options;
}

/** Momentum with Nesterov's rule has a name of its own. */
function withNesterov(given: Partial<OptionValues>): Partial<OptionValues> {
  return given.nesterov === true && given.optimizer === "momentum"
    ? { ...given, optimizer: "nesterov" }
    : given;
}

/** The word of an option that a value is but for capitals, hyphens and underscores. */
function wordLike(value: unknown, words: readonly string[] = []): string | undefined {
  const plain = (text: string) => text.toLowerCase().replace(/[-_ ]/g, "");
  return typeof value === "string" ? words.find((word) => plain(word) === plain(value)) : undefined;
}

/**
 * The same options by their names of today.
 *
 * @param raw As {@link resolveOptions} takes it. @throws {YfError} `BAD_OPTION` if an option is given by both names.
 */
export function withCurrentNames<V>(
  raw: Readonly<Record<string, V>>,
  source: OptionSource,
): Readonly<Record<string, V>> {
  const renamed = { ...raw };
  for (const [name, { formerFlag }] of optionRows) {
    const former = formerFlag && attributeName(formerFlag);
    if (former === undefined || renamed[former] === undefined) continue;
    const key = rawName(name, source);
    if (renamed[key] !== undefined) {
      const [written, writtenFormer] = source === "cli" ? [rowOf(name).flag, formerFlag] : [name, former];
      const rule = `it is an earlier name of ${written}, which is given, too`;
      throw bad(`use ${writtenFormer}`, rule, undefined, { option: writtenFormer });
    }
    renamed[key] = renamed[former];
    delete renamed[former];
  }
  return renamed;
}

/** How errors and users write an option. */
export function writtenName(name: OptionName, source: OptionSource): string {
  return source === "cli" ? rowOf(name).flag : name;
}

/** The key of an option in what {@link resolveOptions} takes. */
function rawName(name: OptionName, source: OptionSource): string {
  return source === "cli" ? attributeName(rowOf(name).flag) : name;
}

/** `--eval-every` as commander's `evalEvery`. */
export function attributeName(flag: string): string {
  return flag.slice(2).replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}

function rowOf(name: OptionName): OptionRow<unknown, unknown> {
  return (optionRows.find(([other]) => other === name) as (typeof optionRows)[number])[1];
}

function readGiven(raw: Readonly<Record<string, unknown>>, source: OptionSource): Partial<OptionValues> {
  const rows =
    source === "cli" ? optionRows : optionRows.filter(([name]) => Object.hasOwn(trainingTable, name));
  const known = new Map(rows.map(([name, row]) => [rawName(name, source), { name, row }]));
  const given: Record<string, unknown> = {};
  for (const [rawKey, rawValue] of Object.entries(raw)) {
    if (rawValue === undefined) continue;
    const option = known.get(rawKey);
    if (option === undefined) {
      const names = rows.map(([name, { flag }]) => (source === "cli" ? flag : name));
      throw bad("use an option", `must be one of ${names.join(", ")}`, rawKey, { option: rawKey });
    }
    const { kind } = option.row;
    const value =
      typeof rawValue === "string" && source === "cli" ? kind.fromText(rawValue) : kind.fromValue(rawValue);
    if (value === undefined) {
      const written = writtenName(option.name, source);
      const details = { option: written, value: rawValue };
      const meant = wordLike(rawValue, kind.words);
      if (meant !== undefined) {
        throw bad(`use ${written}`, `did you mean ${meant}?`, rawValue, { ...details, meant });
      }
      const advice = typeof rawValue === "string" ? (kind.advice?.(rawValue) ?? null) : null;
      const what = advice === null ? "" : ` (${advice})`;
      throw source === "cli"
        ? bad(`parse ${written}`, `${kind.rule}${what}`, rawValue, details)
        : bad(`use ${written}`, `${kind.libraryRule ?? kind.rule}${what}`, rawValue, details);
    }
    given[option.name] = value;
  }
  return given as Partial<OptionValues>;
}

/** What follows from the number of workers, which may be a default. */
function refuseNumbers({ interleaving, staleness: { maxStaleness } }: RunSpec, source: OptionSource): void {
  const { delay, mode, simulateWorkers, workers } = interleaving;
  const absent = delay.find(({ rank }) => rank >= workers);
  if (absent !== undefined) {
    const rule = `ranks must be below the number of workers, ${workers}`;
    const option = writtenName("delay", source);
    throw bad("delay a worker", rule, absent.rank, { option, value: absent.rank });
  }
  const staleness = simulateWorkers - 1;
  if (mode !== "round-robin" || maxStaleness === null || maxStaleness >= staleness) return;
  const rule = `round-robin has a staleness of ${staleness}, one less than its workers`;
  const option = writtenName("maxStaleness", source);
  throw bad(`use ${option}`, rule, maxStaleness, { option, value: maxStaleness });
}

function bad(action: string, rule: string, received: unknown, details: Record<string, unknown>): YfError {
  // No option takes an object, and an object's own toString() may throw.
  const shown = Object(received) === received ? Object.prototype.toString.call(received) : received;
  return new YfError("BAD_OPTION", cannot(action, rule, shown), details);
}
