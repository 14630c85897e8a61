"""Choosing which game of D and G to look into, or starting one."""

import streamlit as st

from genlab.data import DataSpec
from genlab.errors import RunError
from genlab.models import find_model
from genlab.models.adversarial import AdversarialModel
from genlab.models.dcgan import DCGANConfig
from genlab.runs import Run, find_run, list_runs
from genlab.training import TrainPlan
from genlab.ui.shell.form import field_widgets
from genlab.ui.shell.page import errors_shown
from genlab.ui.shell.text import distinct
from genlab.ui.train.controls import is_mine
from genlab.ui.train.newrun import start

KEY = "gan"
SETTINGS, TRAINING = ("loss", "r1", "width"), ("epochs",)
QUICK = {"latent_dim": 16, "width": 16}
DIGITS = DataSpec(name="digits", size=32)


def is_gan(run: Run) -> bool:
    """True for a run of a model that plays the game."""
    return issubclass(find_model(run.plan.model), AdversarialModel)


def choose_gan() -> Run | None:
    """The GAN run that ?run= names, or that was chosen last, or one to begin with; None where there is none. A run of another model is refused."""
    runs = [run for run in list_runs() if is_gan(run) and (run.is_shipped or is_mine(run) or run.id == st.query_params.get("run"))]
    by_id = {run.id: run for run in runs}
    if (asked := st.query_params.get("run")) and asked != st.session_state.get(f"{KEY}.written"):
        st.session_state[f"{KEY}.written"] = asked
        with errors_shown():
            if not is_gan(other := find_run(asked)):
                raise RunError(f"{asked}: no game of D and G is played in it ({find_model(other.plan.model).title}); choose a GAN or a DCGAN")
            st.session_state[f"{KEY}.run"] = asked
    if not runs:
        return None
    if st.session_state.get(f"{KEY}.run") not in by_id:
        st.session_state[f"{KEY}.run"] = min(runs, key=_worth).id
    titles = distinct({run_id: run.title for run_id, run in by_id.items()})
    run_id = st.sidebar.selectbox("Run", list(by_id), format_func=titles.get, key=f"{KEY}.run", persist_state="session")
    return by_id[run_id]


def _worth(run: Run) -> tuple:
    """What to open with before anybody has chosen: finished before the rest, faces before digits, the longest trained (as a fork
    also before it was one), a loss that works."""
    data, loss, trained = run.plan.data.name, run.plan.settings["loss"], run.status.step + (run.config.parent or {"step": 0})["step"]
    return (run.status.state != "finished", not run.is_shipped, data != "faces", -trained, loss != "non-saturating", -run.config.created)


def start_small(*, key: str = KEY) -> None:
    """A few settings and a button: a small DCGAN on digits, trained in the queue like any other run."""
    for name, value in QUICK.items():
        st.session_state.setdefault(f"{key}.{name}", value)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        settings = field_widgets(DCGANConfig, SETTINGS, key=key)
        training = field_widgets(TrainPlan, TRAINING, key=key)
    st.caption("1 617 digits of 32 pixels, 16 latents. 30 epochs take about half a minute on an idle core. "
               "KID and coverage are measured on the way, and the best step is kept.")
    with errors_shown(), st.container(horizontal=True, vertical_alignment="center"):
        if st.button("Train a GAN on digits", key=f"{key}.start", type="primary", icon=":material/play_arrow:"):
            plan = TrainPlan(model="dcgan", data=DIGITS, batch_size=64, lr=5e-4, settings={"latent_dim": QUICK["latent_dim"], **settings}, **training)
            start(plan, f"DCGAN on digits, {settings['loss']}")
        st.page_link("train/train.py", label="All settings", icon=":material/tune:", query_params={"new": "1"})
