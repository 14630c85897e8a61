"""Images brought to one size, one shape and one number of channels."""

from typing import Literal, get_args

import numpy as np
from PIL import Image

LUMA = np.array([0.299, 0.587, 0.114], dtype=np.float32)   # ITU-R BT.601, as in PIL's convert("L")
Fit = Literal["crop", "pad", "stretch"]
"""How a picture that is not square becomes so: cut to its middle, with the colour of its border beside it, or out of proportion."""
FITS: tuple[Fit, ...] = get_args(Fit)


def fit(image: Image.Image, size: int, channels: int, how: Fit = "crop", shape: tuple[int, int] | None = None) -> np.ndarray:
    """One picture as uint8 (C, size, size).

    how : for one that is not square; a square one comes out alike, whatever it is
    shape : width and height that it had before it was stretched, None where it was not
    """
    image = image.convert("L" if channels == 1 else "RGB")
    if how == "pad":
        image = _padded(image, size, shape or image.size)
    else:
        side = min(image.size)
        box = (0, 0, *image.size) if how == "stretch" else _middle(image.size)
        image = image.resize((size, size), _filter(side, size), box=box)
    x = np.asarray(image, dtype=np.uint8)
    return x[None] if channels == 1 else np.ascontiguousarray(x.transpose(2, 0, 1))


def fit_all(x: np.ndarray, size: int, channels: int) -> np.ndarray:
    """Square uint8 images (N, C, S, S) -> (N, channels, size, size); unchanged if they fit already."""
    if x.shape[2] != size:
        x = np.stack([fit(as_image(im), size, len(im)) for im in x])
    if x.shape[1] == 3 and channels == 1:
        return np.rint(np.tensordot(x, LUMA, axes=([1], [0])))[:, None].astype(np.uint8)
    return np.repeat(x, 3, axis=1) if x.shape[1] == 1 and channels == 3 else x


def as_image(x: np.ndarray) -> Image.Image:
    """uint8 (C, H, W) as a picture."""
    return Image.fromarray(x[0] if len(x) == 1 else x.transpose(1, 2, 0))


def _middle(shape: tuple[int, int]) -> tuple[int, int, int, int]:
    side = min(shape)
    left, top = (shape[0] - side) // 2, (shape[1] - side) // 2
    return left, top, left + side, top + side


def _padded(image: Image.Image, size: int, shape: tuple[int, int]) -> Image.Image:
    """The whole picture in the middle of a square of its border's colour."""
    longest = max(shape)
    small = tuple(max(1, round(size * side / longest)) for side in shape)
    whole = image.resize(small, _filter(longest, size))
    if small == (size, size):
        return whole
    square = Image.new(image.mode, (size, size), _border(image))
    square.paste(whole, ((size - small[0]) // 2, (size - small[1]) // 2))
    return square


def _border(image: Image.Image) -> int | tuple[int, ...]:
    """The colour that is in the middle of those at a picture's border, channel by channel."""
    w, h = image.size
    lines = [image.crop(box) for box in ((0, 0, w, 1), (0, h - 1, w, h), (0, 0, 1, h), (w - 1, 0, w, h))]
    pixels = np.concatenate([np.asarray(line).reshape(line.width * line.height, -1) for line in lines])
    colour = tuple(np.rint(np.median(pixels, axis=0)).astype(int).tolist())
    return colour[0] if len(colour) == 1 else colour


def _filter(side: int, size: int) -> Image.Resampling:
    return Image.Resampling.BICUBIC if side < size else Image.Resampling.LANCZOS
