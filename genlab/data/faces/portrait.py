"""Faces painted from their factors, layer by layer from the back to the front."""

import numpy as np
import torch

from genlab.data.drawn import painted
from genlab.data.faces import age, skull
from genlab.data.faces.accessories import earrings, glasses
from genlab.data.faces.beard import beard, moustache
from genlab.data.faces.body import backdrop, bust
from genlab.data.faces.canvas import Canvas
from genlab.data.faces.eyes import brows, eyes
from genlab.data.faces.factors import HAIR_STYLES, Factors
from genlab.data.faces.hair import Hair, Lock, back_hair, braids, front_hair
from genlab.data.faces.hat import hat
from genlab.data.faces.head import Head
from genlab.data.faces.identity import Face
from genlab.data.faces.mouth import Lips, mouth
from genlab.data.faces.nose import nose

PIXELS = 96 * 64 * 64   # pixels painted at once: few calls, so that threads seldom wait for each other, and temporaries still fit in a cache


def portraits(factors: Factors, size: int, device: torch.device) -> np.ndarray:
    """Portraits as uint8 (n, 3, size, size), painted a few at a time, on as many cores as torch may use."""
    at_once = PIXELS // size**2 * (1 if device.type == "cpu" else 64)
    return painted(factors, lambda part: paint(Face.of(part, device), size, device), size, at_once)


def paint(face: Face, size: int, device: torch.device) -> np.ndarray:
    """One batch of faces, all at once."""
    canvas = Canvas.blank(len(face), size, device)
    head, hair, lips = Head(face), Hair(face), Lips(face)
    lock = Lock(face, head, hair, *head.at(canvas))
    backdrop(canvas, face)
    back_hair(canvas, face, head, hair, lock)
    bust(canvas, face, head)
    skull.ears(canvas, face, head)
    skull.skull(canvas, face, head, form(face, head, lips, size, device))
    canvas.some(face.flat("beard"), beard, face, head, lips)
    eyes(canvas, face, head)
    brows(canvas, face, head)
    mouth(canvas, face, head, lips)
    canvas.some(face.flat("moustache"), moustache, face, head, lips)
    canvas.some(face.flat("glasses"), glasses, face, head)
    front_hair(canvas, face, head, hair, lock)
    canvas.some(face.flat("hair_style") == HAIR_STYLES.index("braids"), braids, face, head)
    canvas.some(face.flat("earrings"), earrings, face, head)
    canvas.some(face.flat("hat"), hat, face, head)
    return (canvas.image.clamp_(0, 1) * 255).round_().to(torch.uint8).cpu().numpy()


def form(face: Face, head: Head, lips: Lips, size: int, device: torch.device) -> Canvas:
    """What shapes the head's skin: brightness added, dark lines, redness, as three channels."""
    layer = Canvas.blank(len(face), size, device)
    for part in (skull.sockets, skull.cheeks, skull.chin, nose, age.forehead, age.around_eyes, age.around_mouth, lips.relief):
        part(layer, face, head)
    return layer

