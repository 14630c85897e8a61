"""One picture file, from bytes that nobody has checked to pixels that anything can use.

A DataError from here is only the reason ("is empty"); who calls knows the file's name and puts it in front.
"""

import struct
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pillow_heif
from PIL import Image, ImageOps, UnidentifiedImageError

from genlab.errors import DataError

pillow_heif.register_heif_opener()   # what phones make

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "HEIF")   # no other decoder of Pillow ever sees the bytes
SUFFIXES = frozenset({
    ".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".gif", ".bmp", ".dib", ".tif", ".tiff", ".avif", ".heic", ".heif", ".hif",
})
MAX_FILE_BYTES = 50_000_000
MAX_PIXELS = 40_000_000   # a phone's largest common picture; 120 MB once decoded
MIN_SIDE = 8
KEPT_SIDE = 256   # no run asks for more
GREY = frozenset({"1", "L", "LA", "I;16", "I;16L", "I;16B", "I;16N"})
TOO_DEEP = frozenset({"I", "F"})
DAMAGE = (   # what Pillow, and the file that it reads from, raise for broken bytes
    OSError, SyntaxError, ValueError, TypeError, LookupError, EOFError, ArithmeticError, RuntimeError, MemoryError,
    struct.error, zlib.error, zipfile.BadZipFile,
)


@dataclass(frozen=True)
class Header:
    """What a picture says of itself before it is decoded."""

    side: int
    is_grey: bool


def inspect(file: Path | BinaryIO) -> Header:
    """The shorter side, in pixels, and whether there is colour; reads the header alone. DataError for what can't be used."""
    with _open(file) as image:
        return Header(min(image.size), image.mode in GREY)


def decode(file: Path | BinaryIO) -> Image.Image:
    """The picture upright, 8 bits, mode L or RGB, transparency on white, the first frame. DataError if it is damaged.

    A JPEG much larger than any run needs is decoded at a half, a quarter or an eighth of its size.
    """
    with _open(file) as image:
        try:
            image.draft(None, (2 * KEPT_SIDE, 2 * KEPT_SIDE))
            image.load()
            return _plain(ImageOps.exif_transpose(image))
        except DAMAGE as error:
            raise DataError(f"is cut short or damaged ({error})") from error


def _open(file: Path | BinaryIO) -> Image.Image:
    try:
        image = Image.open(file, formats=FORMATS)
    except UnidentifiedImageError as error:
        raise DataError(f"is no picture that can be read ({', '.join(FORMATS)})") from error
    except Image.DecompressionBombError as error:
        raise DataError(f"is too large; at most {MAX_PIXELS // 1_000_000} megapixels are read") from error
    except DAMAGE as error:
        raise DataError(f"can't be opened ({error})") from error
    if reason := _reason_against(image):
        image.close()
        raise DataError(reason)
    return image


def _reason_against(image: Image.Image) -> str:
    width, height = image.size
    if width * height > MAX_PIXELS:
        return f"is {width} x {height} pixels; at most {MAX_PIXELS // 1_000_000} megapixels are read"
    if min(width, height) < MIN_SIDE:
        return f"is {width} x {height} pixels; at least {MIN_SIDE} x {MIN_SIDE} are needed"
    if image.mode in TOO_DEEP:
        return "holds 32-bit pixels; 8 or 16 bits are read"
    return ""


def _plain(image: Image.Image) -> Image.Image:
    mode = "L" if image.mode in GREY else "RGB"
    if image.mode.startswith("I;16"):   # Pillow's own conversion clips at 255 and so turns everything white
        return Image.fromarray(np.rint(np.asarray(image) / 257).astype(np.uint8))
    if image.has_transparency_data:
        white = Image.new("RGBA", image.size, "white")
        white.alpha_composite(image.convert("RGBA"))
        image = white
    return image.convert(mode)
