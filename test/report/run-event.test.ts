import { expect, it } from "vitest";
import { type RunNews, runEvent } from "../../src/report/run-event.ts";

const sentences: readonly (readonly [news: RunNews, text: string])[] = [
  [{ event: "data", note: "60,000 images" }, "60,000 images"],
  [
    { event: "evaluation", epoch: 1.5, loss: 0.25, accuracy: 0.875, metrics: {} },
    "epoch 1.50: test accuracy 87.50%",
  ],
  [{ event: "evaluation", epoch: 2, loss: 0.25, accuracy: null, metrics: {} }, "epoch 2.00: test loss 0.25"],
  [
    { event: "evaluation", epoch: 2, loss: 0.25, accuracy: null, metrics: { loss: 0.25, mae: 0.5 } },
    "epoch 2.00: test loss 0.25, test mae 0.5",
  ],
  [{ event: "checkpoint", update: 12 }, "checkpoint after 12 updates"],
  [{ event: "pause", paused: true }, "paused"],
  [{ event: "pause", paused: false }, "continued"],
  [
    { event: "fault", rank: 1, update: 7, reason: "out of memory" },
    "worker 1 failed at update 7 and is replaced: out of memory",
  ],
  [{ event: "rollback", cause: "torn", from: 7, to: 5 }, "went back from update 7 to 5"],
  [
    { event: "rollback", cause: "diverged", from: 7, to: 5, count: 1, most: 3, reason: "the loss is NaN" },
    "went back from update 7 to 5, with half the learning rate (1 of 3): the loss is NaN",
  ],
  [{ event: "best", update: 9 }, "kept the weights after 9 updates, the best on the test set"],
  [{ event: "warning", about: "data", problem: "All features are 0." }, "All features are 0."],
  [
    { event: "warning", about: "checkpoint", problem: "Cannot write x" },
    "Cannot write x; training continues, and the newest checkpoint is kept",
  ],
  [
    { event: "warning", about: "evaluation" },
    "the weights were not evaluated: the run was asked to end before that was done",
  ],
  [{ event: "stop", reason: "completed" }, "ended by its last update"],
  [{ event: "stop", reason: "time" }, "ended by the limit of seconds"],
];

it.each(sentences)("an event %j says in a line what happened", (news, text) => {
  const moment = { seconds: 2, updates: 9 };
  expect(runEvent(news, moment)).toEqual({ ...news, ...moment, text });
});

it("an event begins with the fields by which a file of records is cut", () => {
  const event = runEvent({ event: "checkpoint", update: 3 }, { seconds: 2, updates: 9 });
  expect(JSON.stringify(event)).toMatch(/^\{"event":"checkpoint","seconds":2,"updates":9,/);
});
