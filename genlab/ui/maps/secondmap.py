"""A second map beside the first: another run on the same images, or another moment of this one. What is chosen in one lights up in both."""

from dataclasses import dataclass

import streamlit as st

from genlab.data import resolve
from genlab.jobs.tasks import AT_REST, look
from genlab.maps import MapPlan, find_map, map_step
from genlab.runs import Run, find_run, list_runs
from genlab.runs.weights import is_whole
from genlab.ui.maps.mapfit import fit_id, fit_in_background
from genlab.ui.maps.mapview import group_of, show_map
from genlab.ui.shell.progress import show_progress
from genlab.ui.shell.text import distinct
from genlab.ui.train.controls import is_mine


@dataclass(frozen=True)
class Second:
    """Which map stands beside: of a run at a kept step."""

    run: Run
    step: int

    @property
    def name(self) -> str:
        return f"{self.run.id}@{self.step}"


def choose_beside(run: Run, *, key: str) -> Second | None:
    """The second map that a person chose, None for none."""
    there = distinct({second.name: words for second, words in _candidates(run)})
    if not there:
        return None
    asked = st.session_state.get(f"{key}.beside") or ""
    names = ["", *there]
    st.session_state.setdefault(f"{key}.second", asked if asked in there else "")
    if st.session_state[f"{key}.second"] not in names:
        st.session_state[f"{key}.second"] = ""
    chosen = st.selectbox("Beside it", names, format_func=lambda name: there.get(name, "nothing"), key=f"{key}.second",
                          help="Another run on the same images, or another moment of this one. What is chosen in one map lights up in both.")
    if not chosen:
        return None
    run_id, _, step = chosen.rpartition("@")
    return Second(find_run(run_id), int(step))


def _candidates(run: Run) -> list[tuple[Second, str]]:
    """Runs whose held-out images are the same, then earlier moments of this one that can still encode."""
    group, found = group_of(resolve(run.plan.data)), []
    for other in list_runs():
        if other.id != run.id and other.snapshots() and (other.is_shipped or is_mine(other)) and group_of(resolve(other.plan.data)) == group:
            found.append((Second(other, map_step(other)), other.title))
    steps = [step for step in run.snapshots()[:-1] if is_whole(run.weights_path(step))]
    return [*found, *((Second(run, step), f"this run at step {step}") for step in steps)]


def show_beside(second: Second, plan: MapPlan, *, key: str) -> None:
    """The second map, or its making."""
    there = find_map(second.run, plan, second.step)
    if there:
        show_map(second.run, *there, key=f"{key}.view2", height=430, small=True)
        true = there[1].fidelity
        st.caption(f"{second.run.title}, step {second.step}. Trustworthiness {true['trustworthiness']:.3f}, agreement {true['agreement']:.2f}.")
        return
    task = fit_id(second.run, second.step, plan)
    if look(task).updated_at == 0 or look(task).state in AT_REST and st.session_state.get(f"{key}.asked_beside") != task:
        fit_in_background(second.run, second.step, plan)
    st.session_state[f"{key}.asked_beside"] = task
    show_progress(task, key=f"{key}.two", about="Making the second map")


def beside_query(second: Second | None) -> dict[str, str]:
    """The parameter of an address that stands for it."""
    return {"beside": second.name} if second else {}
