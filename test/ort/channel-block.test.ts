import { expect, test } from "vitest";
import { channelBlock } from "../../src/ort/channel-block.ts";

test("ONNX Runtime lays images out in blocks of 4, 8 or 16 channels, or has no such layout here", () => {
  expect([null, 4, 8, 16]).toContain(channelBlock());
  expect(channelBlock()).toBe(channelBlock());
});
