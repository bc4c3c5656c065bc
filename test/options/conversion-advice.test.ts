/** What people are told who give a model of another program. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { conversionAdvice } from "../../src/options/conversion-advice.ts";
import { resolveOptions } from "../../src/options/resolve-options.ts";

test.each([
  ["net.keras", "load_model('M.keras').save('M.h5')"],
  ["net.h5", "tensorflowjs_converter --input_format keras M.h5 DIR"],
  ["saved/saved_model.pb", "SavedModel"],
  ["net.onnx", "a module that exports model"],
])("a model %s is refused with how to convert it", (model, part) => {
  for (const source of ["cli", "library"] as const) {
    expect(() => resolveOptions({ model }, source)).toThrow(
      expect.objectContaining({ code: "BAD_OPTION", message: expect.stringContaining(part) }),
    );
  }
});

test("a folder is known for a SavedModel by what is in it, and other texts get no advice", () => {
  const folder = mkdtempSync(join(tmpdir(), "yf-async-saved-"));
  try {
    mkdirSync(join(folder, "variables"));
    expect(conversionAdvice(folder)).toBeNull();
    writeFileSync(join(folder, "saved_model.pb"), "");
    expect(conversionAdvice(folder)).toContain("SavedModel");
    expect(conversionAdvice("lennet")).toBeNull();
  } finally {
    rmSync(folder, { recursive: true });
  }
});
