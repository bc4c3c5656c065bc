/**
 * The messages of a TensorBoard file, as far as this package writes them, and their encoding.
 *
 * Source: TensorFlow, `event.proto`, `summary.proto`, `histogram.proto`, `tensor.proto`: field numbers and types; fields that
 * are never written are left out.
 */
import protobuf from "protobufjs/light.js";

const field = (type: string, id: number) => ({ type, id });
const repeated = (type: string, id: number) => ({ rule: "repeated", type, id });

const root = protobuf.Root.fromJSON({
  nested: {
    Event: {
      fields: {
        wallTime: field("double", 1),
        step: field("int64", 2),
        fileVersion: field("string", 3),
        summary: field("Summary", 5),
        sessionLog: field("SessionLog", 7),
      },
    },
    SessionLog: { fields: { status: field("int32", 1) } },
    Summary: { fields: { value: repeated("Value", 1) } },
    Value: {
      fields: {
        tag: field("string", 1),
        simpleValue: field("float", 2),
        histo: field("Histogram", 5),
        tensor: field("Tensor", 8),
        metadata: field("Metadata", 9),
      },
    },
    Histogram: {
      fields: {
        min: field("double", 1),
        max: field("double", 2),
        num: field("double", 3),
        sum: field("double", 4),
        sumSquares: field("double", 5),
        bucketLimit: repeated("double", 6),
        bucket: repeated("double", 7),
      },
    },
    Tensor: {
      fields: { dtype: field("int32", 1), shape: field("Shape", 2), stringVal: repeated("bytes", 8) },
    },
    Shape: { fields: { dim: repeated("Dimension", 2) } },
    Dimension: { fields: { size: field("int64", 1) } },
    Metadata: { fields: { pluginData: field("PluginData", 1) } },
    PluginData: { fields: { pluginName: field("string", 1) } },
  },
});

/** Number of `START` in `SessionStatus`. */
const started = 1;

/** Number of the type string in `DataType`. */
const stringType = 7;

/** One tagged thing at one step. */
export type SummaryValue =
  | { readonly tag: string; readonly simpleValue: number }
  | { readonly tag: string; readonly histo: Histogram }
  | { readonly tag: string; readonly text: string };

export interface Histogram {
  readonly min: number;
  readonly max: number;
  /** Sums over all counted values. */
  readonly num: number;
  readonly sum: number;
  readonly sumSquares: number;
  /** Upper ends of the buckets, ascending, and how many values are in each. */
  readonly bucketLimit: readonly number[];
  readonly bucket: readonly number[];
}

/** What a file begins with. @param wallTime Seconds since 1970. */
export function encodeVersion(wallTime: number): Uint8Array {
  return encode({ wallTime, fileVersion: "brain.Event:2" });
}

/** A resumed run: what was written for this and later steps is void. @param wallTime Seconds since 1970. */
export function encodeStart(wallTime: number, step: number): Uint8Array {
  return encode({ wallTime, step, sessionLog: { status: started } });
}

/** @param wallTime Seconds since 1970. @param step Number of updates. */
export function encodeSummary(wallTime: number, step: number, values: readonly SummaryValue[]): Uint8Array {
  return encode({ wallTime, step, summary: { value: values.map(plain) } });
}

function plain(value: SummaryValue): object {
  if (!("text" in value)) return value;
  const { tag, text } = value;
  return {
    tag,
    tensor: { dtype: stringType, shape: { dim: [{ size: 1 }] }, stringVal: [Buffer.from(text)] },
    metadata: { pluginData: { pluginName: "text" } },
  };
}

function encode(event: object): Uint8Array {
  return root.lookupType("Event").encode(event).finish();
}
