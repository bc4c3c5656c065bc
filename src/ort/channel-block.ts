/** Finds out how ONNX Runtime lays images out in blocks of channels on this processor, by a program that tells. */
import { NchwcLayout } from "../onnx/blocked/layout.ts";
import { OnnxBuilder } from "../onnx/builder.ts";
import { encodeModel } from "../onnx/model-proto.ts";
import { OrtSession } from "./session.ts";
import { SessionRun } from "./session-run.ts";

/** Of the image that is laid out: as many channels as the largest block that is known. */
const channels = 16;
const pixels = 2;

let found: number | null | undefined;

/**
 * Channels in a block: 16 with AVX-512, 8 with AVX, say. Null where ONNX Runtime has no such layout or other operators
 * on it than are expected.
 *
 * A program brings an image into the layout and computes 3·x + 1 there, in one convolution of each channel that adds its
 * image to its result: the two things that programs rely on most.
 */
export function channelBlock(): number | null {
  // Null has been found out, too.
  if (found === undefined) found = blockOf(laidOut());
  return found;
}

/** The image 0, 1, 2, … as 3·x + 1 in the order of the layout; empty where that fails. */
function laidOut(): Float32Array {
  const builder = new OnnxBuilder();
  // The block is what is asked for; nothing of the layout that is used here depends on it.
  const layout = new NchwcLayout(builder, channels);
  const x = layout.fromChannelsFirst(builder.input("x", "float32", [1, channels, 1, pixels]));
  const filter = builder.floats(new Float32Array(channels).fill(2), [channels, 1, 1, 1]);
  const bias = builder.floats(new Float32Array(channels).fill(1), [channels]);
  const y = layout.eachChannel([x, filter, bias, x], channels);
  builder.output("y", y, "float32", [1, channels, 1, pixels]);
  const [image, result] = [0, 1].map(() => new Float32Array(new SharedArrayBuffer(4 * channels * pixels)));
  image.forEach((_, i) => {
    image[i] = i;
  });
  const shape = [1, channels, 1, pixels];
  try {
    const session = OrtSession.createOnCpu(encodeModel(builder.build()), { planMemory: false });
    const run = new SessionRun(
      session.handle,
      [{ name: "x", data: image, shape }],
      [{ name: "y", data: result, shape }],
    );
    run.runInTurn();
    run.dispose();
    void session.dispose();
    return result;
  } catch {
    // Whatever the reason, programs can do without.
    return new Float32Array(0);
  }
}

/** The block by where the first channel's second pixel went, if everything else is where it then must be. */
function blockOf(result: Float32Array): number | null {
  const block = result.indexOf(3 * 1 + 1);
  if (block <= 1 || channels % block !== 0) return null;
  const isThere = result.every((value, at) => {
    const channel = block * Math.floor(at / (block * pixels)) + (at % block);
    const pixel = Math.floor(at / block) % pixels;
    return value === 3 * (channel * pixels + pixel) + 1;
  });
  return isThere ? block : null;
}
