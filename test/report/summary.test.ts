import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { summarizeStaleness } from "../../src/report/staleness.ts";
import { summaryJson } from "../../src/report/summary.ts";
import { summaryText } from "../../src/report/summary-text.ts";
import { summary } from "./samples.ts";

describe("summarizeStaleness()", () => {
  it("takes mean, percentiles and maximum from the counts", () => {
    // Ten updates: 0 0 0 0 1 1 1 1 1 5. Mean (5·1 + 5)/10; the 5th smallest is 1, the 9th is 1.
    expect(summarizeStaleness([4, 5, 0, 0, 0, 1, 0])).toEqual({ mean: 1, p50: 1, p90: 1, max: 5 });
  });

  it("has no numbers before the first update", () => {
    expect(summarizeStaleness(new Uint32Array(5))).toEqual({ mean: null, p50: null, p90: null, max: null });
  });

  it("agrees with the sorted list of all values", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(9), { minLength: 1, maxLength: 200 }), (values) => {
        const counts = new Uint32Array(10);
        for (const value of values) counts[value]++;
        const sorted = values.toSorted((a, b) => a - b);
        const smallest = (share: number) => sorted[Math.ceil(share * values.length) - 1];
        const { max, mean, p50, p90 } = summarizeStaleness(counts);
        expect([p50, p90, max]).toEqual([smallest(0.5), smallest(0.9), sorted.at(-1)]);
        expect(mean).toBeCloseTo(values.reduce((a, b) => a + b, 0) / values.length, 9);
      }),
    );
  });
});

describe("summaryJson()", () => {
  it("is one line with promised keys in promised order, whatever order the summary has", () => {
    const shuffled = Object.fromEntries(Object.entries(summary).reverse()) as unknown as typeof summary;
    expect(summaryJson(shuffled)).toBe(
      '{"updates":4690,"seconds":10.9,"updatesPerSecond":469,"examplesPerSecond":30016,"trainLoss":0.0412,' +
        '"testLoss":0.0398,"testAccuracy":0.98765,"staleness":{"mean":6.94,"p50":7,"p90":8,"max":19},' +
        '"momentum":{"target":0.45,"total":0.4,"algorithmic":-0.12,"predictedAsynchronous":0.875,"asynchronous":0.52},"learningRate":0.003214,"workers":8,' +
        '"mode":"hogwild","engine":"ort","device":"cpu","optimizer":"yellowfin","seed":1,"startupSeconds":0.6,"readySeconds":0.8,' +
        '"trainingSeconds":10,"evaluationSeconds":0.5,"epochs":5.0027,"skippedGradients":0,"droppedGradients":0,"stopReason":"completed",' +
        '"model":"lenet","loss":"sparseSoftmaxCrossEntropy","data":"mnist","batchSize":64,"simulatedWorkers":null,' +
        '"phaseSeconds":{"gradient":9.5,"apply":0.25},"missedObservations":0,"trainingExamples":60000,"keptUpdates":4690,"faults":0,"rollbacks":0,"advice":[],"dataOptions":{},' +
        '"dataRead":"70,000 examples (10,000 to test), images of 28×28×1, 10 classes (0, 1, 2, …, 9); lenet, 44,426 parameters",' +
        '"dataNotes":[],"dataDescription":{"trainExamples":60000,"testExamples":10000,"inputs":[],"targets":[],"reading":null},"testMetrics":{}}',
    );
  });

  it("has null for what was not measured", () => {
    const nothing = {
      ...summary,
      trainLoss: Number.NaN,
      testLoss: null,
      momentum: {
        target: 0,
        total: Number.NaN,
        algorithmic: 0,
        predictedAsynchronous: 0,
        asynchronous: Number.NaN,
      },
    };
    expect(JSON.parse(summaryJson(nothing))).toMatchObject({
      trainLoss: null,
      testLoss: null,
      momentum: { total: null },
    });
  });
});

describe("summaryText()", () => {
  it("says each fact on a line of its own", () => {
    expect(summaryText(summary).split("\n")).toEqual([
      "Test accuracy  98.77%",
      "Test loss      0.0398",
      "Training loss  0.0412",
      "Updates        4,690 in 5.00 epochs",
      "Speed          469 updates/s, 30,016 examples/s",
      "Time           10.9 s: start 0.6 s, training 10.0 s, end 0.3 s (evaluations 0.5 s, beside training)",
      "Staleness      mean 6.9, median 7, p90 8, max 19 updates",
      "Momentum       -0.120 applied, 0.400 in total, 0.450 aimed at",
      "Learning rate  0.00321",
    ]);
  });

  it.each([
    ["aborted", "a request to stop"],
    ["patience", "evaluations that got no better"],
    ["target-accuracy", "the target accuracy"],
    ["time", "the limit of seconds"],
  ])("says what ended a run before its updates were made: %s", (stopReason, words) => {
    expect(
      summaryText({ ...summary, stopReason })
        .split("\n")
        .at(-1),
    ).toBe(`Ended by       ${words}`);
  });

  it.each([
    [{ evaluationSeconds: 0 }, "10.9 s: start 0.6 s, training 10.0 s, end 0.3 s"],
    [{ evaluationSeconds: 0.2 }, "10.9 s: start 0.6 s, training 10.0 s, end 0.3 s (evaluations 0.2 s)"],
    [
      { evaluationSeconds: 0, trainingSeconds: 75.6 },
      "10.9 s: start 0.6 s; training 75.6 s with what came before",
    ],
  ])("gives times that add up, but for a run that was resumed: %s", (times, text) => {
    expect(summaryText({ ...summary, ...times }).split("\n")).toContain(`Time           ${text}`);
  });

  it("ends with advice, apart from the facts", () => {
    const text = summaryText({ ...summary, advice: ["Do this.", "Do that."] });
    expect(text.split("\n").slice(-4)).toEqual(["Learning rate  0.00321", "", "Do this.", "Do that."]);
  });

  it("leaves out what was not measured and adds what went wrong", () => {
    const text = summaryText({
      ...summary,
      testAccuracy: null,
      testLoss: Number.NaN,
      updatesPerSecond: null,
      staleness: { mean: null, p50: null, p90: null, max: null },
      momentum: {
        target: null,
        total: Number.NaN,
        algorithmic: null,
        predictedAsynchronous: 0,
        asynchronous: Number.NaN,
      },
      skippedGradients: 3,
    });
    expect(text).not.toMatch(/null|NaN|Test|Speed|Staleness|Momentum/);
    expect(text).toContain("Skipped        3 gradients that were not finite");
  });
});
