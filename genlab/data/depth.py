"""Pictures with 16 bits for each value, brought to 8: by the bits that are in use, since cameras and scanners keep 10, 12 or 14 in 16.

Pillow reads coloured ones by their high bytes alone; the low bytes are read in a second pass, where they are needed.
"""

import sys
from collections.abc import Callable, Iterator

import numpy as np
from PIL import Image, ImageOps

DEPTHS = (8, 10, 12, 14, 16)   # bits that are used in practice
MOST_PARTLY = DEPTHS[-2]        # a value beyond these shows that all 16 are
ROWS = 256   # at once, so that a large picture is not in memory many times over
OTHER_BYTE = {"RGB;16B": "RGB;16L", "RGB;16L": "RGB;16B", "RGBX;16B": "RGBX;16L", "RGBX;16L": "RGBX;16B", "RGBA;16B": "RGBA;16L",
              "RGBA;16L": "RGBA;16B", "CMYK;16B": "CMYK;16L", "CMYK;16L": "CMYK;16B", "LA;16B": "RGBA"}
OTHER_BYTE |= {f"{mode};16N": f"{mode};16{'B' if sys.byteorder == 'little' else 'L'}" for mode in ("RGB", "RGBX", "RGBA", "CMYK")}
"""Pillow's names for pixels of 16 bits of which it takes the high byte, and those under which it takes the low one of the same pixels. For grey
with transparency it has none: all four bytes are taken then, one as each channel."""
BITS_PER_SAMPLE, PHOTOMETRIC, PLANES = 258, 262, 284   # tags of TIFF
COUNTED = {"RGB": 3, "RGBA": 3, "CMYK": 4}   # channels of colours, by which the bits in use are judged


def is_deep(image: Image.Image) -> bool:
    """Whether a picture that is opened, and not loaded yet, has 16 bits for each value."""
    if image.mode.startswith("I;16"):
        return True
    return _tag(image, PLANES) != 2 and bool(image.tile) and all(_rawmode(tile) in OTHER_BYTE for tile in image.tile)


def has_two_channels(image: Image.Image) -> bool:
    """Whether a picture that is opened, and not loaded yet, is grey with transparency in 16 bits."""
    return any(_rawmode(tile) == "LA;16B" for tile in image.tile)


def in_use(image: Image.Image, reopen: Callable[[], Image.Image]) -> int:
    """The fewest bits of DEPTHS that hold the colours of a loaded deep picture; what a TIFF states, where it states fewer than 16."""
    return _stated_bits(image) or _used_bits(_colours(_values(image, reopen), image))


def flattened(image: Image.Image, reopen: Callable[[], Image.Image], bits: int = 0) -> Image.Image:
    """A loaded deep picture upright with 8 bits, mode L, LA, RGB, RGBA or CMYK: the largest value of the bits in use is 255.

    reopen : opens the same file again; bits : in use, 0 for as many as the picture uses itself. What a TIFF states goes before both.
    """
    values = _values(image, reopen)
    colours, alpha = _colours(values, image), _alpha(values, image)
    bits = _stated_bits(image) or bits or _used_bits(colours)
    by_high_bytes = not image.mode.startswith("I;16")   # as Pillow reads all others
    x = _to_8_bits(colours, bits, by_high_bytes)
    if not by_high_bytes and _tag(image, PHOTOMETRIC) == 0:   # 0 is white, which Pillow heeds for fewer bits alone
        x = 255 - x
    flat = Image.frombytes({1: "L", 3: "RGB", 4: "CMYK"}[x.shape[2]], (x.shape[1], x.shape[0]), x.tobytes())
    if alpha is not None:
        flat.putalpha(Image.fromarray(_to_8_bits(alpha, bits if alpha.max() < 1 << bits else 16, by_high_bytes)))
    return flat


def is_unreadable(image: Image.Image) -> bool:
    """Whether Pillow would read an opened picture's planes of 16 bits as if they had 8."""
    bits = _tag(image, BITS_PER_SAMPLE)
    return _tag(image, PLANES) == 2 and isinstance(bits, tuple) and len(bits) > 1 and max(bits) > 8


def _values(image: Image.Image, reopen: Callable[[], Image.Image]) -> np.ndarray:
    """All values of a loaded deep picture, upright, uint16 (H, W, C). Low bytes are 0 where the high ones alone tell all that matters."""
    high = np.asarray(ImageOps.exif_transpose(image))
    if high.ndim == 2:
        return high.astype(np.uint16)[:, :, None]
    is_full = high[..., : COUNTED[image.mode]].max() >= 1 << MOST_PARTLY - 8
    if is_full and "transparency" not in image.info:
        return high.astype(np.uint16) << 8
    with reopen() as again:
        is_pair = has_two_channels(again)
        again.tile = [tile._replace(args=_with_rawmode(tile.args, OTHER_BYTE[_rawmode(tile)])) for tile in again.tile]
        again.load()
        low = np.asarray(ImageOps.exif_transpose(again))
    if is_pair:   # grey and transparency, two bytes each
        high, low = low[..., ::2], low[..., 1::2]
    values = np.empty(high.shape, np.uint16)
    for rows in _rows(len(high)):
        values[rows] = (high[rows].astype(np.uint16) << 8) | low[rows]
    return values


def _colours(values: np.ndarray, image: Image.Image) -> np.ndarray:
    """The values without transparency."""
    return values[..., :1] if values.shape[2] == 2 else values[..., : COUNTED.get(image.mode, 1)]


def _alpha(values: np.ndarray, image: Image.Image) -> np.ndarray | None:
    """How opaque each pixel is, of 16 bits: by a channel of its own, or by the one colour that is clear."""
    if values.shape[2] == 2 or image.mode == "RGBA":
        return values[..., -1]
    clear = image.info.get("transparency")
    return None if clear is None else np.where((values == np.array(clear)).all(axis=-1), 0, 65535)


def _stated_bits(image: Image.Image) -> int:
    stated = _tag(image, BITS_PER_SAMPLE)
    return stated[0] if isinstance(stated, tuple) and len(stated) == 1 and stated[0] in DEPTHS[1:-1] else 0


def _used_bits(colours: np.ndarray) -> int:
    return next(bits for bits in DEPTHS if colours.max() < 1 << bits)


def _to_8_bits(values: np.ndarray, bits: int, by_high_bytes: bool) -> np.ndarray:
    """Values of so many bits as uint8: the largest that these bits can say is white, and so is what lies above.

    by_high_bytes : all 16 are cut to the higher 8, and not rounded
    """
    if bits == 16 and by_high_bytes:
        return (values >> 8).astype(np.uint8)
    x = np.empty(values.shape, np.uint8)
    for rows in _rows(len(values)):
        x[rows] = np.rint(np.minimum(values[rows] * (255 / ((1 << bits) - 1)), 255))
    return x


def _rows(n: int) -> Iterator[slice]:
    return (slice(start, start + ROWS) for start in range(0, n, ROWS))


def _tag(image: Image.Image, number: int) -> object:
    return getattr(image, "tag_v2", {}).get(number)


def _rawmode(tile: tuple) -> str:
    args = tile[3]
    return args if isinstance(args, str) else args[0] if args else ""


def _with_rawmode(args: str | tuple, rawmode: str) -> str | tuple:
    return rawmode if isinstance(args, str) else (rawmode, *args[1:])
