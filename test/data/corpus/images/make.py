"""Makes the folders of images beside it, with Pillow, and by hand what it does not write.

Run in this folder: python3 make.py (pillow and numpy; the bytes depend on their versions).
"""
import os
import struct
import zlib

import numpy as np
from PIL import Image


def path(name):
    os.makedirs(os.path.dirname(name), exist_ok=True)
    return name


def save(name, pixels, mode=None, **options):
    image = Image.fromarray(np.array(pixels, dtype=np.uint8))
    (image if mode is None else image.convert(mode)).save(path(name), **options)


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(name, width, height, depth, colour_type, rows, more=b""):
    header = struct.pack(">IIBBBBB", width, height, depth, colour_type, 0, 0, 0)
    data = zlib.compress(b"".join(b"\0" + row for row in rows))
    content = chunk(b"IHDR", header) + more + chunk(b"IDAT", data) + chunk(b"IEND", b"")
    open(path(name), "wb").write(b"\x89PNG\r\n\x1a\n" + content)


def deep(*values):
    return struct.pack(f">{len(values)}H", *values)


colour = [[[255, 0, 51], [0, 102, 0]]]
grey = [[7, 200]]
# Rows 1 2 3 and 4 5 6 in the red channel.
corners = [[[10, 0, 0], [20, 0, 0], [30, 0, 0]], [[40, 0, 0], [50, 0, 0], [60, 0, 0]]]

# Orientations 1 to 8 of EXIF, whose images are all the same when they are upright.
upright = np.array(corners, dtype=np.uint8)
stored = {
    1: upright,
    2: upright[:, ::-1],
    3: upright[::-1, ::-1],
    4: upright[::-1],
    5: upright.transpose(1, 0, 2),
    6: np.rot90(upright, 1),
    7: upright[::-1, ::-1].transpose(1, 0, 2),
    8: np.rot90(upright, -1),
}
for orientation, pixels in stored.items():
    exif = Image.Exif()
    exif[0x0112] = orientation
    save(f"orientation/{orientation}/a.png", pixels, exif=exif)
    save(f"orientation-webp/{orientation}/a.webp", pixels, exif=exif, lossless=True)
exif = Image.Exif()
exif[0x0112] = 6
save("orientation-jpeg/a/1.jpg", np.zeros((8, 16, 3)), exif=exif)

# Transparency.
save("alpha/a/1.png", [[[100, 0, 0, 255], [100, 0, 0, 0], [100, 0, 0, 51]]])
save("alpha-grey/a/1.png", [[[100, 100, 100, 255], [100, 100, 100, 0]]], "LA")
png("alpha-palette/a/1.png", 2, 1, 8, 3, [b"\0\1"], chunk(b"PLTE", bytes([9, 8, 7, 1, 2, 3])) + chunk(b"tRNS", b"\xff\0"))
png("alpha-16/a/1.png", 2, 1, 16, 6, [deep(1000, 2000, 3000, 65535, 1000, 2000, 3000, 0)])
save("alpha-opaque/a/1.png", [[[1, 2, 3, 255]]])

# Bits and colours.
png("deep-grey/a/1.png", 2, 1, 16, 0, [deep(1, 65535)])
png("deep-colour/a/1.png", 1, 1, 16, 2, [deep(1, 40000, 65535)])
png("deep-mixed/a/1.png", 1, 1, 16, 0, [deep(1000)])
save("deep-mixed/a/2.png", [[200]])
Image.fromarray(np.array([[3, 60000]], dtype=np.uint16)).save(path("deep-tiff/a/1.tif"))
png("one-bit/a/1.png", 8, 1, 1, 0, [b"\xa0"])
save("palette/a/1.png", colour, "P")
save("palette-gif/a/1.gif", colour)
Image.new("CMYK", (2, 1), (0, 0, 0, 255)).save(path("cmyk/a/1.jpg"), quality=100)
save("progressive/a/1.jpg", np.full((16, 16, 3), 128), progressive=True)
save("grey-jpeg/a/1.jpg", np.full((2, 2), 77), quality=100)
save("grey-beside-colour/a/1.png", grey)
save("grey-beside-colour/b/1.png", colour)
save("grey-but-tested-in-colour/train/a/1.png", grey)
save("grey-but-tested-in-colour/test/a/1.png", colour)
Image.fromarray(np.array([[0.5]], dtype=np.float32)).save(path("float/a/1.tif"))
Image.fromarray(np.array([[70000]], dtype=np.int32)).save(path("int32/a/1.tif"))

