"""Paths through latent space as films: decoded ahead, played at the pace of the screen, beside each other and in step."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from genlab.errors import LabError
from genlab.lens.models import NEWEST
from genlab.ui.explore.decoding import connection, packed, target
from genlab.ui.shell.components import component

_player = component("player", html="explore/player/player.html", css="explore/player/player.css", js="explore/player/player.js")
_pace = component("pace", html="explore/player/pace.html", css="train/panel.css", js="explore/player/pace.js")


@dataclass(frozen=True)
class Film:
    """One run's way along a path: z is float32 (T, D), at a kept step or its newest weights."""

    run_id: str
    label: str
    z: np.ndarray
    step: int = NEWEST


def show_player(films: Sequence[Film], stops: Sequence[tuple[int, str]], *, closed: bool, key: str, size_px: int = 340) -> None:
    """Films of as many frames each, with a strip, a slider and buttons; a closed path is played round, an open one there and back.

    stops : frame and name of what is marked below the slider. All frames are fetched before it plays; no rerun of the page
    interrupts it unless a path has changed.
    """
    if not films or len({len(film.z) for film in films}) != 1:
        raise LabError(f"player: films of {[len(film.z) for film in films]} frames; one film, or several as long as each other, are needed")
    views = [{"target": target(film.run_id, film.step), "label": film.label, "z": packed(film.z), "dim": film.z.shape[1]} for film in films]
    _player(key=key, height="content", data={
        **connection(), "key": key, "views": views, "frames": len(films[0].z), "closed": closed, "size": size_px,
        "stops": [{"frame": int(frame), "name": name} for frame, name in stops],
        "cast": _digest([film.label for film in films]), "stamp": _digest([views, closed, [list(map(str, stop)) for stop in stops]])})


def show_pace(lines: Sequence[tuple[str, np.ndarray]], unit: str, *, key: str, player: str) -> None:
    """The distance from each picture of a film to the next, a line for each film; the crosshair goes with the player of that key."""
    _pace(key=key, height="content", data={"key": player, "unit": unit, "about": f"distance from each picture to the next, in {unit}",
                                           "lines": [{"label": label, "y": np.round(y.astype(float), 5).tolist()} for label, y in lines]})


def _digest(value: object) -> str:
    return hashlib.blake2b(json.dumps(value).encode(), digest_size=8).hexdigest()
