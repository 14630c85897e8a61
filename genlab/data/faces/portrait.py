"""Faces painted from their factors, layer by layer from the back to the front."""

import numpy as np
import torch

from genlab.data.faces.accessories import earrings, glasses, hat
from genlab.data.faces.beard import beard, moustache
from genlab.data.faces.body import backdrop, bust
from genlab.data.faces.canvas import Canvas
from genlab.data.faces.eyes import brows, eyes
from genlab.data.faces.factors import Factors
from genlab.data.faces.hair import Hair, Lock, back_hair, front_hair
from genlab.data.faces.head import Head
from genlab.data.faces.identity import Face
from genlab.data.faces.mouth import Lips, mouth
from genlab.data.faces.skull import ears, skull

PIXELS = 32 * 64 * 64   # pixels painted at once: temporaries then stay in a core's cache


def portraits(factors: Factors, size: int, device: torch.device) -> np.ndarray:
    """Portraits as uint8 (n, 3, size, size), painted a few at a time."""
    at_once = max(1, PIXELS // size**2)
    out = np.empty((len(factors), 3, size, size), dtype=np.uint8)
    with torch.inference_mode():
        for i in range(0, len(factors), at_once):
            part = slice(i, i + at_once)
            out[part] = paint(Face.of(factors.attributes[part], factors.identity[part], device), size, device)
    return out


def paint(face: Face, size: int, device: torch.device) -> np.ndarray:
    """One batch of faces, all at once."""
    canvas = Canvas.blank(len(face.age), size, device)
    head, hair, lips = Head(face), Hair(face), Lips(face)
    backdrop(canvas, face)
    lock = Lock(face, head, hair, *head.at(canvas))
    back_hair(canvas, face, head, hair, lock)
    bust(canvas, face, head)
    ears(canvas, face, head)
    skull(canvas, face, head, lips)
    beard(canvas, face, head, lips)
    eyes(canvas, face, head)
    brows(canvas, face, head)
    mouth(canvas, face, head, lips)
    moustache(canvas, face, head, lips)
    glasses(canvas, face, head)
    front_hair(canvas, face, head, hair, lock)
    earrings(canvas, face, head)
    hat(canvas, face, head)
    return (canvas.image.clamp_(0, 1) * 255).round_().to(torch.uint8).cpu().numpy()
