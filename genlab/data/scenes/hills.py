"""The ground from the far hills to the front, layer by layer."""

from genlab.data.scenes.canvas import Canvas
from genlab.data.scenes.light import Light
from genlab.data.scenes.place import Place
from genlab.data.scenes.ridges import Ridge, far_ridge, front_ridge, hill, meadow_ridge, mid_ridge, near_ridge, swell_ridge
from genlab.data.scenes.woods import bushes, woods


def far_hills(canvas: Canvas, place: Place, light: Light) -> None:
    """Two rows of hills in the haze, with woods on them."""
    c, ground = canvas.band(-0.3, 0.35), light.season("7FAE8C", "DDE7F2")
    crest, dark, foot = light.far(light.lit(ground), 0.24, 0.76), light.far(light.shaded(ground), 0.24, 0.76), light.far(ground, 0.55, 0.97)
    hill(c, place, Ridge.of(far_ridge, place, c), crest, dark, foot, 0.25)
    woods(c, place, light, far_ridge, 0.045, 0.055, 0.24, 0.78)
    c, ground = canvas.band(-0.15, 0.45), light.season("84B463", "EAF0F8")
    crest, dark = light.far(light.lit(ground), 0.06, 0.48), light.far(light.shaded(ground), 0.06, 0.48)
    hill(c, place, Ridge.of(mid_ridge, place, c), crest, dark, light.far(light.lit(ground), 0.20, 0.82), 0.25)
    woods(c, place, light, mid_ridge, 0.09, 0.085, 0.06, 0.52)


def valley(canvas: Canvas, place: Place, light: Light) -> None:
    """The valley floor, and a swell before it with bushes."""
    c, ground = canvas.band(0.05, 1), light.season("A9CD62", "F2F6FB")
    crest, dark = light.far(light.lit(ground), 0.0, 0.30), light.far(light.shaded(ground), 0.0, 0.28)
    hill(c, place, Ridge.of(meadow_ridge, place, c), crest, dark, light.far(light.foot(light.season("86B950", "DEE8F4")), 0.0, 0.1), 0.35)
    c, ground = canvas.band(0.2, 1), light.season("95C152", "F4F7FC")
    crest, dark, foot = light.far(light.lit(ground), 0.0, 0.16), light.shaded(ground), light.foot(light.season("6EA644", "D3E0F0"))
    hill(c, place, Ridge.of(swell_ridge, place, c), crest, dark, foot, 0.35)
    bushes(canvas.band(0.1, 0.6), place, light, swell_ridge, 0.045, 0.10)


def near_hill(canvas: Canvas, place: Place, light: Light) -> None:
    """A slope that rises to one side, with bushes."""
    c, ground = canvas.band(0.3, 1), light.season("7DB248", "EDF3FA")
    hill(c, place, Ridge.of(near_ridge, place, c), light.lit(ground), light.shaded(ground), light.shaded(light.season("5E9C49", "CBDAEE")), 0.55)
    bushes(canvas.band(0.2, 1), place, light, near_ridge, 0.075, 0.15)


def front_hill(canvas: Canvas, place: Place, light: Light) -> None:
    """The ground at the viewer's feet, which rises to the other side."""
    c, ground = canvas.band(0.55, 1), light.season("5C9A45", "E3ECF7")
    hill(c, place, Ridge.of(front_ridge, place, c), light.lit(ground), light.shaded(ground), light.shaded(light.season("3F7F4A", "AFC5E2")), 0.45)
