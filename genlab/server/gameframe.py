"""The messages of /api/game. A browser sends JSON; the server sends frames in binary and everything else as JSON.

Browser to server
    {"op": "new", "game": "ID", "config": {...}, "played": "300~D5"}   a game from its beginning, with what was played of it
    {"op": "back", "game": "ID"}                       the game of this page that was left by a lost connection; "gone" where there is none
    {"op": "play"} {"op": "pause"}                     pause takes hold when the round is over
    {"op": "pace", "value": 100}                       rounds a second, 0 for as many as go
    {"op": "take", "who": "round" | "D" | "G"}         one, then rest
    {"op": "set", "name": "k", "value": 5}             a live setting
    {"op": "hide", "value": true}                      the page is out of sight, or in sight again
    {"op": "seen"}                                     a frame was drawn: without it no more come, and the game stands still

Server to browser, JSON with a kind
    new       config, real points, modes, extent       the game begins
    state     config, is_playing, is_again, played     what holds now; played is null while it is played again, or too long for a link
    measured  the numbers of Measured.row, and health
    refused   text                                     what was asked for cannot be done
    gone                                               to "back": there is no such game

A frame, little-endian
    offset 0    u8   version, 1
           1    u8   1: it plays; 2: it plays again what was played; 0: it rests
           2    u8   cells: side of the heat map
           3    u8   lines and 4 u8 columns of G's warped grid
           6    u16  n: fakes
           8    u32  updates of D, 12 u32 of G
          16    f32  ten numbers: loss of D, loss of G (means since the last frame, NaN without), D's accuracy on real and on fakes,
                     gradient norms of D and of G, border and reach of the heat map, rounds a second, length that an arrow of 32767 has
          56    i16  n fakes (x, y) in steps of 2 EXTENT / 32767, then n arrows, then lines x columns crossings like fakes
          ...   u8   cells x cells of the heat map from the bottom row up, see genlab.game.view.shades
"""

import json
import struct

import numpy as np

from genlab.data.shapes2d import EXTENT
from genlab.game import Game, arrows, shades, warped_grid
from genlab.game.engine import SHOWN
from genlab.game.health import Health
from genlab.objectives import adversarial

VERSION = 1
HEAD = struct.Struct("<BBBBBxHII10f")
REACH = 2 * EXTENT   # of places: G leaves the plane at times


def pack_frame(game: Game, state: int, losses: tuple[float, float], rate: float) -> bytes:
    """What is drawn of a game now."""
    fakes, ways = arrows(game)
    scores = game.scores(512)
    heat, border, reach = shades(game, scores)
    grid = warped_grid(game)
    right = (float(v) for v in adversarial.accuracy(game.config.loss, *scores))
    longest = float(np.nan_to_num(np.abs(ways), posinf=1.0).max()) or 1.0
    head = HEAD.pack(VERSION, state, len(heat), *grid.shape[:2], len(fakes), game.steps_D, game.steps_G, *losses, *right,
                     game.gradient_norm("D"), game.gradient_norm("G"), border, reach, rate, longest)
    return b"".join([head, steps(fakes, REACH), steps(ways, longest), steps(grid, REACH), heat.tobytes()])


def steps(values: np.ndarray, reach: float) -> bytes:
    """Numbers as whole ones, 32767 for `reach` and beyond."""
    return np.rint(np.clip(np.nan_to_num(values) / reach, -1, 1) * 32767).astype("<i2").tobytes()


def read_frame(message: bytes) -> dict:
    """A frame's numbers and arrays by name, as a browser sees them."""
    version, state, cells, lines, columns, n, steps_D, steps_G, *numbers = HEAD.unpack_from(message)
    names = ("loss_D", "loss_G", "acc_real", "acc_fake", "grad_D", "grad_G", "border", "reach", "rate", "longest")
    places = np.frombuffer(message, "<i2", 4 * n + 2 * lines * columns, HEAD.size) / 32767
    heat = np.frombuffer(message, np.uint8, cells * cells, HEAD.size + 2 * len(places)).reshape(cells, cells)
    found = {"version": version, "state": state, "steps_D": steps_D, "steps_G": steps_G, **dict(zip(names, numbers, strict=True))}
    return {**found, "fakes": REACH * places[: 2 * n].reshape(n, 2), "arrows": found["longest"] * places[2 * n : 4 * n].reshape(n, 2),
            "grid": REACH * places[4 * n :].reshape(lines, columns, 2), "heat": heat}


def new_message(game: Game) -> str:
    """What a browser needs once of a game: always the same real points stand for the data."""
    modes = game.data.modes
    return told("new", config=game.config.model_dump(), extent=EXTENT, real=np.round(game.pool[:SHOWN].numpy().astype(float), 3).tolist(),
                modes=None if modes is None else np.round(modes.astype(float), 3).tolist())


def told(kind: str, **values: object) -> str:
    """A message of this kind; numbers that are not finite become null, which JSON knows."""
    return json.dumps({"kind": kind, **{name: _plain(value) for name, value in values.items()}})


def health_values(health: Health) -> dict:
    """A verdict as JSON."""
    return {"state": health.state, "words": health.words, "reason": health.reason,
            "remedies": [{"label": r.label, "changes": r.changes} for r in health.remedies]}


def _plain(value: object) -> object:
    return None if isinstance(value, float) and not np.isfinite(value) else value
