"""Picture files, zips and tables made in memory, good and bad ones."""

import io
import struct
import zipfile
import zlib

import numpy as np
from PIL import Image


def drawn(width=40, height=40, mode="RGB", seed=0):
    """A smooth picture with something to see in it: no two seeds alike."""
    rng = np.random.default_rng(seed)
    small = Image.fromarray(rng.integers(0, 256, (4, 4, 3), dtype=np.uint8))
    return small.resize((width, height), Image.Resampling.BICUBIC).convert(mode)


def saved(image, kind="PNG", **options):
    """The bytes of a picture file."""
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def picture(kind="PNG", seed=0, width=40, height=40, mode="RGB", **options):
    """The bytes of a drawn picture."""
    return saved(drawn(width, height, mode, seed), kind, **options)


def zipped(members, compression=zipfile.ZIP_DEFLATED):
    """The bytes of a zip of (name, bytes) pairs; names are taken as they are."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        for name, data in members:
            archive.writestr(zipfile.ZipInfo(name) if compression == zipfile.ZIP_STORED else name, data)
    return out.getvalue()


def zip_of_zeros(name, n_mib):
    """A zip of one file of so many MiB of zeros, made without compressing them one by one: the same flushed block again and again."""
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = deflate.compress(bytes(1 << 20)) + deflate.flush(zlib.Z_FULL_FLUSH)
    body, crc = block * n_mib + deflate.flush(), 0
    for _ in range(n_mib):
        crc = zlib.crc32(bytes(1 << 20), crc)
    fields = struct.pack("<HHHHHIIIHH", 20, 0, zipfile.ZIP_DEFLATED, 0, 0, crc, len(body), n_mib << 20, len(name), 0)
    local = b"PK\x03\x04" + fields + name.encode() + body
    directory = b"PK\x01\x02" + struct.pack("<H", 20) + fields + struct.pack("<HHHII", 0, 0, 0, 0, 0) + name.encode()
    return local + directory + b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 1, 1, len(directory), len(local), 0)


def png_of_stated_size(width, height):
    """A small PNG file that claims to be huge: a decompression bomb without its charge."""

    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")


def sixteen_bit():
    """A grey 16-bit PNG, 40x40: a ramp from 0 to 65 535 from left to right."""
    return saved(Image.fromarray(np.tile(np.linspace(0, 65535, 40).astype(np.uint16), (40, 1))))


def animated(kind="GIF"):
    """Three frames: red, green, blue."""
    red, *others = [Image.new("RGB", (20, 20), color) for color in ("red", "lime", "blue")]
    return saved(red, kind, save_all=True, append_images=others, duration=50)


def half_transparent():
    """Left half opaque blue, right half transparent black."""
    x = np.zeros((20, 20, 4), np.uint8)
    x[:, :10] = (0, 0, 255, 255)
    return saved(Image.fromarray(x))


def sideways(kind="JPEG"):
    """Stored as 60x30 with its left half white; EXIF says to turn it, so that it is 30x60 with its top half white."""
    x = np.zeros((30, 60), np.uint8)
    x[:, :30] = 255
    exif = Image.Exif()
    exif[0x0112] = 6
    return saved(Image.fromarray(x), kind, exif=exif, quality=95)
