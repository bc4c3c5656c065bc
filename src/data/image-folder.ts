/**
 * Which images a folder holds, by class: `FOLDER/cat/1.jpg`, or `FOLDER/train/cat/1.jpg` and `FOLDER/test/cat/2.jpg`.
 *
 * Owns what is an image, what is passed over, and what is too doubtful to pass over. Nothing is decoded here.
 */
import { type Dirent, readdirSync, realpathSync, type Stats, statSync } from "node:fs";
import { basename, extname, join } from "node:path";
import { badFile } from "./bad-file.ts";
import { compareNaturally } from "./natural-order.ts";

/** The folders of a data set. */
interface Halves {
  readonly train: string;
  readonly test: string | null;
  readonly notes: readonly string[];
}

export interface LabelledFile {
  readonly file: string;
  readonly label: number;
}

export interface ListedImages {
  /** Class by class, each in natural order. */
  readonly files: readonly LabelledFile[];
  readonly notes: readonly string[];
}

/** In the order in which they are looked for. */
const testNames: readonly string[] = ["test", "testing", "val", "valid", "validation"];
const trainNames: readonly string[] = ["train", "training"];

/** What systems leave in folders. */
const leftBehind: ReadonlySet<string> = new Set(["thumbs.db", "ehthumbs.db", "desktop.ini", "__macosx"]);

/** Images, too, but for other programs: without them a data set would not be whole. */
const otherImages: ReadonlySet<string> = new Set(
  (
    ".bmp .dib .heic .heif .ico .jxl .jp2 .j2k .jpx .ppm .pgm .pbm .pnm .pam .tga .psd .exr .hdr .dcm .dng .cr2 .cr3 " +
    ".nef .arw .orf .rw2 .raw .pcx .xbm .xpm .qoi .dds .webp2 .apng .mpo .ras .sgi .fits"
  ).split(" "),
);

/**
 * A folder is of halves if it has a folder `train` that holds folders and no images of its own. Beside it those to test with are in `test`, else
 * `val`, `valid` or `validation`.
 *
 * @throws {YfError} `BAD_DATA` if there are only such folders without `train`, or it cannot be read.
 */
export function halvesOf(folder: string, endings: readonly string[]): Halves {
  const names = visible(folder).flatMap(({ isFolder, name }) => (isFolder ? [name] : []));
  const named = (wanted: readonly string[]) =>
    wanted
      .map((half) => names.find((name) => name.toLowerCase() === half))
      .find((name) => name !== undefined);
  const train = named(trainNames);
  const test = named(testNames);
  if (train === undefined) {
    const areHalves = names.length > 0 && names.every((name) => testNames.includes(name.toLowerCase()));
    if (!areHalves) return { train: folder, test: null, notes: [] };
    throw badFile(folder, `beside ${names.join(" and ")} it must have a folder train`);
  }
  const inside = visible(join(folder, train));
  // A class of trains has images at once.
  const hasImages = inside.some(({ isFolder, name }) => !isFolder && endsIn(name, endings));
  if (hasImages || !inside.some(({ isFolder }) => isFolder)) return { train: folder, test: null, notes: [] };
  const unused = names.filter((name) => name !== train && name !== test);
  return {
    train: join(folder, train),
    test: test === undefined ? null : join(folder, test),
    notes: unused.length === 0 ? [] : [`Folders that are not used: ${unused.join(", ")}.`],
  };
}

/** The folders of a folder, in natural order: `2` before `10`. @throws {YfError} `BAD_DATA` if there are none. */
export function classesIn(folder: string): string[] {
  const classes = visible(folder).flatMap(({ isFolder, name }) => (isFolder ? [name] : []));
  if (classes.length > 0) return classes;
  throw badFile(folder, "must have a folder for each class");
}

/**
 * The images of each class, those in folders of its folder included.
 *
 * @param classes Of the images to train on. @param endings Of files that can be decoded.
 * @throws {YfError} `BAD_DATA` if a folder is of no class, or an image is of another kind.
 */
