/**
 * What a run is to do: every option resolved once, in groups that belong to the modules that act on them.
 *
 * Memory, jobs, checkpoints and plans carry the groups as they are. A new option is a row in `table.ts`, which names its
 * group, and one use in the module of that group.
 */
import type { RuleConstants } from "../optimizers/rule-constants.ts";
import { orderStride, type RecordedOrder } from "../schedule/replay.ts";
import { type GroupValues, type OptionGroup, type OptionValues, optionRows } from "./table.ts";

/** Which worker's gradient comes when, and on how many threads. */
export interface Interleaving extends Omit<GroupValues<"interleaving">, "mode"> {
  /** As given, or `replay`, which an order brings about. */
  readonly mode: OptionValues["mode"] | "replay";
  /** Of mode `replay`; null in others. */
  readonly order: RecordedOrder | null;
}

/** How minibatches are made of the examples. */
interface Batching extends GroupValues<"batching"> {
  /** Whether each epoch has an order of its own; else examples are used as they lie. */
  readonly shuffle: boolean;
  /** Whether the last minibatch of an epoch is short where examples do not fill it; else it continues with the next epoch. */
  readonly cutAtEpochs: boolean;
}

/** How gradients change the parameters. */
interface OptimizerSpec extends GroupValues<"optimizer"> {
  /** Those of a compiled optimizer; none for the rule's own. */
  readonly constants: RuleConstants;
}

/** Complete, checked settings of a run. */
export type RunSpec = {
  readonly [G in Exclude<
    OptionGroup,
    "batching" | "interleaving" | "optimizer" | "terminal"
  >]: GroupValues<G>;
} & {
  readonly batching: Batching;
  readonly interleaving: Interleaving;
  readonly optimizer: OptimizerSpec;
};

/** Settings of the command line that training knows nothing of. */
export type TerminalSettings = GroupValues<"terminal">;

/** Everything that the option table says of a call. */
export interface ResolvedOptions {
  readonly spec: RunSpec;
  readonly terminal: TerminalSettings;
}

/** Fills in defaults and sorts every value into its group. @param given Checked options that go together. */
export function resolveDefaults(given: Partial<OptionValues>): ResolvedOptions {
  // A default may depend on options further down, which are null until they are known.
  const values: Record<string, unknown> = {};
  for (const [name, row] of optionRows) {
    values[name] = given[name] ?? (typeof row.default === "function" ? null : row.default);
  }
  for (const [name, row] of optionRows) {
    if (typeof row.default === "function" && values[name] === null) {
      values[name] = row.default(values as unknown as OptionValues & { readonly workers: number });
    }
  }
  const groups: Record<string, Record<string, unknown>> = {};
  for (const [name, { group }] of optionRows) {
    groups[group] ??= {};
    groups[group][name] = values[name];
  }
  const { batching, interleaving, optimizer, terminal, ...others } = groups;
  return {
    spec: {
      ...others,
      batching: { ...batching, shuffle: true, cutAtEpochs: false },
      interleaving: { ...interleaving, order: null },
      optimizer: { ...optimizer, constants: {} },
    } as unknown as RunSpec,
    terminal: terminal as unknown as TerminalSettings,
  };
}

/** The values of all options in one object, by name. */
export function valuesOf(spec: RunSpec): Readonly<Record<string, unknown>> {
  const groups = spec as unknown as Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  return Object.fromEntries(
    optionRows.flatMap(([name, { group }]) => (group === "terminal" ? [] : [[name, groups[group][name]]])),
  );
}

/** The spec of a recorded run as that of its replay. @param threads To replay it on. */
export function replaySpec(spec: RunSpec, order: RecordedOrder, threads: number): RunSpec {
  return {
    ...spec,
    interleaving: {
      ...spec.interleaving,
      mode: "replay",
      record: false,
      workers: threads,
      simulateWorkers: order.workers,
      order,
    },
    stopping: { ...spec.stopping, maxUpdates: order.entries.length / orderStride, epochs: null },
  };
}
