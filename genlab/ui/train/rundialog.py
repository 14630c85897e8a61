"""All that can be done with one run, in a dialog: open, go on, rename, fork, export, delete."""

from contextlib import suppress

import streamlit as st

from genlab.errors import ConfigError
from genlab.jobs import get_queue
from genlab.models import find_model
from genlab.runs import Run, delete, fork, live_names, rename
from genlab.runs.folder import ACTIVE
from genlab.runs.transfer import export_onnx, export_zip
from genlab.runs.weights import whole_steps
from genlab.settings import build_config
from genlab.training import TrainPlan
from genlab.trash import KEPT_DAYS
from genlab.ui.shell.address import change_address
from genlab.ui.shell.form import choices, field_widgets, prefill
from genlab.ui.shell.page import errors_shown
from genlab.ui.shell.text import plain
from genlab.ui.shell.visitor import visitor_id
from genlab.ui.train.controls import AT_REST, is_mine, live_values
from genlab.ui.train.live import show_samples

KEY = "runs"
FORK_FIELDS = ("epochs", "lr", "batch_size", "lr_schedule", "seed", "max_steps")


def run_dialog(run: Run) -> None:
    """Everything about one run. The address says which (?run=); the dialog closes when something has changed."""
    st.dialog(plain(run.title), width="large", on_dismiss=_forget)(errors_shown()(_content))(run)


def _forget() -> None:
    change_address(run=None)


def _close() -> None:
    _forget()
    st.rerun()


def _content(run: Run) -> None:
    st.caption(f"`{run.id}`, {run.size_bytes() / 1e6:.1f} MB on disk")
    show_samples(run, width="min(100%, 30rem)")
    if run.status.state == "failed":
        st.error(run.status.message, icon=":material/error:")
    _links(run)
    if is_mine(run):
        _go_on(run)
        _rename(run)
    _fork(run)
    _export(run)
    with st.expander("Settings", icon=":material/tune:"):
        st.json(run.plan.model_dump(), expanded=2)
    if is_mine(run):
        _delete(run)


def _links(run: Run) -> None:
    with st.container(horizontal=True, gap="small"):
        for entry in (e for entries in st.session_state["menu.sections"].values() for e in entries if e.takes_run):
            st.page_link(entry.file, label=f"Open in {entry.title}", icon=f":material/{entry.icon}:", width="content", query_params={"run": run.id})


def _go_on(run: Run) -> None:
    if run.status.state in AT_REST and run.status.state != "finished" and \
            st.button("Go on", key=f"{KEY}.resume", icon=":material/play_arrow:", help="From its last state, as if it had never stopped."):
        get_queue().resume(run)
        st.switch_page("train/train.py", query_params={"run": run.id})


def _rename(run: Run) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        title = st.text_input("Title", run.title, key=f"{KEY}.title-{run.id}", max_chars=80)
        if st.button("Rename", key=f"{KEY}.rename", disabled=title.strip() == run.title):
            rename(run, title)
            _close()


# -- fork ---------------------------------------------------------------------------------------------------------


def _fork(run: Run) -> None:
    """A new run from one of its snapshots that are whole. What would make the network another is not asked for."""
    steps = whole_steps(run)
    if not steps:
        return
    key = f"{KEY}.fork-{run.id}"
    with st.expander("Fork: train on from a snapshot, with other settings", icon=":material/call_split:"):
        step = st.select_slider("From step", steps, steps[-1], key=f"{key}.step") if len(steps) > 1 else steps[0]
        Config = find_model(run.plan.model).Config
        _prefill_once(run, key)
        with st.container(horizontal=True, vertical_alignment="bottom"):
            changes = field_widgets(TrainPlan, FORK_FIELDS, key=key)
            names = [n for n in Config.model_fields if n not in Config.network_fields()]
            settings = field_widgets(Config, names, key=key, offered={n: _possible(run, n) for n in names})
        if st.button("Fork and train", key=f"{KEY}.fork", type="primary", icon=":material/call_split:"):
            child = fork(run, step, changes={**changes, "settings": settings}, owner=visitor_id())
            get_queue().submit(child)
            st.switch_page("train/train.py", query_params={"run": child.id})


def _possible(run: Run, name: str) -> tuple:
    """The choices of a field that a fork of the run can have; empty for a field without choices."""
    Config, settings = find_model(run.plan.model).Config, run.plan.settings
    found = []
    for choice in choices(Config.model_fields[name]):
        with suppress(ConfigError):
            build_config(Config, {**settings, name: choice})
            found.append(choice)
    return tuple(found)


def _prefill_once(run: Run, key: str) -> None:
    if f"{key}.epochs" in st.session_state:
        return
    plan, now = run.plan, live_values(run)
    prefill({**{name: getattr(plan, name) for name in FORK_FIELDS}, **plan.settings, **{name: now[name] for name in live_names(run)}}, key=key)


# -- out, and away ------------------------------------------------------------------------------------------------


def _export(run: Run) -> None:
    has_weights = bool(run.snapshots())
    with st.container(horizontal=True):
        st.download_button("Export as zip", lambda: export_zip(run), f"{run.id}.zip", "application/zip", key=f"{KEY}.zip", on_click="ignore",
                           icon=":material/folder_zip:", disabled=not has_weights, help="Settings, weights, curves, pictures and a model card.")
        st.download_button("Decoder as ONNX", lambda: export_onnx(run), f"{run.id}.onnx", "application/octet-stream", key=f"{KEY}.onnx",
                           on_click="ignore", icon=":material/deployed_code:", disabled=not has_weights, help="Latents in, images out.")


def _delete(run: Run) -> None:
    trains = run.status.state in ACTIVE
    reason = "Stop it first." if trains else f"It can be brought back for {KEPT_DAYS} days; then it is removed for good."
    if st.button("Delete", key=f"{KEY}.delete", icon=":material/delete:", disabled=trains, help=reason):
        if run.status.state == "queued":
            get_queue().stop(run)
        title = run.title
        delete(run)
        st.session_state[f"{KEY}.deleted"] = (run.id, title)
        _close()
