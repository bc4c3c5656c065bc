/**
 * Carries out a recipe so that it leaves all or nothing: checks first, works in a folder beside the final one, tries what
 * came out, and only then moves it to its place.
 *
 * What pip has fetched stays in pip's own cache, so that a set-up that was interrupted soon is where it was.
 */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { cannot, YfError } from "../errors.ts";
import { findInstallation, installFolder, readyFile } from "../install-folder.ts";
import type { Download, Recipe, Work } from "./recipe.ts";

export interface SetUpOptions extends Work {
  /** Whether to check and say what would be done, and do none of it. */
  readonly dryRun: boolean;
}

/** What came of it. */
export interface SetUpResult {
  readonly name: string;
  readonly version: string;
  /** `planned` in a dry run, `present` where it was there before. */
  readonly status: "planned" | "present" | "ready";
  readonly folder: string;
  readonly downloads: readonly Download[];
  readonly diskMegabytes: number;
  /** What was tried and works; null where nothing could be. */
  readonly verified: string | null;
}

/** @throws {YfError} SETUP_FAILED, after everything has been undone; what `recipe` throws. */
export async function setUp(recipe: Recipe, options: SetUpOptions): Promise<SetUpResult> {
  const { dryRun, tell } = options;
  const { diskMegabytes, downloads, enables, name, title, version } = recipe;
  const folder = installFolder(name);
  const result = { name, version, folder, downloads, diskMegabytes, verified: null };
  if (installedVersion(name) === version) {
    tell(`${title} is set up in ${folder}; ${enables} can use it`);
    return { ...result, status: "present" };
  }
  await recipe.check(options);
  requireDisk(recipe, folder);
  const megabytes = downloads.reduce((sum, download) => sum + download.megabytes, 0);
  tell(`fetches ${gigabytes(megabytes)}: ${downloads.map(inWords).join(", ")}`);
  tell(`keeps them in ${folder}; takes ${gigabytes(diskMegabytes)} of disk meanwhile`);
  if (dryRun) return { ...result, status: "planned" };
  const partial = `${folder}.partial-${process.pid}`;
  try {
    mkdirSync(partial, { recursive: true });
    removeAbandoned(folder);
    await recipe.build(partial, options);
    writeFileSync(join(partial, readyFile), `${JSON.stringify({ version })}\n`);
    const verified = await recipe.verify(partial, options);
    rmSync(folder, { recursive: true, force: true });
    renameSync(partial, folder);
    tell(`${title} is set up in ${folder}; ${enables} can use it`);
    return { ...result, status: "ready", verified };
  } catch (error) {
    if (error instanceof YfError) throw error;
    const rule = "its files must be written";
    throw new YfError(
      "SETUP_FAILED",
      cannot(`set up ${title}`, rule, (error as Error).message),
      { folder },
      error,
    );
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}

/** Null where nothing is installed, or it is unknown what. */
function installedVersion(name: Recipe["name"]): string | null {
  const folder = findInstallation(name);
  if (folder === null) return null;
  try {
    return (JSON.parse(readFileSync(join(folder, readyFile), "utf8")) as { version: string }).version;
  } catch {
    // Not a file that this program has written: the installation is made anew.
    return null;
  }
}

function requireDisk({ diskMegabytes, title }: Recipe, folder: string): void {
  let place = dirname(folder);
  while (!existsSync(place)) place = dirname(place);
  const { bavail, bsize } = statfsSync(place);
  const free = (bavail * bsize) / 1e6;
  if (free >= diskMegabytes) return;
  const rule = `needs ${gigabytes(diskMegabytes)} of disk in ${dirname(folder)}`;
  throw new YfError("SETUP_FAILED", cannot(`set up ${title}`, rule, `${gigabytes(free)} free`), {
    folder,
    neededMegabytes: diskMegabytes,
    freeMegabytes: Math.floor(free),
  });
}

/** What a process that was killed outright has left. */
function removeAbandoned(folder: string): void {
  const prefix = `${basename(folder)}.partial-`;
  for (const entry of readdirSync(dirname(folder))) {
    if (!entry.startsWith(prefix) || isRunning(Number(entry.slice(prefix.length)))) continue;
    rmSync(join(dirname(folder), entry), { recursive: true, force: true });
  }
}

function isRunning(process_: number): boolean {
  try {
    return process.kill(process_, 0);
  } catch (error) {
    // It is there, and another user's.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

const gigabytes = (megabytes: number) =>
  megabytes < 1000 ? `${Math.round(megabytes)} MB` : `${(megabytes / 1000).toFixed(1)} GB`;

const inWords = ({ megabytes, name }: Download) => `${name} (${gigabytes(megabytes)})`;
