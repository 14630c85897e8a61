"""Choosing other runs to look at beside the one that a page is about."""

from collections.abc import Callable

import streamlit as st

from genlab.runs import Run, list_runs
from genlab.ui.shell.address import asked
from genlab.ui.shell.text import distinct
from genlab.ui.train.controls import is_mine

MOST = 3
NOBODY = "none"


def choose_companions(run: Run, fits: Callable[[Run], bool], *, key: str) -> list[Run]:
    """Runs that fit beside this one, as chosen or as ?beside= asks; at first one that learned the same images in another way."""
    named = asked(key, "beside").split(",")
    others = {r.id: r for r in list_runs() if r != run and r.snapshots() and (r.is_shipped or is_mine(r) or r.id in named) and fits(r)}
    if st.session_state.get(f"{key}.beside_of") != run.id:
        st.session_state[f"{key}.beside_of"] = run.id
        st.session_state[f"{key}.beside"] = named if asked(key, "beside") else _first(run, list(others.values()))
    st.session_state[f"{key}.beside"] = [r for r in st.session_state.get(f"{key}.beside", []) if r in others][:MOST]
    titles = distinct({i: r.title for i, r in others.items()})
    chosen = st.multiselect("Beside it", list(others), format_func=titles.get, key=f"{key}.beside", max_selections=MOST,
                            persist_state="session", placeholder="another run" if others else "no other run can take this path",
                            help="Images have a code in every run that learned images of this kind and encodes. A draw or a walk means the same "
                                 "only in runs whose latents have the same length.")
    return [others[run_id] for run_id in chosen]


def forget_companions(key: str) -> None:
    """Let the address decide again."""
    st.session_state.pop(f"{key}.beside_of", None)


def beside_query(companions: list[Run]) -> str:
    return ",".join(r.id for r in companions) or NOBODY


def _first(run: Run, others: list[Run]) -> list[str]:
    """The run that differs in its kind of model and in as little else as possible."""
    plan = run.plan
    rivals = [r for r in others if r.plan.model != plan.model]
    near = sorted(rivals, key=lambda r: (r.space.dim != run.space.dim, r.plan.data != plan.data, not r.is_shipped))
    return [r.id for r in near[:1]]
