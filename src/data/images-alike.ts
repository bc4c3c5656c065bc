/** Other images in the form of those that a model was trained on. */
import type { ColumnDescription } from "../formats/data-description.ts";
import { badFile } from "./bad-file.ts";
import type { Dataset } from "./dataset.ts";
import { ImageDecoder, type ImageHeader, type PixelForm } from "./image-decoder.ts";
import { halvesOf, type ListedImages, listImages, listUnlabelledImages } from "./image-folder.ts";
import { decodeAll, readHeaders } from "./images.ts";

export interface AlikeImages {
  readonly input: ColumnDescription;
  readonly classNames: readonly string[];
  /** Whether each image is in the folder of its class; else any folder will do, or a single image. */
  readonly hasLabels: boolean;
  /** Whether images are scaled to the size of those to train on, or must have it. */
  readonly isScaled: boolean;
  readonly notes: string[];
}

/**
 * @returns Examples with the scale of those to train on, and the file of each.
 * @throws {YfError} `BAD_DATA` if an image has another size or colours that the model does not see, or the model takes no images.
 */
export async function readImagesAlike(
  path: string,
  { classNames, hasLabels, input, isScaled, notes }: AlikeImages,
): Promise<{ readonly dataset: Dataset; readonly files: readonly string[] }> {
  const { offset, scale, shape, stored } = input;
  const [height, width, channels] = shape;
  const isDeep = stored !== "uint8";
  const isSeen = shape.length === 3 && (channels === 1 || channels === 3);
  if (!isSeen || (isDeep && scale !== 1 / 65_535)) {
    throw badFile(
      path,
      `must be data like those to train on, ${stored} [${shape.join(", ")}]`,
      "images in files",
    );
  }
  const decoder = await ImageDecoder.load(path);
  const listed = listedImages(path, decoder.endings, hasLabels, classNames);
  if (listed.files.length === 0) throw badFile(path, "must hold images");
  notes.push(...listed.notes);
  const headers = await readHeaders(decoder, listed.files);
  const form: PixelForm = { height, width, channels, isDeep, isScaled };
  for (const header of headers) requireAlike(header, form);
  const half = { folder: path, files: listed.files, headers };
  const decoded = await decodeAll(decoder, half, form, classNames);
  const dataset = {
    ...decoded,
    features: decoded.features.map((column) => ({ ...column, scale, offset })),
    labels: hasLabels ? decoded.labels : [],
  };
  return { dataset, files: listed.files.map(({ file }) => file) };
}

/** Those to test with, where a folder has such. */
function listedImages(
  path: string,
  endings: readonly string[],
  hasLabels: boolean,
  classNames: readonly string[],
): ListedImages {
  if (!hasLabels) return listUnlabelledImages(path, endings);
  const { test, train } = halvesOf(path, endings);
  return listImages(test ?? train, classNames, endings);
}

function requireAlike({ file, height, isGrey, width }: ImageHeader, form: PixelForm): void {
  if (!form.isScaled && (height !== form.height || width !== form.width)) {
    const rule = `every image must be like those to train on, ${form.width}×${form.height}`;
    throw badFile(file, rule, `${width}×${height}`);
  }
  if (form.channels === 1 && !isGrey) {
    throw badFile(file, "every image must be grey like those to train on", "an image in colour");
  }
}
