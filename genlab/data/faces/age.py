"""What the years draw into a face: lines on the forehead, around the eyes and the mouth."""

from genlab.data.faces.canvas import Canvas
from genlab.data.faces.eyes import lower_lid
from genlab.data.faces.head import SCALE, Head, window
from genlab.data.faces.identity import Face
from genlab.data.faces.sdf import blob, ramp, stroke
from genlab.data.faces.skull import INK


def forehead(form: Canvas, face: Face, head: Head) -> None:
    """Three lines across the forehead."""
    c = window(form, -0.26, -0.36, 0.26, -0.20)
    x, y = head.at(c)
    e = head.around(x).abs()
    bend = y - 0.2 * (e - 0.10).square()
    for i, level in enumerate((0.225, 0.275, 0.325)):
        c.image[:, INK] += 0.75 * face.old * stroke(bend + level, 0.0085, c.px / SCALE) * ramp(e, 0.24 - 0.02 * i, 0.14 - 0.02 * i)


def around_eyes(form: Canvas, face: Face, head: Head) -> None:
    """Bags under the eyes, crow's feet beside them."""
    c = window(form, -0.37, -0.05, 0.37, 0.15)
    x, y = head.at(c)
    e = head.around(x).abs()
    px = c.px / SCALE
    bags = stroke(lower_lid(face, e, y) - 0.045, 0.012, px) * blob(e - 0.165, y - 0.075, 0.11, 0.09)
    c.image[:, INK] += 0.90 * face.old * bags
    reach = ramp(e, 0.275, 0.295) * ramp(e, 0.355, 0.325) * (0.7 * face.old)
    for tilt in (-0.5, 0.1, 0.65):
        c.image[:, INK] += reach * stroke((y - 0.01) - tilt * (e - 0.27), 0.007, px)


def around_mouth(form: Canvas, face: Face, head: Head) -> None:
    """The fold from nose to mouth, which a smile also draws, and the line below the corners."""
    c = window(form, -0.26, 0.13, 0.26, 0.47)
    x, y = head.at(c)
    e = head.around(x).abs()
    px = c.px / SCALE
    smile = face.smile.clamp(min=0)
    fold = e - 0.115 - 0.55 * (y - 0.165) + (y - 0.165).square() - 0.022 * smile
    c.image[:, INK] += (0.03 + 0.76 * face.old + 0.14 * smile) * stroke(fold, 0.010, px) * ramp(y, 0.14, 0.20) * ramp(y, 0.36, 0.29)
    jowl = e - 0.165 - 0.25 * (y - 0.36)
    c.image[:, INK] += 0.60 * face.old * stroke(jowl, 0.010, px) * ramp(y, 0.33, 0.37) * ramp(y, 0.46, 0.42)
