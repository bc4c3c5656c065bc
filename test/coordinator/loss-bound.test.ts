import { describe, expect, it } from "vitest";
import { LossBound } from "../../src/coordinator/loss-bound.ts";

describe("LossBound", () => {
  it("tells of a mean loss a hundred times that of the beginning, once there are updates enough to tell", () => {
    const bound = new LossBound();
    expect(bound.look(2, 49)).toBeNull();
    expect(bound.look(Number.NaN, 50)).toBeNull();
    expect(bound.look(0.5, 50)).toBeNull();
    expect(bound.look(50, 60)).toBeNull();
    expect(bound.look(50.5, 70)).toMatchObject({
      code: "DIVERGED",
      message:
        "Cannot continue training as the mean loss must stay below 50, 100 times that of the beginning: received 50.5",
    });
  });

  it("has none for a loss that need not be positive", () => {
    const bound = new LossBound();
    bound.look(-1, 50);
    expect(bound.look(1e9, 60)).toBeNull();
  });
});
