/** `yf-async inspect FILE`: what a checkpoint holds, and whether all of it is whole. */
import { Command } from "commander";
import { readCheckpoint, version } from "../checkpoint/checkpoint-file.ts";
import { locateCheckpoint } from "../checkpoint/checkpoint-folder.ts";
import { percent, significant } from "../report/live-fields.ts";
import type { CheckpointFacts } from "../resume/checkpointer.ts";
import { parseProgress } from "../resume/kept-progress.ts";

interface InspectFlags {
  readonly json?: true;
}

export function inspectCommand(): Command {
  return new Command("inspect")
    .description("Show what a checkpoint holds, once every checksum in it was found right")
    .argument("<FILE>", "Checkpoint, or a folder whose newest one counts")
    .option("--json", "Print it as one line of JSON")
    .option("--debug", "Show the stack of an error")
    .action(inspect);
}

function inspect(place: string, { json }: InspectFlags): void {
  const { file } = locateCheckpoint(place);
  const { facts, sections } = readCheckpoint(file);
  const { commandLine, identity, progress: kept, writtenAt } = facts as CheckpointFacts;
  const progress = parseProgress(file, kept);
  const bytes = bytesByPart(sections);
  const format = Number(version);
  if (json) {
    const settings = identity?.settings;
    const found = { file, format, writtenAt, commandLine, settings, progress, bytes };
    process.stdout.write(`${JSON.stringify(found)}\n`);
    return;
  }
  const { evaluation, seconds, updates } = progress;
  const lines: [string, string][] = [
    ["Checkpoint", file],
    ["Format", `version ${format}`],
    ["Written", String(writtenAt)],
    ["Updates", String(updates)],
    ["Training", `${significant(seconds)} s`],
    ["Test accuracy", evaluation?.accuracy == null ? "none" : percent(evaluation.accuracy)],
    ["Options", optionsText(commandLine)],
    ...Object.entries(bytes).map(([part, length]): [string, string] => [part, `${length} bytes`]),
  ];
  const width = Math.max(...lines.map(([name]) => name.length)) + 2;
  process.stdout.write(lines.map(([name, text]) => `${name.padEnd(width)}${text}\n`).join(""));
}

/** Bytes of each part of the run's memory: the sections of all workers are one part. */
function bytesByPart(sections: ReadonlyMap<string, Uint8Array>): Record<string, number> {
  const parts: Record<string, number> = {};
  for (const [name, { length }] of sections) {
    const [part] = name.split(".");
    parts[part] = (parts[part] ?? 0) + length;
  }
  return parts;
}

function optionsText(commandLine: CheckpointFacts["commandLine"]): string {
  if (commandLine === null) return "those of a program";
  return Object.entries(commandLine)
    .map(([name, value]) => (value === true ? name : `${name} ${value}`))
    .join(", ");
}
