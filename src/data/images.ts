/**
 * A folder of images by class: `FOLDER/cat/1.jpg`, or `FOLDER/train/cat/1.jpg` and `FOLDER/test/cat/2.jpg`.
 *
 * The one door to sharp, which decodes and is installed by whoever needs it. Features are `[H, W, C]` float32 in [0, 1],
 * stored as bytes; classes are the names of the folders in the order of the alphabet.
 */
import { existsSync, readdirSync } from "node:fs";
import { extname, join } from "node:path";
import type { Sharp, SharpInput } from "sharp";
import { cannot, YfError } from "../errors.ts";
import { badFile } from "./bad-file.ts";
import type { DataSplit, Dataset } from "./dataset.ts";

/** Width and height of an image in pixels. */
export interface ImageSize {
  readonly width: number;
  readonly height: number;
}

export interface ImageOptions {
  /** What every image is scaled to; null where all have one size. */
  readonly size: ImageSize | null;
  /** Another folder with the same classes to test with; null for the folder's own `test`, if there is one. */
  readonly testFolder: string | null;
}

type Decode = (input: SharpInput) => Sharp;

const endings: readonly string[] = [".png", ".jpg", ".jpeg", ".webp", ".gif", ".avif", ".tif", ".tiff"];

const maxBytes = 2 ** 31;

/** Images decoded at the same time: as many as libuv has threads. */
const atOnce = 4;

/** @throws {YfError} `BAD_DATA` if sharp is not installed, there is no class, or an image cannot be read or differs. */
export async function readImages(
  folder: string,
  { size, testFolder }: ImageOptions,
): Promise<DataSplit & { classes: number }> {
  const decode = await loadSharp(folder);
  const isDivided = existsSync(join(folder, "train"));
  const trainFolder = isDivided ? join(folder, "train") : folder;
  const own = isDivided && existsSync(join(folder, "test")) ? join(folder, "test") : null;
  const classes = foldersIn(trainFolder);
  if (classes.length === 0) throw badFile(trainFolder, "it must have a folder for each class", "none");
  const train = listImages(trainFolder, classes);
  const [first] = train;
  const without = classes.findIndex((_, label) => !train.some((image) => image.label === label));
  if (without >= 0) {
    const rule = `the folder of a class must hold images ${endings.join(", ")}`;
    throw badFile(join(trainFolder, classes[without]), rule, "none");
  }
  const shape = await shapeOf(decode, first.file, size);
  const tested = testFolder ?? own;
  return {
    train: await decodeAll(decode, trainFolder, train, shape, size),
    test: tested === null ? null : await decodeAll(decode, tested, listImages(tested, classes), shape, size),
    classes: classes.length,
  };
}

/** Version of the package that decodes images, null where it is not installed. */
export async function decoderVersion(): Promise<string | null> {
  try {
    return (await import("sharp")).default.versions.sharp ?? null;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ERR_MODULE_NOT_FOUND") return null;
    throw error;
  }
}

async function loadSharp(folder: string): Promise<Decode> {
  try {
    return (await import("sharp")).default;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_MODULE_NOT_FOUND") throw error;
    const rule = "images are decoded by the package sharp (run `npm install sharp`)";
    throw new YfError("BAD_DATA", cannot(`read ${folder}`, rule, "no such package"), { folder }, error);
  }
}

interface LabelledFile {
  readonly file: string;
  readonly label: number;
}

function listImages(folder: string, classes: readonly string[]): LabelledFile[] {
  const unknown = foldersIn(folder).find((name) => !classes.includes(name));
  if (unknown !== undefined) {
    throw badFile(folder, "its classes must be those of the images to train on", unknown);
  }
  return classes.flatMap((name, label) => {
    const inside = join(folder, name);
    if (!existsSync(inside)) return [];
    return readdirSync(inside)
      .filter((file) => endings.includes(extname(file).toLowerCase()))
      .sort()
      .map((file) => ({ file: join(inside, file), label }));
  });
}

function foldersIn(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith("."))
      .map(({ name }) => name)
      .sort();
  } catch (error) {
    throw badFile(
      folder,
      "it must be a folder that can be read",
      error instanceof Error ? error.message : error,
    );
  }
}

/** Height, width and channels, 1 or 3, that every image shall have. */
type Shape = readonly [height: number, width: number, channels: number];

/** Grey images stay grey if the first one is. */
async function shapeOf(decode: Decode, file: string, size: ImageSize | null): Promise<Shape> {
  const { channels, height, width } = await decoding(file, () => decode(file).metadata());
  return [size?.height ?? height, size?.width ?? width, channels < 3 ? 1 : 3];
}

async function decodeAll(
  decode: Decode,
  folder: string,
  files: readonly LabelledFile[],
  shape: Shape,
  size: ImageSize | null,
): Promise<Dataset> {
  const [height, width, channels] = shape;
  const imageBytes = height * width * channels;
  if (files.length === 0) throw badFile(folder, `its folders must hold images ${endings.join(", ")}`, "none");
  if (files.length * imageBytes > maxBytes) {
    const received = `${files.length} images of ${width}×${height}×${channels}`;
    throw badFile(
      folder,
      `its images must fit in ${maxBytes} bytes (--image-size makes them smaller)`,
      received,
    );
  }
  const pixels = new Uint8Array(new SharedArrayBuffer(files.length * imageBytes));
  const labels = Int32Array.from(files, ({ label }) => label);
  const sharedLabels = new Int32Array(new SharedArrayBuffer(labels.byteLength));
  sharedLabels.set(labels);
  const readOne = async (index: number) => {
    const { file } = files[index];
    const image = decode(file).removeAlpha();
    const coloured = channels === 1 ? image.greyscale() : image.toColourspace("srgb");
    const sized = size === null ? coloured : coloured.resize(width, height, { fit: "fill" });
    const { data, info } = await decoding(file, () => sized.raw().toBuffer({ resolveWithObject: true }));
    if (data.length !== imageBytes || info.width !== width) {
      const rule = `every image must be like the first, ${width}×${height}×${channels} (or give --image-size WxH)`;
      throw badFile(file, rule, `${info.width}×${info.height}×${info.channels}`);
    }
    pixels.set(data, index * imageBytes);
  };
  let next = 0;
  const worker = async () => {
    while (next < files.length) await readOne(next++);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return {
    features: [
      { data: pixels, shape: [height, width, channels], dtype: "float32", scale: 1 / 255, offset: 0 },
    ],
    labels: [{ data: sharedLabels, shape: [], dtype: "int32", scale: 1, offset: 0 }],
    length: files.length,
  };
}

async function decoding<T>(file: string, decode: () => Promise<T>): Promise<T> {
  try {
    return await decode();
  } catch (error) {
    throw badFile(file, "it must be an image", error instanceof Error ? error.message.split("\n")[0] : error);
  }
}
