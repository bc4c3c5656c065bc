/** tinyshakespeare: a million characters of Shakespeare's plays, of which the last tenth is kept for testing. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { readText, type TextSplit } from "./text.ts";

/** char-rnn has it under the first name. */
const files = ["input.txt", "tinyshakespeare.txt"] as const;

const validationSplit = 0.1;

/** @throws {YfError} `BAD_DATA` if the folder has no such file, or it is no text. */
export function readTinyShakespeare(
  folder: string,
  { sequenceLength }: { sequenceLength: number },
): TextSplit {
  const found = files.map((name) => join(folder, name)).find((file) => existsSync(file));
  return readText(found ?? join(folder, files[0]), sequenceLength, null, validationSplit);
}
