"""What can be asked of a run: buttons for its state, and settings that change while it trains."""

from collections.abc import Callable

import streamlit as st
from pydantic.fields import FieldInfo

from genlab.data.record import GO_ON
from genlab.errors import LabError
from genlab.jobs import get_queue
from genlab.models import find_model
from genlab.runs import Run, fixed_end, lengthen, live_names, send
from genlab.runs.images import go_on_with_same
from genlab.settings import build_config
from genlab.training import TrainPlan
from genlab.ui.shell.form import choices, label_of, ladder, limits
from genlab.ui.shell.visitor import visitor_id

KEY = "train"
AT_REST = ("stopped", "parked", "interrupted", "failed", "finished")


def is_mine(run: Run) -> bool:
    """True if this visitor may control, rename and delete the run: it is theirs, or was made on the command line."""
    return run.belongs_to(visitor_id())


def show_controls(run: Run) -> None:
    """The buttons that make sense now; none for a run of somebody else."""
    if not is_mine(run):
        st.caption("Shipped with the lab." if run.is_shipped else "Somebody else's run: you can watch it and start one like it.", width="content")
        return
    state = run.status.state
    if state == "running":
        _button("Pause", "pause", "pause", lambda: send(run, "pause"))
    if state == "paused":
        _button("Resume", "resume", "play_arrow", lambda: send(run, "resume"), primary=True)
        _button("One step", "step", "skip_next", lambda: send(run, "step"))
    if state in ("queued", "running", "paused"):
        _button("Stop", "stop", "stop", lambda: get_queue().stop(run))
    diverged = state == "failed" and run.events()[-1:] and run.events()[-1]["kind"] == "diverged"
    if diverged:
        half = live_values(run)["lr"] / 2
        _button("Resume with half the learning rate", "halve", "speed", lambda: get_queue().resume(run, {"lr": half}), primary=True,
                help_text=f"Goes on from the last good state with {half:g}.")
    if state in ("stopped", "parked", "interrupted", "failed"):
        label = "Go on unchanged" if diverged else "Try again" if state == "failed" else "Go on"
        _button(label, "resume", "play_arrow", lambda: get_queue().resume(run), primary=not diverged)
    if state in AT_REST and GO_ON in run.status.message:
        _button("Go on with the same images", "same", "rule", lambda: _go_on_with_same(run), help_text="With those that are as they were.")
    if state == "finished" and not fixed_end(run.plan):
        _train_on(run)


def _go_on_with_same(run: Run) -> None:
    go_on_with_same(run)
    get_queue().resume(run)


def _train_on(run: Run) -> None:
    """More epochs for a run that has had all of its own."""
    done, most = run.plan.epochs, int(limits(TrainPlan.model_fields["epochs"])[1])
    if done == most:
        return
    with st.popover("Train on", icon=":material/more_time:", key=f"{KEY}.longer"):
        epochs = int(st.number_input("To epoch", done + 1, most, min(2 * done, most), key=f"{KEY}.to-{run.id}-{done}"))

        def act() -> None:
            lengthen(run, epochs)
            get_queue().resume(run)

        _button("Train on", "lengthen", "play_arrow", act, primary=True, help_text="As if it had been asked for in the beginning.")


def _button(label: str, name: str, icon: str, act: Callable[[], None], *, primary: bool = False, help_text: str | None = None) -> None:
    st.button(label, key=f"{KEY}.{name}", icon=f":material/{icon}:", type="primary" if primary else "secondary", help=help_text,
              on_click=_carry_out, args=(act,))


def _carry_out(act: Callable[[], None]) -> None:
    """Do what was asked, keep what went wrong for `show_fault`, and have the panel ask the server at once."""
    try:
        act()
    except LabError as error:
        st.session_state[f"{KEY}.fault"] = str(error)
    st.session_state[f"{KEY}.nudge"] = st.session_state.get(f"{KEY}.nudge", 0) + 1


def show_fault() -> None:
    """What the last request met, once."""
    if fault := st.session_state.pop(f"{KEY}.fault", ""):
        st.error(fault, icon=":material/error:")


# -- changed in flight ----------------------------------------------------------------------------------------------


def live_values(run: Run) -> dict[str, float | str]:
    """What can be changed while the run trains, with the values that hold now: the plan's, and what was changed since."""
    plan = run.plan
    values = {name: plan.lr if name == "lr" else plan.settings[name] for name in live_names(run)}
    for event in run.events():
        if event["kind"] == "changed":
            values |= {name: value for name, value in event["values"].items() if name in values}
    return values


def show_live_settings(run: Run) -> None:
    """A slider or a choice for each setting that may change while it trains; letting go of it sends the new value."""
    if not is_mine(run) or run.status.state not in ("running", "paused"):
        return
    now, Config = live_values(run), find_model(run.plan.model).Config
    closed = build_config(Config, {**run.plan.settings, **{name: value for name, value in now.items() if name != "lr"}}).closed
    with st.container(horizontal=True, gap="large", key=f"{KEY}.live"):
        for name, value in now.items():
            if name in closed:
                continue
            field, key = _field(run, name), f"{KEY}.live-{name}-{run.id}"
            keep = {"key": key, "width": 240, "help": f"{field.description} Takes effect within a step.", "on_change": _send_value,
                    "args": (run, name, key)}
            if options := choices(field):
                st.selectbox(label_of(field, name), options, options.index(value), **keep)
            else:
                values = ladder(field, value, st.session_state.get(key, value))
                st.select_slider(label_of(field, name), values, value, format_func=lambda v: f"{v:g}", **keep)


def _field(run: Run, name: str) -> FieldInfo:
    Config = TrainPlan if name == "lr" else find_model(run.plan.model).Config
    return Config.model_fields[name]


def _send_value(run: Run, name: str, key: str) -> None:
    _carry_out(lambda: send(run, "set", name, st.session_state[key]))
