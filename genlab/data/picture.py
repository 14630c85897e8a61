"""One picture file, from bytes that nobody has checked to pixels that anything can use.

A DataError from here is only the reason ("is empty"); who calls knows the file's name and puts it in front.
"""

import struct
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import pillow_heif
from PIL import Image, ImageOps, UnidentifiedImageError

from genlab.data import depth
from genlab.data.colour import Space, as_srgb, colour_mode, space_of
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
TOO_DEEP = frozenset({"I", "F"})
DAMAGE = (   # what Pillow, and the file that it reads from, raise for broken bytes
    OSError, SyntaxError, ValueError, TypeError, LookupError, EOFError, ArithmeticError, RuntimeError, MemoryError,
    struct.error, zlib.error, zipfile.BadZipFile,
)


@dataclass(frozen=True)
class Header:
    """What a picture says of itself before it is decoded.

    side : the shorter side in pixels; bits : of each value, the fewest that hold all of them where it has room for 16, else 0
    told : what its colours were taken for or converted to, or ""
    """

    side: int
    is_grey: bool
    is_square: bool = True
    bits: int = 0
    told: str = ""


def inspect(file: Path | BinaryIO) -> Header:
    """What a picture says of itself; reads the header alone, and the pixels where they have 16 bits. DataError for what can't be used."""
    with _open(file) as image:
        mode = _mode(image)
        bits = _in_use(file, image) if depth.is_deep(image) else 0
        return Header(min(image.size), mode == "L", image.width == image.height, bits, space_of(image, mode).told)


def decode(file: Path | BinaryIO, bits: int = 0) -> Image.Image:
    """The picture upright, 8 bits, sRGB, mode L or RGB, transparency on white, the first frame. DataError if it is damaged.

    bits : how many of 16 are in use, where the file does not say so; 0 looks for the largest value of this picture
    A JPEG much larger than any run needs is decoded at a half, a quarter or an eighth of its size.
    """
    with _open(file) as image:
        try:
            mode, is_deep = _mode(image), depth.is_deep(image)
            space = space_of(image, mode)
            image.draft(None, (2 * KEPT_SIDE, 2 * KEPT_SIDE))
            image.load()
            flat = depth.flattened(image, lambda: _open(file), bits) if is_deep else ImageOps.exif_transpose(image)
            return _plain(flat, mode, space)
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
    if depth.is_unreadable(image):
        return "holds 16 bits of each colour in a plane of its own; save it with the colours of a pixel together"
    if image.mode in TOO_DEEP:
        return "holds 32-bit pixels; 8 or 16 bits are read"
    return ""


def _mode(image: Image.Image) -> str:
    return "L" if depth.has_two_channels(image) else colour_mode(image.mode)


def _in_use(file: Path | BinaryIO, image: Image.Image) -> int:
    try:
        image.load()
        return depth.in_use(image, lambda: _open(file))
    except DAMAGE as error:
        raise DataError(f"is cut short or damaged ({error})") from error


def _plain(image: Image.Image, mode: str, space: Space) -> Image.Image:
    """A picture of 8 bits on white and in sRGB."""
    if not image.has_transparency_data:
        return as_srgb(image, mode, space)
    clear = image.convert("RGBA")
    if space.profile:
        alpha = clear.getchannel("A")
        clear = as_srgb(clear.convert("L" if mode == "L" else "RGB"), mode, space).convert("RGBA")
        clear.putalpha(alpha)
    white = Image.new("RGBA", image.size, "white")
    white.alpha_composite(clear)
    return white.convert("L" if mode == "L" else "RGB")
