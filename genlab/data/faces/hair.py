"""Hair: one family of shapes whose numbers make every style, painted once behind the head and once in front of it.

The hair is a shell around the skull joined to a curtain that hangs from it; the part in front leaves an opening for the face.
"""

import torch
from torch import Tensor

from genlab.data.faces.canvas import Canvas
from genlab.data.faces.factors import HAIR_STYLES
from genlab.data.faces.head import SCALE, Head, window
from genlab.data.faces.identity import Batch, Face
from genlab.data.faces.sdf import cover, join, ramp

COLUMNS = ("top", "side", "length", "flare", "half", "line", "point", "sweep", "wave", "curl", "jag")
STYLES = {
    #          top   side  length flare  half  line  point sweep  wave  curl  jag
    "bald":   (.000, .000, -0.90, .00, .340, -.300, .00,  .00, .000, .000, .000),
    "buzz":   (.020, .014,  0.06, .00, .362, -.350, -.6,  .00, .000, .000, .000),
    "short":  (.090, .036,  0.06, .00, .348, -.300, -.2,  .36, .004, .000, .014),
    "quiff":  (.185, .008,  0.03, .00, .352, -.315, -.5, -.20, .010, .000, .016),
    "fringe": (.075, .046,  0.14, .00, .338, -.205, -.9,  .03, .004, .000, .022),
    "curly":  (.165, .165,  0.42, .00, .352, -.290, -.3,  .00, .000, .030, .000),
    "bob":    (.080, .075,  0.48, .05, .322, -.330, .40,  .06, .004, .000, .010),
    "wavy":   (.095, .085,  0.84, .10, .328, -.320, .15,  .26, .030, .000, .012),
    "long":   (.075, .060,  1.05, .05, .318, -.340, .60,  .00, .009, .000, .008),
    "braids": (.055, .030,  0.14, .00, .342, -.335, .50,  .00, .004, .000, .008),
}
TABLE = torch.tensor([STYLES[name] for name in HAIR_STYLES])


class Hair(Batch):
    """The numbers of B heads of hair, (B, 1, 1) in head units: those of COLUMNS, changed by the person who wears it."""

    def __init__(self, face: Face):
        for name, column in zip(COLUMNS, face.style(TABLE), strict=True):
            setattr(self, name, column)
        self.any = (face.hair_style > 0).float()
        self.buzz = (face.hair_style == HAIR_STYLES.index("buzz")).float()
        self.curly = (self.curl > 0).float()
        self.top = self.top * (1 + 0.20 * face.hair_volume)
        self.side = self.side * (1 + 0.20 * face.hair_volume)
        self.line = self.line - 0.012 * face.man - 0.012 * face.forehead
        self.hand = torch.where(face.hair_parting < 0, -1.0, 1.0)


class Lock:
    """Hair at the pixels of a window: positions on the shell and along the strands.

    outer : distance to the whole of the hair; cut : distance below its lower end
    across, down : position on the shell, from -1 to 1
    strands : about -1.6 to 1.6, constant along a strand
    lit : brightness, 0 dark to 1 bright
    """

    def __init__(self, face: Face, head: Head, hair: Hair, x: Tensor, y: Tensor):
        self.x, self.y = x, y
        self.sway = torch.sin(13 * y + 2.0 * torch.sign(x)) * ramp(y, -0.25, 0.25) * hair.wave
        self.coils = coils(hair, x, y)
        fan = (x - 0.10 * hair.hand * hair.sweep + self.sway) / (0.13 + 0.36 * ramp(y, -0.66, 0.10))
        self.strands = torch.sin(9 * fan + 2.2 * torch.sin(3.1 * fan + 1)) + 0.6 * torch.sin(21 * fan + 0.7)
        self._outline(face, head, hair)
        self.lit = self._light(face, hair)

    def _outline(self, face: Face, head: Head, hair: Hair) -> None:
        x, y = self.x + self.sway, self.y
        rise = hair.top + 0.22 * hair.sweep * hair.hand * x
        self.across, self.down, radius = head.radius(x + 0.15 * face.shift, y, hair.side, rise)
        shell = (radius - 1) * (0.43 + hair.side)
        wide = head.half + hair.side + hair.flare * y.clamp(min=0)
        around_ears = ramp(hair.length, 0.3, 0.1) * 1.3 * (x.abs() - 0.36).clamp(min=0)
        self.cut = y - hair.length + around_ears + 0.16 * (x / wide).square() * ramp(hair.length, 0.45, 0.5)
        curtain = torch.maximum((x + 0.15 * face.shift).abs() - wide, -0.05 - y)
        hanging = torch.where(hair.length > 0.45, join(shell, curtain, 0.10), shell)
        self.outer = torch.maximum(hanging, self.cut) - hair.curl * self.coils - 0.25 * hair.jag * self.strands

    def opening(self, face: Face, hair: Hair) -> Tensor:
        """Distance to the opening that the front hair leaves for the face."""
        closing = 1 - 0.30 * ramp(self.y, 0.34, 0.75)                # long hair closes in below the chin
        o = (self.x - 0.80 * face.shift + 0.6 * self.sway) / (hair.half * closing)
        height = 0.16 - hair.line
        level = self.y - 0.16 - hair.sweep * height * 0.5 * (o * hair.hand + 0.25)
        o2 = o * o
        shape = torch.where(hair.point > 0, torch.lerp(o2, o.abs(), hair.point), torch.lerp(o2, o2 * o2 * o2, -hair.point))
        r = (shape + (level / height).clamp(max=0).square()).sqrt()
        return (r - 1) * 0.34 + hair.jag * self.strands + 0.5 * hair.curl * self.coils

    def _light(self, face: Face, hair: Hair) -> Tensor:
        """Form, strands and a band of shine."""
        across, down = self.across, self.down
        form = 0.44 + 0.32 * across * face.light_x - 0.26 * down.clamp(-1, 1) - 0.14 * across * across
        band = (1 - ((down + 0.60 - 0.30 * across * across) * 4.2).square()).clamp_(min=0)
        shine = band * ramp(across * face.light_x, -0.55, 0.45)
        texture = torch.lerp(0.085 * self.strands, 0.24 * self.coils, hair.curly)
        return form + texture * (1 - 0.8 * hair.buzz) + shine * (0.34 + 0.10 * self.strands) * (1 - 0.6 * hair.buzz) * (1 - 0.5 * hair.curly)


