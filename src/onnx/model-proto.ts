/**
 * The messages of an ONNX file, as far as this package writes them, and their encoding. The one door to protobuf.
 *
 * Source: ONNX, `onnx.proto3`, IR version 9: field numbers and types; fields that are never written are left out.
 */
import protobuf from "protobufjs/light.js";

const field = (type: string, id: number) => ({ type, id });
const repeated = (type: string, id: number) => ({ rule: "repeated", type, id });

const root = protobuf.Root.fromJSON({
  nested: {
    ModelProto: {
      fields: {
        irVersion: field("int64", 1),
        producerName: field("string", 2),
        graph: field("GraphProto", 7),
        opsetImport: repeated("OperatorSetIdProto", 8),
        metadataProps: repeated("StringStringEntryProto", 14),
      },
    },
    StringStringEntryProto: { fields: { key: field("string", 1), value: field("string", 2) } },
    OperatorSetIdProto: { fields: { domain: field("string", 1), version: field("int64", 2) } },
    GraphProto: {
      fields: {
        node: repeated("NodeProto", 1),
        name: field("string", 2),
        initializer: repeated("TensorProto", 5),
        input: repeated("ValueInfoProto", 11),
        output: repeated("ValueInfoProto", 12),
      },
    },
    NodeProto: {
      fields: {
        input: repeated("string", 1),
        output: repeated("string", 2),
        name: field("string", 3),
        opType: field("string", 4),
        attribute: repeated("AttributeProto", 5),
        domain: field("string", 7),
      },
    },
    AttributeProto: {
      fields: {
        name: field("string", 1),
        f: field("float", 2),
        i: field("int64", 3),
        s: field("bytes", 4),
        floats: repeated("float", 7),
        ints: repeated("int64", 8),
        type: field("int32", 20),
      },
    },
    TensorProto: {
      fields: {
        dims: repeated("int64", 1),
        dataType: field("int32", 2),
        name: field("string", 8),
        rawData: field("bytes", 9),
      },
    },
    ValueInfoProto: { fields: { name: field("string", 1), type: field("TypeProto", 2) } },
    TypeProto: { fields: { tensorType: field("TensorTypeProto", 1) } },
    TensorTypeProto: { fields: { elemType: field("int32", 1), shape: field("ShapeProto", 2) } },
    ShapeProto: { fields: { dim: repeated("DimensionProto", 1) } },
    DimensionProto: { fields: { dimValue: field("int64", 1), dimParam: field("string", 2) } },
  },
});

/** Element types, with their numbers in `TensorProto.DataType`. */
export const elementTypes = { float32: 1, uint8: 2, int32: 6, int64: 7, bool: 9, float64: 11 } as const;

export type ElementType = keyof typeof elementTypes;

/** An attribute: a number is written as int or float by `isFloat`, a list of numbers as ints. */
export type OnnxAttribute = number | string | readonly number[] | { readonly float: number };

export interface OnnxNode {
  readonly op: string;
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, OnnxAttribute>>;
}

export interface OnnxTensor {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

export interface OnnxValue {
  readonly name: string;
  readonly type: ElementType;
  /** A free dimension has a name instead of a size. */
  readonly shape: readonly (number | string)[];
}

export interface OnnxModel {
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly OnnxTensor[];
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  /** Version per operator domain; "" is the standard one. */
  readonly opsets: Readonly<Record<string, number>>;
  /** For people and programs that use the file; none by default. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** `AttributeProto.AttributeType`. */
const attributeTypes = { float: 1, int: 2, string: 3, ints: 7 };

function attributeMessage([name, value]: [string, OnnxAttribute]): object {
  if (typeof value === "number") return { name, i: value, type: attributeTypes.int };
  if (typeof value === "string") return { name, s: Buffer.from(value), type: attributeTypes.string };
  if ("float" in value) return { name, f: value.float, type: attributeTypes.float };
  return { name, ints: value, type: attributeTypes.ints };
}

function valueMessage({ name, type, shape }: OnnxValue): object {
  const dim = shape.map((size) => (typeof size === "string" ? { dimParam: size } : { dimValue: size }));
  return { name, type: { tensorType: { elemType: elementTypes[type], shape: { dim } } } };
}

/** Names of the nodes of some operators, in a model that {@link encodeModel} made; none in no bytes. */
export function nodeNames(bytes: Uint8Array, operators: ReadonlySet<string>): string[] {
  const { graph } = root.lookupType("ModelProto").decode(bytes) as unknown as {
    readonly graph: { readonly node: readonly { readonly name: string; readonly opType: string }[] } | null;
  };
  const nodes = graph?.node ?? [];
  return nodes.filter(({ opType }) => operators.has(opType)).map(({ name }) => name);
}

/** Encodes a model as the bytes of an ONNX file. */
export function encodeModel(model: OnnxModel): Uint8Array {
  const message = root.lookupType("ModelProto");
  return message
    .encode(
      message.create({
        irVersion: 9,
        producerName: "yf-async",
        opsetImport: Object.entries(model.opsets).map(([domain, version]) => ({ domain, version })),
        metadataProps: Object.entries(model.metadata ?? {}).map(([key, value]) => ({ key, value })),
        graph: {
          name: "program",
          node: model.nodes.map(({ op, domain, inputs, outputs, attributes }) => ({
            input: inputs,
            output: outputs,
            name: outputs[0],
            opType: op,
            attribute: Object.entries(attributes).map(attributeMessage),
            domain,
          })),
          initializer: model.initializers.map(({ name, type, shape, bytes }) => ({
            name,
            dims: shape,
            dataType: elementTypes[type],
            rawData: bytes,
          })),
          input: model.inputs.map(valueMessage),
          output: model.outputs.map(valueMessage),
        },
      }),
    )
    .finish();
}
