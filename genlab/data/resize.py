"""Images brought to one size and one number of channels."""

import numpy as np
from PIL import Image

LUMA = np.array([0.299, 0.587, 0.114], dtype=np.float32)   # ITU-R BT.601, as in PIL's convert("L")


def fit(image: Image.Image, size: int, channels: int) -> np.ndarray:
    """One picture as uint8 (C, size, size): centre crop to a square (the aspect is kept), then resized."""
    image = image.convert("L" if channels == 1 else "RGB")
    side = min(image.size)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    resample = Image.Resampling.BICUBIC if side < size else Image.Resampling.LANCZOS
    image = image.resize((size, size), resample, box=(left, top, left + side, top + side))
    x = np.asarray(image, dtype=np.uint8)
    return x[None] if channels == 1 else np.ascontiguousarray(x.transpose(2, 0, 1))


def fit_all(x: np.ndarray, size: int, channels: int) -> np.ndarray:
    """Square uint8 images (N, C, S, S) -> (N, channels, size, size); unchanged if they fit already."""
    if x.shape[2] != size:
        x = np.stack([fit(Image.fromarray(im[0] if len(im) == 1 else im.transpose(1, 2, 0)), size, len(im)) for im in x])
    if x.shape[1] == 3 and channels == 1:
        return np.rint(np.tensordot(x, LUMA, axes=([1], [0])))[:, None].astype(np.uint8)
    return np.repeat(x, 3, axis=1) if x.shape[1] == 1 and channels == 3 else x
