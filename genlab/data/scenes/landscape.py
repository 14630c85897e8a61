"""Landscapes painted from their factors, layer by layer from the back to the front."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from genlab.data.drawn import painted
from genlab.data.scenes import hills, sky
from genlab.data.scenes.canvas import Canvas
from genlab.data.scenes.factors import Scenes
from genlab.data.scenes.grove import FRONT, SLOPE, VALLEY
from genlab.data.scenes.house import house
from genlab.data.scenes.light import Light
from genlab.data.scenes.mountains import mountains
from genlab.data.scenes.place import Place
from genlab.data.scenes.trees import trees
from genlab.data.scenes.water import lake, river

PIXELS = 128 * 64 * 64   # pixels painted at once: few calls, and temporaries still fit in a cache


def landscapes(scenes: Scenes, size: int, device: torch.device) -> np.ndarray:
    """Landscapes as uint8 (n, 3, size, size), painted a few at a time, on as many cores as torch may use."""
    return painted(scenes, lambda part: paint(Place.of(part, device), size, device), size, PIXELS // size**2)


def paint(place: Place, size: int, device: torch.device) -> np.ndarray:
    """One batch of scenes, all at once."""
    canvas, light = Canvas.blank(len(place), size, device), Light(place)
    sky.sky(canvas, place, light)
    sky.sun(canvas, place, light)
    sky.clouds(canvas, place, light)
    mountains(canvas, place, light)
    hills.far_hills(canvas, place, light)
    hills.valley(canvas, place, light)
    some(canvas, place, light, place.has_water("lake"), lake)
    some(canvas, place, light, place.has_water("river"), river)
    trees(canvas, place, light, VALLEY)
    which = place.flat("house").nonzero().flatten()
    if len(which):
        house(canvas, place.take(which), light.take(which), which)
    hills.near_hill(canvas, place, light)
    trees(canvas, place, light, SLOPE)
    hills.front_hill(canvas, place, light)
    trees(canvas, place, light, FRONT)
    return (canvas.image.clamp_(0, 1) * 255).round_().to(torch.uint8).cpu().numpy()


def some(canvas: Canvas, place: Place, light: Light, present: Tensor, painter: Callable[[Canvas, Place, Light], None]) -> None:
    """Let a painter work on those scenes alone that have what it paints, bool (B,)."""
    index = present.nonzero().flatten()
    if len(index):
        part = replace(canvas, image=canvas.image[index])
        painter(part, place.take(index), light.take(index))
        canvas.image[index] = part.image