export function listImages(
  folder: string,
  classes: readonly string[],
  endings: readonly string[],
): ListedImages {
  const unknown = classesIn(folder).find((name) => !classes.includes(name));
  if (unknown !== undefined) {
    throw badFile(folder, "its classes must be those of the images to train on", unknown);
  }
  const seen: Seen = { hidden: 0, others: [] };
  const isImage = (name: string) => endsIn(name, endings);
  const own = visible(folder, seen);
  const loose = own.filter(({ isFolder, name }) => !isFolder && isImage(name)).length;
  const files = classes.flatMap((name, label) => {
    if (!own.some((entry) => entry.isFolder && entry.name === name)) return [];
    return imagesBelow(join(folder, name), isImage, seen, new Set()).map((file) => ({ file, label }));
  });
  return { files, notes: notesOf(folder, seen, loose) };
}

/** All images below a folder, whatever their folders are, in natural order; or the one image that it is. */
export function listUnlabelledImages(path: string, endings: readonly string[]): ListedImages {
  const isFolder = reading(path, () => statSync(path)).isDirectory();
  const seen: Seen = { hidden: 0, others: [] };
  const files = isFolder ? imagesBelow(path, (name) => endsIn(name, endings), seen, new Set()) : [path];
  return { files: files.map((file) => ({ file, label: 0 })), notes: notesOf(path, seen, 0) };
}

function notesOf(folder: string, { hidden, others }: Seen, loose: number): string[] {
  const name = basename(folder);
  const count = (number: number, what: string) => `${number} ${what}${number === 1 ? "" : "s"}`;
  return [
    ...(hidden === 0 ? [] : [`${name}: ${count(hidden, "hidden file")} passed over.`]),
    ...(loose === 0
      ? []
      : [`${name}: ${count(loose, "image")} outside of the folders of classes passed over.`]),
    ...(others.length === 0
      ? []
      : [
          `${name}: ${count(others.length, "file")} other than images passed over, such as ${basename(others[0])}.`,
        ]),
  ];
}

const endsIn = (name: string, endings: readonly string[]) =>
  endings.some((ending) => name.toLowerCase().endsWith(ending));

/** What was passed over. */
interface Seen {
  hidden: number;
  readonly others: string[];
}

/** @param above Real paths of the folders that it lies in: a link may lead back to one of them. */
function imagesBelow(
  folder: string,
  isImage: (name: string) => boolean,
  seen: Seen,
  above: ReadonlySet<string>,
): string[] {
  const real = realpathSync(folder);
  if (above.has(real)) throw badFile(folder, "a link must not lead back to a folder above it", real);
  return visible(folder, seen).flatMap(({ isFolder, name }) => {
    const path = join(folder, name);
    if (isFolder) return imagesBelow(path, isImage, seen, new Set([...above, real]));
    if (isImage(name)) return [path];
    if (otherImages.has(extname(name).toLowerCase())) {
      throw badFile(path, "an image must be of a kind that sharp decodes (convert it to PNG)", extname(name));
    }
    seen.others.push(path);
    return [];
  });
}

interface Entry {
  readonly name: string;
  readonly isFolder: boolean;
}

/** What people see in a folder, in natural order; links are what they lead to. */
function visible(folder: string, seen: { hidden: number } = { hidden: 0 }): Entry[] {
  const entries = reading(folder, () => readdirSync(folder, { withFileTypes: true }));
  const shown = entries.filter(({ name }) => !name.startsWith(".") && !leftBehind.has(name.toLowerCase()));
  seen.hidden += entries.length - shown.length;
  return shown
    .map((entry) => ({ name: entry.name, isFolder: typeOf(folder, entry).isDirectory() }))
    .sort((a, b) => compareNaturally(a.name, b.name));
}

function typeOf(folder: string, entry: Dirent): Dirent | Stats {
  if (!entry.isSymbolicLink()) return entry;
  const path = join(folder, entry.name);
  return reading(path, () => statSync(path));
}

function reading<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw badFile(path, "must be readable", error instanceof Error ? error.message : error);
  }
}
