/** Reads and checks the header of a safetensors file: which tensor lies where. Nothing is allocated by what it says. */

/** Bytes of one element, by the name that a header has for its type. */
type ElementBytes = Readonly<Record<string, number>>;

interface TensorPlace {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  /** Bytes from {@link SafetensorsHeader.dataStart}. */
  readonly begin: number;
  readonly end: number;
}

export interface SafetensorsHeader {
  /** First byte after the header. */
  readonly dataStart: number;
  /** In the order of their data, which they fill without gap or overlap. */
  readonly tensors: readonly TensorPlace[];
}

type Refuse = (rule: string, received?: unknown) => Error;

/** The reference reader's limit. */
const maxHeaderBytes = 100_000_000;

/** More axes than any framework has; keeps errors short. */
const maxRank = 32;

const lengthBytes = 8;

/**
 * @param elementBytes The types that tensors may have.
 * @param refuse Makes the error from the rule that the bytes break and what they hold instead.
 */
export function readHeader(bytes: Uint8Array, elementBytes: ElementBytes, refuse: Refuse): SafetensorsHeader {
  if (bytes.length < lengthBytes) throw refuse("must begin with 8 bytes of header length", bytes.length);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const declared = view.getBigUint64(0, true);
  if (declared > maxHeaderBytes || Number(declared) > bytes.length - lengthBytes) {
    const most = Math.min(maxHeaderBytes, bytes.length - lengthBytes);
    throw refuse(`its header must be at most ${most} bytes long`, declared);
  }
  const dataStart = lengthBytes + Number(declared);
  const header = parse(bytes.subarray(lengthBytes, dataStart), refuse);
  const tensors = Object.entries(header)
    .filter(([name]) => name !== "__metadata__")
    .map(([name, entry]) => tensorPlace(name, entry, elementBytes, refuse))
    .sort((a, b) => a.begin - b.begin || a.end - b.end);
  let end = 0;
  for (const tensor of tensors) {
    if (tensor.begin !== end) {
      throw refuse(
        `the data of ${show(tensor.name)} must begin where the tensor before ends, at ${end}`,
        tensor.begin,
      );
    }
    end = tensor.end;
  }
  if (dataStart + end !== bytes.length) {
    throw refuse(`header and tensors take exactly ${dataStart + end} bytes`, bytes.length);
  }
  return { dataStart, tensors };
}

function parse(bytes: Uint8Array, refuse: Refuse): Record<string, unknown> {
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    throw refuse("its header must be JSON in UTF-8", error instanceof Error ? error.message : error);
  }
  if (!isRecord(header)) throw refuse("its header must be a JSON object", show(header));
  return header;
}

function tensorPlace(name: string, entry: unknown, elementBytes: ElementBytes, refuse: Refuse): TensorPlace {
  const tensor = `tensor ${show(name)}`;
  if (!isRecord(entry)) throw refuse(`${tensor} must be described by an object`, show(entry));
  const { data_offsets: offsets, dtype, shape } = entry;
  if (typeof dtype !== "string" || !Object.hasOwn(elementBytes, dtype)) {
    throw refuse(`${tensor} must be of type ${Object.keys(elementBytes).join(" or ")}`, show(dtype));
  }
  if (!isSizes(shape) || shape.length > maxRank) {
    throw refuse(`${tensor} must have at most ${maxRank} integers ≥ 0 as its shape`, show(shape));
  }
  if (!isSizes(offsets) || offsets.length !== 2) {
    throw refuse(`${tensor} must have two integers ≥ 0 as its data_offsets`, show(offsets));
  }
  const [begin, end] = offsets;
  // A product beyond 2⁵³ is rounded, but far longer than any file even so.
  const bytes = shape.reduce((product, size) => product * size, elementBytes[dtype]);
  if (end - begin !== bytes) {
    throw refuse(`${tensor} of shape [${shape.join(", ")}] takes ${bytes} bytes`, end - begin);
  }
  return { name, dtype, shape, begin, end };
}

/** A JSON value for an error, short whatever the file holds. */
function show(value: unknown): string {
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (isRecord(value)) return "an object";
  const text = String(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}
