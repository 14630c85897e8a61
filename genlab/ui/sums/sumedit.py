"""One attribute of one picture, moved along its direction: by hand at the pace of the screen, and what moves with it."""

from dataclasses import dataclass

import numpy as np
import streamlit as st

from genlab.data.faces import FACTORS
from genlab.judge.judge import Judge, load_judge
from genlab.latent.arithmetic import residual
from genlab.latent.directions import METHODS
from genlab.lens.codes import Codes
from genlab.lens.models import ServedModel
from genlab.runs import Run
from genlab.sums.entanglement import Entanglement, entanglement, named_directions, own_share
from genlab.ui.data.facts import show_moves
from genlab.ui.explore.scrubber import Axis, Look, View, scrubber
from genlab.ui.explore.startpoint import Start, choose_start, forget_start
from genlab.ui.shell.address import asked
from genlab.ui.shell.links import z_from_text, z_to_text
from genlab.ui.shell.lockpick import choose_locked
from genlab.ui.shell.page import errors_shown
from genlab.ui.shell.wall import label, value_words

WAYS = {"ridge": "Ridge", "means": "Difference of means", "logistic": "Logistic"}
HELP = ("Ridge: how codes move when an attribute grows and all other known ones stay. Difference of means: those who have it less those who "
        "have not, with all that goes along. Logistic: straight across the plane that best parts the two.")
LOCK = "The direction is made orthogonal to these: moving along it changes nothing that is read along these."
REACH = 5.0   # spreads to each side


@dataclass(frozen=True)
class Direction:
    """One attribute's direction, a spread of the codes long, and how it was found."""

    name: str
    vector: np.ndarray
    method: str
    locked: tuple[str, ...]

    @property
    def query(self) -> dict[str, str]:
        lock = {"lock": ",".join(self.locked)} if self.locked else {}
        return {"move": self.name, "how": self.method} | lock


def choose_direction(codes: Codes, *, key: str) -> Direction:
    """The direction that a person chose, or that the address asks for; LabError where there is none."""
    if f"{key}.how" not in st.session_state:
        wanted = asked(key, "how")
        st.session_state[f"{key}.how"] = wanted if wanted in METHODS else "ridge"
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        place = st.container(width=230)
        method = st.pills("Direction by", list(METHODS), format_func=WAYS.get, key=f"{key}.how", required=True, persist_state="session", help=HELP,
                          wrap=True)
        names = list(named_directions(codes, method))
        with st.container(width=330):
            locked = choose_locked(names, key=key, about=LOCK)
    found = named_directions(codes, method, tuple(locked))
    if st.session_state.get(f"{key}.move") not in found:
        wanted = asked(key, "move") or "glasses"
        st.session_state[f"{key}.move"] = wanted if wanted in found else next(iter(found))
    name = place.selectbox("Move", list(found), key=f"{key}.move", persist_state="session")
    return Direction(name, found[name], method, tuple(locked))


def forget_edit(key: str) -> None:
    """Let the address decide again."""
    forget_start(key)
    for name in ("how", "move", "lock", "of"):
        st.session_state.pop(f"{key}.{name}", None)
    st.session_state[f"{key}.amount"] = asked(key, "by")


def choose_picture(run: Run, model: ServedModel, codes: Codes, answer: np.ndarray | None, *, key: str) -> Start:
    """What is edited: the answer of the sum above, or another picture."""
    kinds = {"answer": "The answer above", "other": "Another picture"} if answer is not None else {"other": "A picture"}
    if st.session_state.get(f"{key}.of") not in kinds:
        st.session_state[f"{key}.of"] = "other" if asked(key, "from") else next(iter(kinds))
    row = st.container(horizontal=True, vertical_alignment="bottom", gap="medium")
    if row.pills("Edit", list(kinds), format_func=kinds.get, key=f"{key}.of", required=True, persist_state="session") == "answer":
        return Start(answer, "")
    return choose_start(run, model, codes, row=row, key=key)


