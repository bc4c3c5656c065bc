/** What happens in a run at one moment, as callbacks, log files and people get to know it. */
import { percent, significant, whole } from "./live-fields.ts";
import { endedBy } from "./summary-text.ts";

/** "completed": all minibatches were used. "failed": a worker threw or died. "patience": evaluations got no better. */
export type StopReason =
  | "completed"
  | "time"
  | "target-accuracy"
  | "aborted"
  | "failed"
  | "patience"
  | "target";

/** What each kind of event tells. */
export interface RunNewsValues {
  /** What was read, before training. */
  readonly data: {
    /** In a line. */
    readonly note: string;
  };
  /** The result on the test set. */
  readonly evaluation: {
    /** Examples used by then, in epochs. */
    readonly epoch: number;
    /** Mean over the test set. */
    readonly loss: number;
    /** In [0, 1]; null where the loss has no classes. */
    readonly accuracy: number | null;
    /** The metric that is monitored, by its name; nothing where none is. */
    readonly metrics: Readonly<Record<string, number>>;
  };
  /** A checkpoint is on the disk. */
  readonly checkpoint: {
    /** The last one in it. */
    readonly update: number;
  };
  /** The run was paused, or continues. */
  readonly pause: {
    /** Whether it pauses now. */
    readonly paused: boolean;
  };
  /** A worker thread failed and is replaced. */
  readonly fault: {
    /** Of the worker. */
    readonly rank: number;
    /** The last one by then. */
    readonly update: number;
    /** Why it failed. */
    readonly reason: string;
  };
  /** The run went back to an earlier update. */
  readonly rollback: RollbackValues;
  /** Earlier weights are the result, as they were the best on the test set. */
  readonly best: {
    /** The last one behind them. */
    readonly update: number;
  };
  /** Something that people should know. */
  readonly warning: WarningValues;
  /** The run ends. */
  readonly stop: {
    /** Why. */
    readonly reason: StopReason;
  };
}

/** From where to where a run went back, and why. */
export type RollbackValues = {
  /** The last update by then. */
  readonly from: number;
  /** The last one that stays. */
  readonly to: number;
} & (
  | {
      /** A worker died during an update. */
      readonly cause: "torn";
    }
  | {
      /** The learning rate is halved. */
      readonly cause: "diverged";
      /** How many times it happened, this one included. */
      readonly count: number;
      /** How many times it may. */
      readonly most: number;
      /** What showed that it diverged. */
      readonly reason: string;
    }
);

/** What a warning concerns. */
export type WarningValues =
  | {
      /** The run was asked to end before its weights were evaluated. */
      readonly about: "evaluation";
    }
  | {
      /** What it concerns. */
      readonly about: "options" | "data" | "model" | "checkpoint";
      /** What is the matter. */
      readonly problem: string;
    };

/** What happened, with the values that describe it. */
export type RunNews = {
  readonly [K in keyof RunNewsValues]: {
    /** What kind of thing happened. */
    readonly event: K;
  } & RunNewsValues[K];
}[keyof RunNewsValues];

/** When something happened. */
export interface RunMoment {
  /** Of training, since the first update. */
  readonly seconds: number;
  /** Applied by then, all workers together. */
  readonly updates: number;
}

/** An event of a run: what happened and when. */
export type RunEvent = RunNews &
  RunMoment & {
    /** The same in one line for people. */
    readonly text: string;
  };

/** Kinds of events. */
export type RunEventKind = keyof RunNewsValues;

/** An event as a file keeps it: what people see. */
export interface RecordedEvent extends RunMoment {
  readonly event: RunEventKind;
  readonly text: string;
}

/** @param moment Default before training. */
export function runEvent(
  news: RunNews,
  { seconds, updates }: RunMoment = { seconds: 0, updates: 0 },
): RunEvent {
  // Files are cut by the fields at the beginning of a line.
  const { event, ...values } = news;
  return { event, seconds, updates, ...values, text: eventText(news) } as RunEvent;
}

/** One line for people. */
function eventText(news: RunNews): string {
  switch (news.event) {
    case "data":
      return news.note;
    case "evaluation": {
      const { accuracy, epoch, loss, metrics } = news;
      const usual =
        accuracy === null ? `test loss ${significant(loss)}` : `test accuracy ${percent(accuracy)}`;
      const others = Object.entries(metrics)
        .filter(([name]) => name !== "accuracy" && (name !== "loss" || accuracy !== null))
        .map(([name, value]) => `test ${name} ${significant(value)}`);
      return `epoch ${epoch.toFixed(2)}: ${[usual, ...others].join(", ")}`;
    }
    case "checkpoint":
      return `checkpoint after ${whole(news.update)} updates`;
    case "pause":
      return news.paused ? "paused" : "continued";
    case "fault":
      return `worker ${news.rank} failed at update ${whole(news.update)} and is replaced: ${news.reason}`;
    case "rollback": {
      const went = `went back from update ${whole(news.from)} to ${whole(news.to)}`;
      return news.cause === "torn"
        ? went
        : `${went}, with half the learning rate (${news.count} of ${news.most}): ${news.reason}`;
    }
    case "best":
      return `kept the weights after ${whole(news.update)} updates, the best on the test set`;
    case "warning":
      return warningText(news);
    case "stop":
      return `ended by ${endedBy(news.reason) ?? "its last update"}`;
  }
}

function warningText(news: RunNews & { readonly event: "warning" }): string {
  switch (news.about) {
    case "evaluation":
      return "the weights were not evaluated: the run was asked to end before that was done";
    case "checkpoint":
      return `${news.problem}; training continues, and the newest checkpoint is kept`;
    default:
      return news.problem;
  }
}
