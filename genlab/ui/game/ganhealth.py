"""How a game goes, in words, and remedies for one click: in flight, or in a fork beside it."""

import streamlit as st

from genlab.diagnose.health import Remedy, findings
from genlab.errors import LabError
from genlab.jobs import get_queue
from genlab.runs import Run, fork, list_runs, send
from genlab.runs.store import TITLE_LENGTH
from genlab.runs.weights import is_whole
from genlab.ui.shell.visitor import visitor_id
from genlab.ui.train.charts import compare_runs
from genlab.ui.train.controls import is_mine, live_values

KEY = "gan"
LOOK_S = 4.0
FORK_SHARE, FEWEST = 4, 10   # a fork trains on for a fourth of the epochs, 10 at least
MOST_FORKS = 3


def is_live(run: Run) -> bool:
    return run.status.state in ("queued", "running", "paused")


def show_health(run: Run) -> None:
    """What there is to say of this game, the gravest first, and what may help."""
    plan = run.plan
    live = {**live_values(run), "lr_schedule": plan.lr_schedule, "norm_D": plan.settings.get("norm_D", "none")}
    found = findings(run.metrics()[0], live)
    sentences = "  \n".join(finding.sentence for finding in found)
    if found[0].is_well:
        st.info(sentences, icon=":material/info:" if found[0].kind == "early" else ":material/check_circle:")
    else:
        st.warning(sentences, icon=":material/healing:")
    _offer(run, {remedy.label: remedy for finding in found for remedy in finding.remedies})
    if fault := st.session_state.pop(f"{KEY}.fault", ""):
        st.error(fault, icon=":material/error:")


def _offer(run: Run, remedies: dict[str, Remedy]) -> None:
    """A button for each remedy: now where one may steer the run, in a fork where it has whole weights."""
    in_flight, step = is_mine(run) and run.status.state in ("running", "paused"), fork_step(run)
    with st.container(horizontal=True, gap="small", key=f"{KEY}.remedies"):
        for i, (label, remedy) in enumerate(remedies.items()):
            if in_flight and not remedy.lr_schedule:
                st.button(f"Apply {label}", key=f"{KEY}.now-{i}", icon=":material/bolt:", on_click=_apply, args=(run, remedy),
                          help=f"Now, while it trains: {remedy.about}.")
            if step is not None:
                st.button(f"Fork with {label}", key=f"{KEY}.fork-{i}", icon=":material/call_split:", on_click=_fork, args=(run, step, remedy),
                          help=f"In a new run beside this one, from step {step}: {remedy.about}.")


def fork_step(run: Run) -> int | None:
    """The step to fork from: the best one at rest, the newest while it trains; None without weights that hold D."""
    whole = [step for step in run.snapshots() if is_whole(run.weights_path(step))]
    best = run.written_status.best_step
    return best if best in whole and not is_live(run) else whole[-1] if whole else None


def _apply(run: Run, remedy: Remedy) -> None:
    try:
        for name, value in remedy.settings.items():
            send(run, "set", name, value)
    except LabError as error:
        st.session_state[f"{KEY}.fault"] = str(error)
    st.session_state["train.nudge"] = st.session_state.get("train.nudge", 0) + 1


def _fork(run: Run, step: int, remedy: Remedy) -> None:
    """Train on beside it with the remedy, and with all that was changed in flight before."""
    now = live_values(run) | remedy.settings
    changes = {"lr": now.pop("lr"), "settings": now, "epochs": max(FEWEST, run.plan.epochs // FORK_SHARE)}
    if remedy.lr_schedule:
        changes["lr_schedule"] = remedy.lr_schedule
    try:
        child = fork(run, step, changes=changes, title=f"{run.title}, {remedy.label}"[:TITLE_LENGTH], owner=visitor_id())
        get_queue().submit(child)
    except LabError as error:
        st.session_state[f"{KEY}.fault"] = str(error)
    else:
        st.session_state[f"{KEY}.run"] = child.id


def show_family(run: Run) -> None:
    """The run beside what it was forked from, or beside its forks: their KID, and what each makes up."""
    parent = (run.config.parent or {}).get("run")
    family = [r for r in list_runs() if r != run and (r.id == parent or (r.config.parent or {}).get("run") == run.id)]
    if family := [r for r in family if r.is_shipped or is_mine(r)][:MOST_FORKS]:
        st.subheader("Beside its fork" if parent is None else "Beside the run it was forked from", anchor=False)
        compare_runs([run, *family], metric="kid", x="epochs", split="held-out", key=f"{KEY}.family")
