"""Images laid out as one PNG, so that a page shows a grid with a single request."""

import io

import numpy as np
from PIL import Image

from genlab.models.base import MADE_UP


def tile(x: np.ndarray, columns: int, gap: int = 2) -> np.ndarray:
    """Images side by side in rows.  uint8 (n, C, H, W) -> (rows (H + gap) - gap, columns (W + gap) - gap, 4), gaps see-through"""
    n, _, height, width = x.shape
    rows = -(-n // columns)
    sheet = np.zeros((rows * (height + gap) - gap, columns * (width + gap) - gap, 4), np.uint8)
    for i, image in enumerate(np.broadcast_to(x, (n, 3, height, width))):
        top, left = i // columns * (height + gap), i % columns * (width + gap)
        sheet[top : top + height, left : left + width, :3] = image.transpose(1, 2, 0)
        sheet[top : top + height, left : left + width, 3] = 255
    return sheet


def sheets(panels: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The panels of a preview as the pictures that are kept: "samples" what is made up, "recon" all that stands for the batch, panel by panel.

    uint8 (n, C, H, W) each -> the same; a picture that would be empty is left out
    """
    of_batch = [x for name, x in panels.items() if name != MADE_UP]
    found = {"recon": np.concatenate(of_batch)} if of_batch else {}
    return found | ({"samples": panels[MADE_UP]} if MADE_UP in panels else {})


def png(pixels: np.ndarray) -> bytes:
    """A PNG file of uint8 pixels (H, W), (H, W, 3) or (H, W, 4), packed lightly: time matters more than bytes."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()
