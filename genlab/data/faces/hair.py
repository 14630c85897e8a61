"""Hair: one family of shapes whose numbers make every style, painted once behind the head and once in front of it.

The hair is a shell around the skull joined to a curtain that hangs from it; the part in front leaves an opening for the face.
"""

import torch
from torch import Tensor

from genlab.data.faces.canvas import Canvas
from genlab.data.faces.factors import HAIR_STYLES
from genlab.data.faces.head import SCALE, Head, window
from genlab.data.faces.identity import Face
from genlab.data.faces.sdf import blob, cover, join, ramp, stroke

COLUMNS = ("top", "side", "length", "flare", "front", "half", "line", "point", "sweep", "wave", "curl")
STYLES = {
    #          top   side  length flare  front  half  line   point sweep  wave  curl
    "bald":   (.000, .000, -0.90, .00, -0.90, .340, -.300, .00, .00, .000, .000),
    "buzz":   (.018, .012, -0.10, .00,  0.00, .358, -.345, -.6, .00, .000, .000),
    "short":  (.085, .035,  0.00, .00,  0.04, .345, -.300, -.2, .34, .004, .000),
    "quiff":  (.150, .012, -0.10, .00, -0.02, .352, -.330, -.5, -.10, .006, .000),
    "fringe": (.070, .050,  0.12, .00,  0.12, .335, -.195, -.9, .03, .004, .000),
    "curly":  (.170, .165,  0.22, .00,  0.22, .345, -.285, -.3, .00, .000, .030),
    "bob":    (.080, .075,  0.46, .06,  0.44, .318, -.330, .45, .06, .004, .000),
    "wavy":   (.095, .085,  0.84, .10,  0.80, .325, -.320, .15, .26, .030, .000),
    "long":   (.075, .060,  0.98, .05,  0.95, .315, -.340, .65, .00, .004, .000),
    "braids": (.055, .030,  0.20, .00,  0.16, .340, -.335, .55, .00, .004, .000),
}
TABLE = torch.tensor([STYLES[name] for name in HAIR_STYLES])
HAT_EDGE = -0.26   # no hair shows above this under a hat
BUZZ, BRAIDS = HAIR_STYLES.index("buzz"), HAIR_STYLES.index("braids")