def show_edit(run: Run, model: ServedModel, start: Start, direction: Direction, *, key: str) -> dict[str, str]:
    """The picture with a slider for the direction, and beside it what the model could not represent; what the address says of it."""
    pictures = [] if start.x is None else [("Original", start.x)]
    x_hat = _decoded(model, start.z)
    pictures.append(("Rebuilt" if pictures else "Unmoved", x_hat))
    if start.x is not None:
        pictures.append(("Not represented", residual(start.x, x_hat)))
    axis = Axis(direction.name, direction.vector, -REACH, REACH)
    found = scrubber(key, start.z, [axis], [View(run.id)], amounts=_amount(key), look=Look(size_px=300, pictures=pictures))
    if start.x is not None:
        off = float(np.sqrt(np.square((start.x.astype(float) - x_hat) / 255).mean()))
        st.caption(f"Not represented is what the picture has and its reconstruction lacks, grey where nothing is missing: {100 * off:.1f} % of full "
                   "brightness on average (root mean square).")
    if run.plan.data.name == "faces" and found.amounts.any():
        with errors_shown():
            st.markdown(_changes(load_judge(), x_hat, _decoded(model, found.z)))
    return ({"by": z_to_text(found.amounts)} if found.amounts.any() else {}) | ({"from": start.name} if start.name else {})


def _amount(key: str) -> np.ndarray | None:
    text = st.session_state.pop(f"{key}.amount", "")
    with errors_shown():
        return z_from_text(text, 1).astype(float).clip(-REACH, REACH) if text else None


def _decoded(model: ServedModel, z: np.ndarray) -> np.ndarray:
    return model.decode(z[None])[0].transpose(2, 0, 1)


def _changes(judge: Judge, before: np.ndarray, after: np.ndarray) -> str:
    """What the judge reads otherwise in two pictures."""
    read = judge.read(np.stack([before, after]))
    said = []
    for a in FACTORS:
        old, new = map(float, read[a.name])
        if a.kind == "binary" and old != new:
            said.append(f"{label(a.name)} {' → '.join(f'{c:.2f}' for c in read.chance(a.name))}")
        elif a.kind == "categorical" and old != new or a.kind == "continuous" and abs(new - old) > 0.15 * (a.high - a.low):
            said.append(f"{label(a.name)} {value_words(a, old)} → {value_words(a, new)}")
    return f"**The judge reads otherwise than before:** {', '.join(said) or 'nothing yet; move further'}."


def show_entanglement(run: Run, direction: Direction, *, key: str) -> None:
    """How much each direction moves each attribute, when somebody asks."""
    st.markdown("**What else moves**")
    wanted = (run.id, direction.method, direction.locked)
    if st.session_state.get(f"{key}.measured") != wanted:
        st.caption("Each direction is followed for 48 faces, and the judge reads what changes: a few seconds.")
        if not st.button("Measure all directions", key=f"{key}.measure", icon=":material/grid_on:"):
            return
        st.session_state[f"{key}.measured"] = wanted
    with st.spinner("Moving faces along each direction"):
        found = entanglement(run.id, method=direction.method, locked=direction.locked)
    show_moves(found.rows, found.columns, found.moves, _summary(found, direction.name), key=f"{key}.matrix")


def _summary(found: Entanglement, name: str) -> str:
    rows = [label(row) for row in found.rows]
    shares = {row: own_share(row, found.columns, moves) for row, moves in zip(found.rows, found.moves, strict=True)}
    worst = label(min(shares, key=shares.get))
    if name not in rows:
        return f"Rows are directions, columns what they move. The most entangled is {worst}."
    own = shares[found.rows[rows.index(name)]]
    return f"{100 * own:.0f} % of what {name} moves is {name} itself. The most entangled is {worst}, with {100 * min(shares.values()):.0f} %."
