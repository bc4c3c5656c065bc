"""Makes the files beside it, each as the library writes it that people have: NumPy, SciPy and safetensors.

Run in this folder: python3 make.py (numpy, scipy, safetensors and ml_dtypes; the bytes depend on their versions).
"""
import io
import struct
import zipfile

import ml_dtypes
import numpy as np
import scipy.sparse
from numpy.lib import format as npy
from safetensors.numpy import save_file

features = np.array([[0, 1], [2, 3], [4, 5]])
labels = np.array([2, 0, 1])
f4 = features.astype("<f4")


def pair(name, x=f4, y=labels, **others):
    np.savez(name, x=x, y=y, **others)


# Types of elements.
for code in ["f2", "f4", "f8", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8"]:
    pair(f"type-{code}.npz", features.astype("<" + code), labels.astype("<" + code))
for code in ["f2", "f4", "f8", "i2", "u4", "i8"]:
    pair(f"big-endian-{code}.npz", features.astype(">" + code), labels.astype(">" + code))
pair("type-bool.npz", features % 2 == 1, labels > 0)
pair("float16-extremes.npz", np.array([[2.0**-24, 65504, -0.0, -1 / 3]], "f2"), labels[:1])
pair("float16-infinity.npz", np.array([[1, np.inf]], "f2"), labels[:1])
pair("type-complex.npz", features.astype("c8"))
pair("type-object.npz", features.astype(object))
pair("type-string.npz", features.astype("U"))
pair("type-bytes.npz", features.astype("S"))
pair("type-date.npz", features.astype("M8[D]"))
pair("type-time-difference.npz", features.astype("m8[s]"))
pair("type-long-double.npz", features.astype("g"))
pair("type-bfloat16.npz", features.astype(ml_dtypes.bfloat16))
pair("type-records.npz", np.zeros(3, [("a", "f4"), ("b", "i4")]))

# Integers of more than 32, 24 and 53 bits.
pair("int64-large.npz", np.array([[2**40], [-(2**40)], [3]]))
pair("int64-rounded.npz", np.array([[1], [2**24 + 1], [3]]))
pair("int64-beyond-53-bits.npz", np.array([[1], [2], [2**53 + 1]]))
pair("uint64-beyond-53-bits.npz", np.array([[1], [2**63], [2]], "u8"))
pair("label-2-to-31.npz", f4, np.array([0, 2**31, 0]))

# Orders.
pair("fortran.npz", np.asfortranarray(features.astype("f4")))
pair("fortran-rank-3.npz", np.asfortranarray(np.arange(12, dtype="f4").reshape(2, 3, 2)), labels[:2])
pair("fortran-big-endian.npz", np.asfortranarray(features.astype(">i2")))

# Names.
np.savez("names-upper-case.npz", X=f4, Y=labels)
np.savez("names-sklearn.npz", X_train=f4, X_test=f4[:1], y_train=labels, y_test=labels[:1])
np.savez("names-before.npz", train_x=f4, train_y=labels, test_x=f4[:2], test_y=labels[:2])
np.savez("names-camel.npz", xTrain=f4, yTrain=labels)
np.savez("names-arr.npz", f4, labels)
np.savez("names-arr-4.npz", f4, labels, f4, labels)
np.savez("names-target.npz", data=f4, target=labels, feature_names=np.array(["a", "b"]))
np.savez("names-data-labels.npz", data=f4, labels=labels)
np.savez("names-inputs.npz", inputs=f4, targets=labels)
images = np.arange(48, dtype="u1").reshape(3, 4, 4)
np.savez_compressed(
    "names-images.npz",
    train_images=images,
    train_labels=labels[:, None],
    val_images=images[:2],
    val_labels=labels[:2, None],
    test_images=images[:1],
    test_labels=labels[:1, None],
)
np.savez("names-validation.npz", x_train=f4, y_train=labels, x_val=f4[:1], y_val=labels[:1])
np.savez("names-unlabelled-test.npz", x_train=f4, y_train=labels, x_test=f4[:1])
np.savez("names-own.npz", embedding_train=f4, kind_train=labels, embedding_test=f4[:1], kind_test=labels[:1])
np.savez("names-no-labels.npz", features=f4)
np.savez("names-columns.npz", **{"features/a": f4, "features/b": f4[:, :1], "labels": labels})
pair("unread-objects.npz", names=np.array(["a", {}], object), dates=features.astype("M8[D]"))

# Labels.
pair("labels-float.npz", y=labels.astype("f4"))
pair("labels-column.npz", y=labels[:, None])
pair("labels-from-1.npz", y=labels + 1)
pair("labels-minus-1.npz", y=np.array([-1, 1, -1], "i1"))
pair("labels-gaps.npz", y=np.array([30, 10, 255]))
pair("labels-one-hot.npz", y=np.eye(3, dtype="i4")[labels])
pair("labels-fractions.npz", y=labels / 2)
pair("labels-nan.npz", y=np.array([1, np.nan, 0]))
np.savez("labels-new-in-test.npz", x_train=f4, y_train=labels, x_test=f4[:1], y_test=np.array([3]))
pair("labels-too-few.npz", y=labels[:2])
pair("features-nan.npz", np.array([[0, 1], [2, np.nan], [np.inf, 5]], "f8"))
pair("features-beyond-float32.npz", np.array([[0, 1], [2, 3], [1e300, 5]]))
pair("features-scalars.npz", f4[:, 0])
pair("features-none.npz", f4[:0], labels[:0])
pair("images-channels-first.npz", np.zeros((3, 3, 8, 8), "f4"))


def npy_bytes(array, version=None):
    file = io.BytesIO()
    npy.write_array(file, array, version=version)
    return file.getvalue()


def npy_with(header, data=f4.tobytes(), version=1):
    text = header.encode("latin1")
    length = struct.pack("<H" if version == 1 else "<I", len(text))
    return b"\x93NUMPY" + bytes([version, 0]) + length + text + data


def archive(name, x, y=npy_bytes(labels), method=zipfile.ZIP_STORED, **others):
    with zipfile.ZipFile(name, "w", method) as file:
        for array, data in {"x": x, "y": y, **others}.items():
            # A date of its own keeps the bytes from one run to the next.
            file.writestr(zipfile.ZipInfo(array + ".npy", (1980, 1, 1, 0, 0, 0)), data, method)


# Versions of the header, and lies in it.
archive("version-2.npz", npy_bytes(f4, (2, 0)))
archive("version-3.npz", npy_bytes(f4, (3, 0)))
archive("version-9.npz", b"\x93NUMPY\x09" + npy_bytes(f4)[7:])
archive("header-python-2.npz", npy_with("{'descr': '<f4', 'fortran_order': False, 'shape': (3L, 2L), }"))
archive("header-double-quotes.npz", npy_with('{"descr": "<f4", "fortran_order": False, "shape": (3, 2), }'))
archive("header-too-many.npz", npy_with("{'descr': '<f4', 'fortran_order': False, 'shape': (1000000000, 1000000000), }"))
archive("header-too-few.npz", npy_with("{'descr': '<f4', 'fortran_order': False, 'shape': (3, 1), }"))
archive("header-negative.npz", npy_with("{'descr': '<f4', 'fortran_order': False, 'shape': (-3, 2), }"))
archive("header-no-shape.npz", npy_with("{'descr': '<f4', 'fortran_order': False, }"))
archive("header-no-order.npz", npy_with("{'descr': '<f4', 'shape': (3, 2), }"))
archive("header-beyond-end.npz", npy_bytes(f4)[:40])
archive("no-npy.npz", b"hello, world")
archive("other-files.npz", npy_bytes(f4), **{"../README": b"not an array"})

# Archives.
archive("deflated.npz", npy_bytes(f4), method=zipfile.ZIP_DEFLATED)
archive("bzip2.npz", npy_bytes(f4), method=zipfile.ZIP_BZIP2)
zipfile.ZIP64_LIMIT = 10
archive("zip64.npz", npy_bytes(f4))
zipfile.ZIP64_LIMIT = 2**31 - 1
archive("stored.npz", npy_bytes(f4))
whole = open("stored.npz", "rb").read()
open("truncated.npz", "wb").write(whole[:-30])
open("empty.npz", "wb").write(b"")
with zipfile.ZipFile("empty-archive.npz", "w"):
    pass
at = whole.index(f4.tobytes())
open("wrong-checksum.npz", "wb").write(whole[:at] + b"\x01" + whole[at + 1 :])
directory = whole.index(b"PK\x01\x02")
open("encrypted.npz", "wb").write(whole[: directory + 8] + b"\x01" + whole[directory + 9 :])
with zipfile.ZipFile("comment.npz", "w") as file:
    for array, data in {"x": npy_bytes(f4), "y": npy_bytes(labels)}.items():
        file.writestr(zipfile.ZipInfo(array + ".npy", (1980, 1, 1, 0, 0, 0)), data)
    file.comment = b"made by hand PK\x05\x06"

# Single arrays, each pair in the same folder.
np.save("X_train.npy", f4)
np.save("y_train.npy", labels)
np.save("X_test.npy", f4[:1])
np.save("y_test.npy", labels[:1])
np.save("alone.npy", f4)

# Sparse matrices, whose labels are in y_FORM.npy.
dense = np.array([[0, 1.5, 0], [2, 0, -3]])
for form in ["csr", "csc", "coo", "bsr", "dia"]:
    scipy.sparse.save_npz(f"x_{form}.npz", getattr(scipy.sparse, form + "_matrix")(dense))
    np.save(f"y_{form}.npy", labels[:2])
scipy.sparse.save_npz("x_huge.npz", scipy.sparse.csr_matrix(([1.0], ([0], [2**30])), (2, 2**31 - 1)))
np.save("y_huge.npy", labels[:2])
with np.load("x_csr.npz") as csr:
    np.savez("x_outside.npz", **{**csr, "indices": csr["indices"] + 2})
    np.savez("x_falling.npz", **{**csr, "indptr": csr["indptr"][::-1]})
np.save("y_outside.npy", labels[:2])
np.save("y_falling.npy", labels[:2])

# safetensors.
for name, dtype in [("F16", "f2"), ("F64", "f8"), ("I16", "i2"), ("U32", "u4"), ("I64", "i8"), ("U64", "u8"), ("BF16", ml_dtypes.bfloat16)]:
    save_file({"features": features.astype(dtype), "labels": labels}, name + ".safetensors")
save_file({"features": features % 2 == 1, "labels": labels > 0}, "BOOL.safetensors")


def safetensors(name, header, data):
    text = header.encode()
    open(name, "wb").write(struct.pack("<Q", len(text)) + text + data)


unread = '"other": {"dtype": "F8_E4M3", "shape": [5], "data_offsets": [0, 5]}, '
shifted = '"x": {"dtype": "F32", "shape": [3, 2], "data_offsets": [5, 29]}, "y": {"dtype": "U8", "shape": [3], "data_offsets": [29, 32]}'
safetensors("F8-unread.safetensors", "{" + unread + shifted + "}", bytes(5) + f4.tobytes() + bytes([2, 0, 1]))
f8 = '{"x": {"dtype": "F8_E4M3", "shape": [3, 1], "data_offsets": [0, 3]}, "y": {"dtype": "U8", "shape": [3], "data_offsets": [3, 6]}}'
safetensors("F8.safetensors", f8, bytes(3) + bytes([2, 0, 1]))
safetensors("header-lies.safetensors", f8.replace("[3, 1]", "[300, 1]"), bytes(6))
safetensors("truncated.safetensors", f8, bytes(5))
