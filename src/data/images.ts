/**
 * A folder of images by class as a data set.
 *
 * Features are `[H, W, C]` float32 in [0, 1], stored as bytes where no image has 16 bits a channel; classes are the names of
 * the folders. Which files are read, `image-folder.ts` says, and what becomes of each, `image-decoder.ts`.
 */
import { badFile } from "./bad-file.ts";
import type { ColumnData, DataSplit, Dataset } from "./dataset.ts";
import { ImageDecoder, type ImageHeader, type ImageSize, type PixelForm } from "./image-decoder.ts";
import { classesIn, halvesOf, type LabelledFile, listImages } from "./image-folder.ts";

export interface ImageOptions {
  /** What every image is scaled to; null where all have one size. */
  readonly size: ImageSize | null;
  /** Another folder with the same classes to test with; null for the folder's own, if there is one. */
  readonly testFolder: string | null;
}

const maxBytes = 2 ** 31;

/** Images read at the same time: as many as libuv has threads. */
const atOnce = 4;

/** Images of one half of a data set. */
export interface Half {
  readonly folder: string;
  readonly files: readonly LabelledFile[];
  readonly headers: readonly ImageHeader[];
}

/**
 * One rule for all images, also those to test with: grey if every one is, else in colour; 16 bits a channel if one has them.
 *
 * @throws {YfError} `BAD_DATA` if sharp is not installed, a class has no images, or one cannot be read or differs in size.
 */
export async function readImages(
  folder: string,
  { size, testFolder }: ImageOptions,
): Promise<DataSplit & { classes: number }> {
  const decoder = await ImageDecoder.load(folder);
  const halves = halvesOf(folder, decoder.endings);
  const classes = classesIn(halves.train);
  const notes = [...halves.notes];
  const readHalf = async (from: string): Promise<Half> => {
    const { files, notes: more } = listImages(from, classes, decoder.endings);
    notes.push(...more);
    if (files.length === 0) throw badFile(from, "its folders must hold images");
    return { folder: from, files, headers: await readHeaders(decoder, files) };
  };
  const train = await readHalf(halves.train);
  requireAllClasses(halves.train, classes, train.files, decoder.endings);
  const tested =
    testFolder === null ? halves.test : (halvesOf(testFolder, decoder.endings).test ?? testFolder);
  const test = tested === null ? null : await readHalf(tested);
  const headers = [...train.headers, ...(test?.headers ?? [])];
  const form = formOf(headers, size);
  notes.push(...notesOf(headers));
  return {
    train: await decodeAll(decoder, train, form, classes),
    test: test === null ? null : await decodeAll(decoder, test, form, classes),
    notes,
    classes: classes.length,
  };
}

function requireAllClasses(
  folder: string,
  classes: readonly string[],
  files: readonly LabelledFile[],
  endings: readonly string[],
): void {
  const labels = new Set(files.map(({ label }) => label));
  const without = classes.findIndex((_, label) => !labels.has(label));
  if (without < 0) return;
  const rule = `the folder of a class must hold images (${endings.join(", ")})`;
  throw badFile(`${folder}/${classes[without]}`, rule);
}

/** @throws {YfError} `BAD_DATA` that names the first file that is no image, and how many are not. */
export async function readHeaders(
  decoder: ImageDecoder,
  files: readonly LabelledFile[],
): Promise<ImageHeader[]> {
  const headers = await eachOf(files, ({ file }) =>
    decoder.readHeader(file).catch((error: unknown) => error),
  );
  const problems = headers.filter((header): header is Error => header instanceof Error);
  const [first] = problems;
  if (first === undefined) return headers as ImageHeader[];
  if (problems.length > 1) first.message += ` (and ${problems.length - 1} more such files)`;
  throw first;
}

function formOf(headers: readonly ImageHeader[], size: ImageSize | null): PixelForm {
  const [first] = headers;
  const { height, width } = size ?? first;
  const channels = headers.every(({ isGrey }) => isGrey) ? 1 : 3;
  const other =
    size === null ? headers.find((one) => one.width !== width || one.height !== height) : undefined;
  if (other !== undefined) {
    const rule = `every image must be like the first, ${width}×${height} (or give --image-size WxH)`;
    throw badFile(other.file, rule, `${other.width}×${other.height}`);
  }
  return { width, height, channels, isDeep: headers.some(({ isDeep }) => isDeep), isScaled: size !== null };
}

/** What of the images was changed, each once. */
function notesOf(headers: readonly ImageHeader[]): string[] {
  const count = (is: (header: ImageHeader) => boolean) => headers.filter(is).length;
  const mixed = (number: number) => number > 0 && number < headers.length;
  const grey = count(({ isGrey }) => isGrey);
  const deep = count(({ isDeep }) => isDeep);
  const transparent = count(({ hasAlpha }) => hasAlpha);
  const animated = count(({ isAnimated }) => isAnimated);
  const all = headers.length;
  return [
    ...(mixed(grey) ? [`${grey} of ${all} images are grey and read in colour like the others.`] : []),
    ...(mixed(deep)
      ? [`${deep} of ${all} images have 16 bits a channel, and the others are read so, too.`]
      : []),
    ...(transparent > 0
      ? [`${transparent} of ${all} images may be transparent: they are laid over white.`]
      : []),
    ...(animated > 0 ? [`${animated} of ${all} images are animated: their first frame is read.`] : []),
  ];
}

export async function decodeAll(
  decoder: ImageDecoder,
  { files, folder, headers }: Half,
  form: PixelForm,
  classes: readonly string[],
): Promise<Dataset> {
  const { channels, height, isDeep, width } = form;
  const length = height * width * channels;
  // The 32 bits of a float hold 16 exactly.
  const bytes = files.length * length * (isDeep ? 4 : 1);
  if (bytes > maxBytes) {
    const rule = `its images must fit in ${maxBytes} bytes (--image-size makes them smaller)`;
    throw badFile(folder, rule, `${files.length} images of ${width}×${height}×${channels}`);
  }
  const shared = new SharedArrayBuffer(bytes);
  const pixels: ColumnData = isDeep ? new Float32Array(shared) : new Uint8Array(shared);
  const labels = new Int32Array(new SharedArrayBuffer(4 * files.length));
  labels.set(files.map(({ label }) => label));
  await eachOf(headers, async (header, index) => {
    pixels.set(await decoder.readPixels(header, form), index * length);
  });
  return {
    features: [
      {
        data: pixels,
        shape: [height, width, channels],
        dtype: "float32",
        scale: 1 / (isDeep ? 65_535 : 255),
        offset: 0,
      },
    ],
    labels: [
      {
        data: labels,
        shape: [],
        dtype: "int32",
        scale: 1,
        offset: 0,
        classes: classes.length,
        classNames: classes,
      },
    ],
    length: files.length,
  };
}

/** Does something with each of a list, a few at a time. @returns The results, in the order of the list. */
async function eachOf<T, R>(
  list: readonly T[],
  action: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const worker = async () => {
    while (next < list.length) {
      const index = next++;
      results[index] = await action(list[index], index);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return results;
}