class Hair:
    """The numbers of B heads of hair, (B, 1, 1) in head units."""

    def __init__(self, face: Face):
        for name, column in zip(COLUMNS, face.style(TABLE)):
            setattr(self, name, column)
        style = face.hair_style
        self.any = (style > 0).float()
        self.buzz, self.braids = (style == BUZZ).float(), (style == BRAIDS).float()
        self.top = self.top * (1 + 0.22 * face.hair_volume)
        self.side = self.side * (1 + 0.22 * face.hair_volume)
        self.length = self.length + 0.03 * face.hair_volume
        self.line = self.line - 0.012 * face.man - 0.012 * face.forehead
        self.hand = torch.where(face.hair_parting < 0, -1.0, 1.0)

    def shell(self, face: Face, head: Head, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """(distance to the whole of the hair, across, down): across and down are positions on the shell, from -1 to 1."""
        x = x + self.wave * torch.sin(13 * y + 2.0 * torch.sign(x)) * ramp(y, -0.25, 0.25)
        high = ramp(y, 0.05, -0.42)
        grow = self.side + (self.top - self.side) * high + 0.10 * self.sweep * self.hand * x * high
        across, down, radius = head.radius(x + 0.15 * face.shift, y, grow)
        d = (radius - 1) * (0.43 + grow)
        wide = head.half + self.side + self.flare * y.clamp(min=0)
        tip = self.length - 0.16 * (x / wide).square() * ramp(self.length, 0.25, 0.5)
        curtain = torch.maximum((x + 0.15 * face.shift).abs() - wide, torch.maximum(y - tip, -y - 0.05))
        d = torch.where(self.length > 0.05, join(d, curtain, 0.10), d)
        curls = torch.sin(27 * x + 1.5 * torch.sin(15 * y)) * torch.sin(25 * y + 1.5 * torch.sin(17 * x))
        return d - self.curl * curls, across, down

    def opening(self, face: Face, head: Head, x: Tensor, y: Tensor) -> Tensor:
        """Distance to the opening that the front hair leaves for the face."""
        o = (x - 0.80 * face.shift) / self.half
        o = o + self.wave * torch.sin(13 * y) * 0.6
        side = o * self.hand
        height = 0.16 - self.line
        level = y - 0.16 - self.sweep * height * 0.5 * (side + 0.25)
        a2 = o * o
        shape = torch.where(self.point > 0, torch.lerp(a2, o.abs(), self.point), torch.lerp(a2, a2 * a2 * a2, -self.point))
        r = (shape + (level / height).clamp(max=0).square()).sqrt()
        return (r - 1) * 0.34

    def light(self, face: Face, x: Tensor, y: Tensor, across: Tensor, down: Tensor) -> Tensor:
        """Brightness of the hair, 0 dark to 1 bright: form, strands and a band of shine."""
        form = 0.44 + 0.30 * across * face.light_x - 0.26 * down.clamp(-1, 1) - 0.14 * across * across
        fan = (x - 0.10 * self.hand * self.sweep) / (0.13 + 0.36 * ramp(y, -0.66, 0.10))
        fan = fan + 14 * self.wave * torch.sin(13 * y + 2.0 * torch.sign(x)) * 0.12
        strands = torch.sin(9 * fan + 2.2 * torch.sin(3.1 * fan + 1)) + 0.6 * torch.sin(21 * fan + 0.7)
        band = 1 - ((down + 0.60 - 0.30 * across * across) * 4.2).square()
        shine = band.clamp_(min=0) * ramp(across * face.light_x, -0.55, 0.45)
        coils = torch.sin(27 * x + 1.5 * torch.sin(15 * y)) * torch.sin(25 * y + 1.5 * torch.sin(17 * x))
        curly = (self.curl > 0).float()
        texture = torch.lerp(0.085 * strands, 0.24 * coils, curly) * (1 - 0.75 * self.buzz)
        return form + texture + shine * (0.34 + 0.10 * strands) * (1 - 0.6 * self.buzz) * (1 - 0.5 * curly)


def colour(face: Face, light: Tensor) -> Tensor:
    light = light[:, None]
    tone = torch.lerp(face.hair_dark, face.hair, (light * 2).clamp(0, 1))
    return tone.lerp_(face.hair_light.expand_as(tone), (light * 2 - 1).clamp(0, 1).expand_as(tone))


def back_hair(canvas: Canvas, face: Face, head: Head, hair: Hair) -> None:
    """The mass behind neck and head."""
    x, y = head.at(canvas)
    d, across, down = hair.shell(face, head, x, y)
    light = hair.light(face, x, y, across, down) - 0.22 - 0.18 * ramp(x.abs(), 0.42, 0.20)
    canvas.paint(colour(face, light), cover(d * SCALE, canvas.px) * showing(face, hair, y, canvas.px))


def showing(face: Face, hair: Hair, y: Tensor, px: float) -> Tensor:
    """0 where there is no hair: bald heads, and above the edge of a hat."""
    return hair.any * (1 - face.hat * cover((y - HAT_EDGE), 2 * px))


def front_hair(canvas: Canvas, face: Face, head: Head, hair: Hair) -> None:
    """Crown, sides and fringe over the face, with the shadow that they cast on it."""
    x, y = head.at(canvas)
    px = canvas.px / SCALE
    d, across, down = hair.shell(face, head, x, y)
    opening = hair.opening(face, head, x, y)
    lower = y - hair.front - 0.05 * torch.sin(9 * x + 1) * ramp(hair.front, 0.3, 0.5)
    d = torch.maximum(torch.maximum(d, -opening), lower)
    shown = showing(face, hair, y, canvas.px)
    cast = ramp(opening, -0.075, 0.0) * cover(head.distance(x, y), px) * ramp(lower, 0.0, -0.10)
    canvas.paint(face.skin_line, 0.36 * cast * shown * (1 - 0.5 * hair.buzz))
    light = hair.light(face, x, y, across, down) - 0.20 * ramp(opening, 0.05, 0.0) * (1 - hair.buzz)
    soft = px + 0.035 * hair.buzz
    alpha = (0.5 - d / soft).clamp_(0, 1) * (1 - 0.30 * hair.buzz)
    canvas.paint(colour(face, light), alpha * shown)
    braids(canvas, face, hair, x, y, px)


def braids(canvas: Canvas, face: Face, hair: Hair, x: Tensor, y: Tensor, px: float) -> None:
    """Two plaits in front of the shoulders."""
    e = x.abs() - 0.40 + 0.10 * (y - 0.2)
    knot = torch.sin(y * 42)
    d = torch.maximum(e.abs() - 0.068 - 0.012 * knot.abs(), torch.maximum(0.10 - y, y - 0.80))
    plait = torch.sin(42 * y + 26 * e.abs())
    light = 0.45 + 0.30 * plait - 3.0 * e * torch.sign(x) * -face.light_x
    canvas.paint(colour(face, light), cover(d, px) * hair.braids)