# Endings.
for i, name in enumerate(["a.png", "b.PNG", "c.tif", "d.tiff", "e.webp", "f.gif"]):
    options = {"lossless": True} if name.endswith("webp") else {}
    save(f"endings/a/{name}", [[[i, i, i]]], **options)
for name in ["a.jpg", "b.jpeg", "c.jpe", "d.jfif", "e.avif"]:
    form = "AVIF" if name.endswith("avif") else "JPEG"
    save(f"endings-lossy/a/{name}", np.full((16, 16, 3), 128), format=form)
open(path("svg/a/1.svg"), "w").write(
    '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"><title>a pixel</title><rect width="1" height="1" fill="#010203"/></svg>'
)
save("bmp/a/1.png", colour)
save("bmp/a/2.bmp", colour)

# Files beside images.
save("hidden/a/1.png", colour)
for name in ["a/._1.png", "a/.DS_Store", "a/Thumbs.db", "a/desktop.ini", ".thumbnails/1.png", "__MACOSX/a/1.png"]:
    open(path(f"hidden/{name}"), "wb").write(b"no image")
save("others/a/1.png", colour)
save("others/loose.png", colour)
open(path("others/a/labels.txt"), "w").write("no image")

# Folders.
save("nested/a/2020/05/1.png", [[[1, 1, 1]]])
save("nested/a/2021/1.png", [[[2, 2, 2]]])
save("nested/b/1.png", [[[3, 3, 3]]])
for i in [10, 2, 1]:
    save(f"natural/grade {i}/img{i}.png", [[[i, i, i]]])
    save(f"natural/grade 1/img{i}.png", [[[i, i, i]]])
for half in ["val", "valid", "validation", "test", "testing"]:
    save(f"halves-{half}/train/a/1.png", colour)
    save(f"halves-{half}/{half}/a/1.png", colour)
for half in ["Train", "Val", "Test"]:
    save(f"halves-all/{half}/a/1.png", colour)
save("halves-class/train/1.png", colour)
save("halves-class/car/1.png", colour)
save("halves-none/test/a/1.png", colour)
save("halves-none/val/a/1.png", colour)
save("halves-new-class/train/a/1.png", colour)
save("halves-new-class/test/b/1.png", colour)
save("halves-missing-class/train/a/1.png", colour)
save("halves-missing-class/train/b/1.png", colour)
save("halves-missing-class/test/b/1.png", colour)
save("empty-class/a/1.png", colour)
open(path("empty-class/b/.gitkeep"), "w").close()
save("no-classes/1.png", colour)

# Damage.
save("unreadable/a/1.png", colour)
for i in [2, 3]:
    open(path(f"unreadable/a/{i}.png"), "w").write("no image")
save("truncated/a/1.png", np.random.default_rng(1).integers(0, 255, (16, 16, 3)))
whole = open("truncated/a/1.png", "rb").read()
open("truncated/a/1.png", "wb").write(whole[: len(whole) // 2])
png("huge/a/1.png", 100_000, 100_000, 8, 0, [b"\0"])
save("sizes/a/1.png", colour)
save("sizes/a/2.png", grey[0:1] * 2)

# Animations.
frames = [Image.new("RGB", (2, 2), (i, i, i)) for i in (10, 200)]
frames[0].save(path("animated-gif/a/1.gif"), save_all=True, append_images=frames[1:])
frames[0].save(path("animated-webp/a/1.webp"), save_all=True, append_images=frames[1:], lossless=True)
