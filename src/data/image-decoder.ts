/**
 * Decodes images. The one door to sharp, which is installed by whoever needs it.
 *
 * Owns what an image is made into, whatever its file has: upright by its EXIF data, in sRGB or grey, over white where it is
 * transparent, with 8 or 16 bits a channel. Of an animation it is the first frame.
 */
import { cannot, YfError } from "../errors.ts";
import { badFile } from "./bad-file.ts";

/** Width and height of an image in pixels. */
export interface ImageSize {
  readonly width: number;
  readonly height: number;
}

/** What the header of an image says, and its file. */
export interface ImageHeader extends ImageSize {
  readonly file: string;
  readonly isGrey: boolean;
  readonly isDeep: boolean;
  readonly hasAlpha: boolean;
  readonly isAnimated: boolean;
}

/** What all images of a data set are made into. */
export interface PixelForm extends ImageSize {
  readonly channels: 1 | 3;
  /** Whether a channel has 16 bits. */
  readonly isDeep: boolean;
  /** Whether images are scaled to the size, or must have it. */
  readonly isScaled: boolean;
}

export type Pixels = Uint8Array | Uint16Array;

/** sharp's own limit: a small file can ask for any number of pixels. */
const maxPixels = 0x3fff ** 2;

/** Orientations of EXIF from here on turn an image on its side. */
const firstOnItsSide = 5;

type Sharp = typeof import("sharp")["default"];

/** Version of the package that decodes images, null where it is not installed. */
export async function decoderVersion(): Promise<string | null> {
  return (await importSharp())?.versions.sharp ?? null;
}

export class ImageDecoder {
  readonly #sharp: Sharp;
  /** Of files that it decodes, in lower case. */
  readonly endings: readonly string[];

  private constructor(sharp: Sharp) {
    this.#sharp = sharp;
    this.endings = Object.values(sharp.format).flatMap(({ input }) => (input.file && input.fileSuffix) || []);
  }

  /** @param folder For which it is needed. @throws {YfError} `BAD_DATA` if sharp is not installed. */
  static async load(folder: string): Promise<ImageDecoder> {
    const sharp = await importSharp();
    if (sharp !== null) return new ImageDecoder(sharp);
    const rule = "images are decoded by the package sharp (run `npm install sharp`)";
    throw new YfError("BAD_DATA", cannot(`read ${folder}`, rule, "no such package"), { folder });
  }

  /** @throws {YfError} `BAD_DATA` if the file is no image, has too many pixels, or other than whole numbers for them. */
  async readHeader(file: string): Promise<ImageHeader> {
    const {
      depth,
      hasAlpha,
      height,
      orientation = 1,
      pages = 1,
      space,
      width,
    } = await decoding(file, () =>
      // The limit below names itself.
      this.#sharp(file, { limitInputPixels: false }).metadata(),
    );
    if (width * height > maxPixels) {
      throw badFile(file, `an image must have at most ${maxPixels} pixels`, `${width}×${height}`);
    }
    if (depth !== "uchar" && depth !== "ushort") {
      throw badFile(file, "a channel of an image must be a whole number of 8 or 16 bits", depth);
    }
    const [across, down] = orientation >= firstOnItsSide ? [height, width] : [width, height];
    return {
      file,
      width: across,
      height: down,
      isGrey: space === "b-w" || space === "grey16",
      isDeep: depth === "ushort",
      hasAlpha,
      isAnimated: pages > 1,
    };
  }

  /** @returns Pixels row by row, `[height, width, channels]`. @throws {YfError} `BAD_DATA` if the file is damaged. */
  async readPixels({ file, hasAlpha, isDeep }: ImageHeader, form: PixelForm): Promise<Pixels> {
    const upright = this.#sharp(file, { limitInputPixels: maxPixels })
      .rotate()
      .toColourspace(isDeep ? "rgb16" : "srgb");
    const { height, width } = form;
    const sized = form.isScaled ? upright.resize(width, height, { fit: "fill" }) : upright;
    const raw = sized.raw({ depth: isDeep ? "ushort" : "uchar" });
    const { data, info } = await decoding(file, () => raw.toBuffer({ resolveWithObject: true }));
    const stored = isDeep ? new Uint16Array(Uint8Array.from(data).buffer) : data;
    if (!hasAlpha && form.channels === 3 && isDeep === form.isDeep) return stored;
    return converted(stored, info.channels, form);
  }
}

/**
 * @param stored Red, green and blue, and perhaps alpha, for each pixel.
 * @param storedChannels 3 or 4.
 */
function converted(
  stored: Pixels,
  storedChannels: number,
  { channels, height, isDeep, width }: PixelForm,
): Pixels {
  const pixels = isDeep
    ? new Uint16Array(width * height * channels)
    : new Uint8Array(width * height * channels);
  const white = stored instanceof Uint16Array ? 65_535 : 255;
  const scale = (isDeep ? 65_535 : 255) / white;
  for (let pixel = 0; pixel < width * height; pixel++) {
    const from = pixel * storedChannels;
    const alpha = storedChannels === 4 ? stored[from + 3] / white : 1;
    for (let channel = 0; channel < channels; channel++) {
      // Red, green and blue of a grey image are one.
      const seen = alpha * stored[from + channel] + (1 - alpha) * white;
      pixels[pixel * channels + channel] = Math.round(seen * scale);
    }
  }
  return pixels;
}

async function importSharp(): Promise<Sharp | null> {
  try {
    return (await import("sharp")).default;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ERR_MODULE_NOT_FOUND") return null;
    throw error;
  }
}

async function decoding<T>(file: string, decode: () => Promise<T>): Promise<T> {
  try {
    return await decode();
  } catch (error) {
    throw badFile(file, "must be an image", error instanceof Error ? error.message.split("\n")[0] : error);
  }
}
