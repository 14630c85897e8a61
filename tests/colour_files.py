"""Picture files with 16 bits for each value, made byte by byte: no library writes them all."""

import struct
import zlib

import numpy as np


def png(values, chunks=(), depth=16):
    """A PNG of values (H, W) or (H, W, C), grey, grey with transparency, RGB or RGBA; chunks are (name, bytes) before the pixels."""
    h, w, c = (*values.shape, 1)[:3]
    kind, order = {1: 0, 2: 4, 3: 2, 4: 6}[c], ">u2" if depth == 16 else "u1"
    rows = b"".join(b"\0" + row.astype(order).tobytes() for row in values.reshape(h, -1))
    head = struct.pack(">IIBBBBB", w, h, depth, kind, 0, 0, 0)
    parts = [(b"IHDR", head), *chunks, (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(struct.pack(">I", len(b)) + k + b + struct.pack(">I", zlib.crc32(k + b)) for k, b in parts)


def tiff(values, *, order="<", photometric=None, bits=16, pixels=b"", tags=()):
    """A TIFF of values (H, W) or (H, W, C) in one strip; pixels are its bytes where they are not just the values in 16 bits."""
    h, w, c = (*values.shape, 1)[:3]
    data = pixels or values.astype(f"{order}u2").tobytes()
    known = {256: (4, [w]), 257: (4, [h]), 258: (3, [bits] * c), 259: (3, [1]), 262: (3, [{1: 1}.get(c, 2) if photometric is None else photometric]),
             273: (4, [0]), 277: (3, [c]), 278: (4, [h]), 279: (4, [len(data)]), 284: (3, [1])} | dict(tags)
    after, behind = 8 + 2 + 12 * len(known) + 4, b""
    bodies = {tag: b"".join(struct.pack(order + {3: "H", 4: "I", 7: "B"}[kind], v) for v in vs) for tag, (kind, vs) in sorted(known.items())}
    places = {}
    for tag, body in bodies.items():
        if len(body) > 4:
            places[tag] = after + len(behind)
            behind += body + bytes(len(body) % 2)
    bodies[273] = struct.pack(order + "I", after + len(behind))
    ifd = b"".join(struct.pack(order + "HHI", tag, known[tag][0], len(known[tag][1]))
                   + (struct.pack(order + "I", places[tag]) if tag in places else body.ljust(4, b"\0")) for tag, body in bodies.items())
    return (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "IH", 8, len(known)) + ifd + bytes(4) + behind + data


def twelve_bits_packed(values):
    """Two values of 12 bits in three bytes each."""
    return b"".join(bytes([a >> 4, (a & 15) << 4 | b >> 8, b & 255]) for a, b in values.reshape(-1, 2).tolist())


def ramp(bits, width=64, height=16):
    """Grey values from 0 to the largest of so many bits, from left to right."""
    return np.tile(np.linspace(0, (1 << bits) - 1, width).astype(np.uint16), (height, 1))


def coloured(bits):
    """A ramp, the same from right to left, and one level."""
    grey = ramp(bits)
    return np.stack([grey, grey[:, ::-1], np.full_like(grey, (1 << bits) // 3)], axis=-1)