def coils(hair: Hair, x: Tensor, y: Tensor) -> Tensor:
    """A pattern of curls, from -1 to 1; 0 in hair that has none."""
    pattern = torch.zeros_like(x)
    index = hair.curly.flatten().nonzero().flatten()
    if len(index):
        x, y = x[index], y[index]
        pattern[index] = torch.sin(27 * x + 1.5 * torch.sin(15 * y)) * torch.sin(25 * y + 1.5 * torch.sin(17 * x))
    return pattern


def colour(face: Face, light: Tensor) -> Tensor:
    """Hair of a brightness: 0 dark, 0.5 plain, 1 shining -> (B, 3, h, w)."""
    light = light[:, None]
    tone = torch.lerp(face.hair_dark, face.hair, (light * 2).clamp(0, 1))
    return tone.lerp_(face.hair_light.expand_as(tone), (light * 2 - 1).clamp(0, 1).expand_as(tone))


def back_hair(canvas: Canvas, face: Face, head: Head, hair: Hair, lock: Lock) -> None:
    """The mass behind neck and head."""
    light = lock.lit - 0.22 - 0.18 * ramp(lock.x.abs(), 0.42, 0.20)
    canvas.paint(colour(face, light), cover(lock.outer * SCALE, canvas.px) * (1 - hair.buzz) * showing(face, head, hair, lock, canvas.px))


def showing(face: Face, head: Head, hair: Hair, lock: Lock, px: float) -> Tensor:
    """0 where there is no hair: bald heads, and under a hat."""
    return hair.any * (1 - face.hat * cover(lock.y - hat_edge(face, head, lock.x) + 0.01, px))


def hat_edge(face: Face, head: Head, x: Tensor) -> Tensor:
    """Height of a hat's lower edge, which curves around the head."""
    return -0.275 + 0.085 * ((x - 0.25 * face.shift) / (head.half + 0.055)).square().clamp(max=1.0)


def front_hair(canvas: Canvas, face: Face, head: Head, hair: Hair, lock: Lock) -> None:
    """Crown, sides and fringe over the face, with the shadow that they cast on it."""
    x, y = lock.x, lock.y
    px = canvas.px / SCALE
    opening = lock.opening(face, hair)
    shown = showing(face, head, hair, lock, canvas.px)
    cast = ramp(opening, -0.075, 0.0) * cover(head.distance(x, y), px) * ramp(lock.cut, 0.0, -0.10)
    canvas.paint(face.skin_line, 0.36 * cast * shown * (1 - 0.6 * hair.buzz))
    light = lock.lit - 0.20 * ramp(opening, 0.05, 0.0) * (1 - hair.buzz)
    edge = (0.5 + opening / (px + 0.05 * hair.buzz)).clamp_(0, 1)                    # cropped hair has no line at the brow...
    thin = 1 - hair.buzz * (0.28 + 0.72 * ramp(y, -0.16, 0.06))                      # ...lets the skin through, and fades above the ears
    canvas.paint(colour(face, light), torch.minimum(cover(lock.outer, px), edge) * thin * shown)


def braids(canvas: Canvas, face: Face, head: Head) -> None:
    """Two plaits in front of the shoulders."""
    c = window(canvas, -0.53, -0.06, 0.53, 0.82)
    x, y = head.at(c)
    e = x.abs() - 0.40 + 0.10 * (y - 0.2)
    knot = torch.sin(y * 42)
    half = (0.066 + 0.013 * knot.abs()) * ramp(y, -0.03, 0.12) * (1 - 0.35 * ramp(y, 0.45, 0.80))
    d = torch.maximum(e.abs() - half, (y - 0.38).abs() - 0.42)
    plait = torch.sin(42 * y + 26 * e.abs())
    light = 0.45 + 0.30 * plait - 3.0 * e * torch.sign(x) * -face.light_x
    c.paint(colour(face, light), cover(d * SCALE, c.px))
