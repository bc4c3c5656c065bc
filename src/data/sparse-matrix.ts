/**
 * A sparse matrix as `scipy.sparse.save_npz` writes it, with its zeros written out.
 *
 * Owns the forms CSR, CSC and COO. Numbers at one place add up, as they do in SciPy.
 * Source: SciPy, `scipy.sparse.save_npz`, and the arrays of `csr_matrix`, `csc_matrix` and `coo_matrix`.
 */
import type { Tensor, TensorReaders } from "./tensor-pairs.ts";
import type { FlatNumbers } from "./to-column.ts";

type Refuse = (rule: string, received?: unknown) => Error;

/** Dense features may take this much shared memory; sparse files can ask for any amount. */
const maxDenseBytes = 2 ** 31;

/** Whether an archive holds such a matrix. */
export function isSparse(readers: TensorReaders): boolean {
  return ["format", "shape", "data"].every((name) => readers.has(name));
}

/**
 * @param readers The arrays of the archive but `format`. @param form Its `format`: `csr`, `csc` or `coo`.
 * @throws What `refuse` makes, for another form, places outside of the matrix, or more than fits in memory.
 */
export function readSparse(readers: TensorReaders, form: string, refuse: Refuse): Tensor {
  const read = (name: string): Tensor => {
    const reader = readers.get(name);
    if (reader === undefined) throw refuse(`a sparse matrix must have the array ${name}`, `none, in ${form}`);
    return reader();
  };
  if (!["csr", "csc", "coo"].includes(form)) {
    throw refuse(
      "a sparse matrix must be of the form csr, csc or coo (scipy.sparse.csr_matrix(x) makes one)",
      form,
    );
  }
  const shape = Array.from(read("shape").values);
  const [rows, columns] = shape;
  if (shape.length !== 2 || !(rows > 0 && columns > 0)) {
    throw refuse("a sparse matrix must have rows and columns", `shape [${shape.join(", ")}]`);
  }
  if (4 * rows * columns > maxDenseBytes) {
    const rule = `a sparse matrix with its zeros written out must fit in ${maxDenseBytes} bytes`;
    throw refuse(rule, `${rows} × ${columns}`);
  }
  const { type, values } = read("data");
  const [across, along] =
    form === "coo" ? [read("row").values, read("col").values] : compressed(read, refuse);
  if (across.length !== values.length || along.length !== values.length) {
    const rule = `a sparse matrix of ${values.length} numbers must have a place for each`;
    throw refuse(rule, `${across.length} and ${along.length}`);
  }
  const dense = new Float64Array(rows * columns);
  for (let i = 0; i < values.length; i++) {
    const [row, column] = form === "csc" ? [along[i], across[i]] : [across[i], along[i]];
    if (!(row >= 0 && row < rows && column >= 0 && column < columns)) {
      throw refuse(`number ${i} must lie within the ${rows} × ${columns} matrix`, `[${row}, ${column}]`);
    }
    dense[row * columns + column] += values[i];
  }
  return { type, shape, values: dense };
}

/** Places of numbers in rows (of CSC: columns) that begin where `indptr` says. */
function compressed(read: (name: string) => Tensor, refuse: Refuse): [FlatNumbers, FlatNumbers] {
  const along = read("indices").values;
  const begins = read("indptr").values;
  const across = new Int32Array(along.length);
  for (let i = 0; i + 1 < begins.length; i++) {
    const [begin, end] = [begins[i], begins[i + 1]];
    if (!(begin >= 0 && begin <= end && end <= along.length)) {
      throw refuse(`indptr must rise from 0 to ${along.length}`, `${begin}, ${end} at [${i}]`);
    }
    across.fill(i, begin, end);
  }
  return [across, along];
}
