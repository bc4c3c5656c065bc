import { describe, expect, it } from "vitest";
import { DivergenceDetector } from "../../src/run/divergence-detector.ts";

describe("DivergenceDetector", () => {
  it("tells of a mean loss a hundred times that of the beginning, once there are updates enough to tell", () => {
    const detector = new DivergenceDetector();
    expect(detector.look(2, 49)).toBeNull();
    expect(detector.look(Number.NaN, 50)).toBeNull();
    expect(detector.look(0.5, 50)).toBeNull();
    expect(detector.look(50, 60)).toBeNull();
    expect(detector.look(50.5, 70)).toMatchObject({
      code: "DIVERGED",
      details: { loss: 50.5, updates: 70 },
    });
  });

  it("measures by the first minibatches where their loss is known, as a later one may have blown up already", () => {
    const detector = new DivergenceDetector();
    // y = 2x − 1 with x = 1000: the first loss is about 4·10⁶, and what the first steps made of it 10¹².
    expect(detector.look(1e12, 50, 4e6)).toMatchObject({ code: "DIVERGED", details: { loss: 1e12 } });
    expect(new DivergenceDetector().look(3e8, 50, 4e6)).toBeNull();
    expect(new DivergenceDetector().look(1e12, 50, null)).toBeNull();
    // A loss that was nearly zero for a while may rise again.
    const converged = new DivergenceDetector();
    converged.look(1e-6, 50, 2);
    expect(converged.look(1, 60, 2)).toBeNull();
  });

  it("has none for a loss that need not be positive", () => {
    const detector = new DivergenceDetector();
    detector.look(-1, 50);
    expect(detector.look(1e9, 60)).toBeNull();
  });
});
