"""Choosing one of a run's images by its looks."""

from genlab.runs import Run
from genlab.server.address import address
from genlab.ui.shell.components import component

SIDE = 46   # pixels on the screen of each

_pick = component("pick", html="explore/pick/pick.html", css="explore/pick/pick.css", js="explore/pick/pick.js")


def pick_image(run: Run, numbers: range, *, picked: int, key: str) -> int:
    """The image of the run, by number, that was chosen among `numbers`; `picked`, which may be another, until then."""
    listed = ",".join(map(str, numbers))
    result = _pick(key=key, height="content", on_picked_change=lambda: None, default={"picked": picked}, data={
        "sheet": address("thumb", "run", run.id, "seen", f"{listed}.png", columns=len(numbers)), "numbers": list(numbers),
        "picked": picked, "side": SIDE})
    return result.picked if isinstance(result.picked, int) and result.picked in numbers else picked
