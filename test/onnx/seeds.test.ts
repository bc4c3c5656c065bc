import { describe, expect, test } from "vitest";
import { lower } from "../../src/onnx/lower.ts";
import { modelNames } from "../../src/onnx/model-names.ts";
import { withSeeds } from "../../src/onnx/model-proto.ts";
import { OrtSession } from "../../src/ort/session.ts";
import { SessionRun } from "../../src/ort/session-run.ts";
import { layers, tf } from "../../src/tfjs/tf.ts";
import { trace } from "../../src/tfjs/trace.ts";
import { around, drawing } from "./cases/random.ts";

describe("sessions of one model in one process", () => {
  const floats = (length: number) => new Float32Array(new SharedArrayBuffer(4 * length));
  const draw = (bytes: Uint8Array) => {
    const gradient = { name: modelNames.gradient(0), data: floats(8), shape: [8] };
    const loss = { name: modelNames.loss, data: floats(1), shape: [] };
    const ones = (name: string, shape: number[]) => ({ name, data: floats(8).fill(1), shape });
    const inputs = [ones(modelNames.features, [1, 8]), ones(modelNames.parameter(0), [8])];
    const labels = { name: modelNames.labels, data: floats(1), shape: [1, 1] };
    const session = OrtSession.create(bytes, { planMemory: true });
    const run = new SessionRun(session.handle, [...inputs, labels], [loss, gradient]);
    run.run();
    run.dispose();
    session.dispose();
    return [...gradient.data];
  };
  const subject = drawing(8, (x) => tf.mul(x, tf.randomUniform([1, 8], 0, 1)));
  const bytes = lower(trace({ ...subject, training: true }));
  tf.dispose([...(subject.variables ?? [])]);

  test("draw the same numbers when the model has no seeds", () => {
    expect(draw(bytes)).toEqual(draw(bytes));
  });

  test("draw numbers of their own when each has seeds of its own", () => {
    const [first, again, second] = [1, 1, 2].map((seed) => withSeeds(bytes, () => seed));
    const drawn = draw(first);
    expect(draw(again)).toEqual(drawn);
    expect(draw(second)).not.toEqual(drawn);
    // The largest seed that is allowed.
    expect(draw(withSeeds(bytes, () => 2 ** 24 - 1))).not.toEqual(drawn);
  });

  test("compute what they did before when nothing draws", () => {
    const plain = lower(
      trace({ ...around(layers.layers.activation({ activation: "relu" })), training: true }),
    );
    expect(withSeeds(plain, () => expect.unreachable("nothing draws"))).toEqual(Uint8Array.from(plain));
  });

  test("of a model in shared memory get a copy that is not", () => {
    const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
    shared.set(bytes);
    expect(withSeeds(shared, () => 1).buffer).toBeInstanceOf(ArrayBuffer);
    expect([...shared]).toEqual([...bytes]);
  });
});
