"""The nose: a ridge in relief, wings, nostrils and the shadow below it."""

import torch
from torch import Tensor

from genlab.data.faces.canvas import Canvas
from genlab.data.faces.head import Head, window
from genlab.data.faces.identity import Face
from genlab.data.faces.sdf import blob, ramp
from genlab.data.faces.skull import INK, LIT, RED

ROOT = 0.02   # height at which the ridge begins


class Nose:
    """A nose at the pixels of a window; n is u seen from the nose, which stands out of the face and moves further with a turn."""

    def __init__(self, face: Face, head: Head, c: Canvas):
        x, self.y = head.at(c)
        self.tip = 0.185 + 0.026 * face.nose_length + 0.008 * face.man + 0.010 * face.old
        self.wing = 0.068 + 0.016 * face.nose_width + 0.008 * face.man
        self.ball = 1 + 0.35 * face.nose_tip
        self.n = head.around(x) - 0.42 * face.shift * ramp(self.y, ROOT - 0.05, self.tip)


def nose(form: Canvas, face: Face, head: Head) -> None:
    c = window(form, -0.22, -0.10, 0.22, 0.30)
    shape = Nose(face, head, c)
    c.image[:, LIT] += ridge(face, shape) - shadow(face, shape)
    c.image[:, INK] += lines(face, shape)
    c.image[:, RED] += (0.24 + 0.14 * face.nose_tip) * blob(shape.n, shape.y - shape.tip, 0.09, 0.07)


def ridge(face: Face, s: Nose) -> Tensor:
    """Lit and shaded flanks of a ridge that widens downwards, a highlight along it and one on the tip."""
    along = ((s.y - ROOT) / (s.tip - ROOT)).clamp(0, 1)
    q = s.n / (s.wing * (0.52 + 0.62 * along * along))
    flank = q * (1 - q * q).clamp_(min=0) * ramp(s.y, ROOT - 0.11, ROOT + 0.02) * ramp(s.y, s.tip + 0.05, s.tip + 0.01)
    crest = blob(s.n - 0.012 * face.light_x, s.y - 0.10, 0.022, 0.14)
    ball = blob(s.n - 0.016 * face.light_x, s.y - s.tip + 0.022, 0.038 * s.ball, 0.034 * s.ball)
    return 0.85 * face.light_x * flank + 0.16 * crest + 0.30 * ball


def shadow(face: Face, s: Nose) -> Tensor:
    """Below the tip, and beside the wing that is turned away from the light."""
    below = blob(s.n + 0.05 * face.light_x, s.y - s.tip - 0.055, s.wing * 1.25, 0.038)
    beside = blob(s.n + (0.055 + s.wing) * torch.sign(face.light_x), s.y - s.tip + 0.05, 0.07, 0.12)
    return 0.38 * below + 0.34 * face.light_x.abs() * beside


def lines(face: Face, s: Nose) -> Tensor:
    """Nostrils, larger under a tip that turns up, and the outer edge of the wings."""
    e = s.n.abs()
    nostril = blob(e - 0.48 * s.wing, s.y - s.tip - 0.030 - 0.15 * (e - 0.03), 0.026, 0.020 + 0.005 * face.nose_tip)
    edge = ((e - s.wing + 0.010).square() + 0.8 * (s.y - s.tip - 0.002).square()).sqrt()
    side = blob(edge - 0.026, s.y - s.tip - 0.01, 0.013, 0.035) * ramp(e, s.wing - 0.018, s.wing)
    return nostril + 0.6 * side
