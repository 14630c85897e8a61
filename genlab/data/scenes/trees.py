"""Trees laid onto the picture, farthest first."""

from genlab.data.scenes.canvas import Canvas
from genlab.data.scenes.foliage import fir, round_tree, shadow
from genlab.data.scenes.grove import Ground, Grove, Trees
from genlab.data.scenes.light import Light
from genlab.data.scenes.place import Place
from genlab.data.scenes.sprites import Sprites


def trees(canvas: Canvas, place: Place, light: Light, ground: Ground) -> None:
    """The trees of one ground: all firs and all round trees are painted at once, then laid down one number after the other."""
    grove, painted = Grove(place, ground), []
    for kind, painter in ((grove.is_fir, fir), (~grove.is_fir, round_tree)):
        t = Trees(grove, kind & (grove.grown > 0), place, light, ground)
        if len(t.which):
            s = Sprites.cut(canvas, t.which, t.x, t.y - 0.48 * ground.tallest, 0.52 * ground.tallest, 0.56 * ground.tallest)
            shadow(s, t)
            painter(s, t)
            painted.append((t, s))
    for slot in range(len(ground.about)):
        for t, s in painted:
            index = (t.slot == slot).nonzero().flatten()
            if len(index):
                s.take(index).stamp(canvas)
