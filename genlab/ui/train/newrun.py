"""Starting a run: from a recipe with one click, or from a form."""

import streamlit as st

from genlab.data import DataSpec
from genlab.jobs import get_queue
from genlab.models import MODELS, ModelConfig
from genlab.recipes import RECIPES, closest_run
from genlab.runs import Run, create_run, find_run, list_runs
from genlab.training import TrainPlan
from genlab.ui.data.datalink import PARAMETERS, spec_from, spec_query
from genlab.ui.data.datapick import choose_data, fill_in
from genlab.ui.shell.address import arriving, query, write_address
from genlab.ui.shell.form import field_widgets, prefill, split_fields
from genlab.ui.shell.page import errors_shown
from genlab.ui.shell.visitor import visitor_id
from genlab.ui.train.live import show_samples

FIRST, MORE = ("epochs", "batch_size", "lr"), ("lr_schedule", "seed", "max_steps", "precision", "device", "threads")
KEY = "train"


def start(plan: TrainPlan, title: str = "") -> None:
    """Make a run, put it into the queue and look at it. LabError where the plan cannot be carried out."""
    run = create_run(plan, title=title, owner=visitor_id())
    get_queue().submit(run)
    write_address(KEY, {"run": run.id})
    st.rerun()


def show_recipes() -> None:
    """One card for each recipe: what is to be seen, what came of it elsewhere, and a button that starts it."""
    runs = [run for run in list_runs() if run.status.state == "finished"]
    grid = st.grid(len(RECIPES), min_column_width=160)
    for recipe in RECIPES:
        with grid.container(border=True, height="stretch", key=f"{KEY}.card-{recipe.key}"):
            if run := closest_run(recipe, runs):
                show_samples(run)
            st.markdown(f"**{recipe.title}**  \n:small[{recipe.about}]")
            st.space("stretch")
            with errors_shown():
                if st.button("Start", key=f"{KEY}.recipe-{recipe.key}", icon=":material/play_arrow:", width="stretch",
                             type="primary" if recipe is RECIPES[0] else "secondary"):
                    start(recipe.plan, recipe.title)


@st.fragment
@errors_shown()
def new_run_form() -> None:
    """Data, model and settings, and the button that starts a run with them."""
    _take_over()
    spec = choose_data(key=f"{KEY}.data")
    _keep_images(spec)
    model = st.segmented_control("Model", list(MODELS), format_func=lambda name: MODELS[name].title, required=True,
                                 default=None if f"{KEY}.model" in st.session_state else "vae", key=f"{KEY}.model", persist_state="session",
                                 on_change=_take_lr)
    st.caption(MODELS[model].about)
    settings, training = _settings(MODELS[model].Config)
    with errors_shown():
        if st.button("Start training", key=f"{KEY}.start", type="primary", icon=":material/play_arrow:", disabled=spec is None, width="stretch"):
            start(TrainPlan(model=model, data=spec, settings=settings, **training))


def _take_lr() -> None:
    """Another model comes with its own learning rate."""
    prefill({"lr": MODELS[st.session_state[f"{KEY}.model"]].lr}, key=KEY)


def _settings(Config: type[ModelConfig]) -> tuple[dict, dict]:
    """What a person chose of the model's settings and of the training's."""
    first, rest = split_fields(Config)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        settings, training = field_widgets(Config, first, key=KEY), field_widgets(TrainPlan, FIRST, key=KEY)
    with st.expander("More settings", key=f"{KEY}.more"), st.container(horizontal=True, vertical_alignment="bottom"):
        return settings | field_widgets(Config, rest, key=KEY), training | field_widgets(TrainPlan, MORE, key=KEY)


def _take_over() -> None:
    """Fill the form with all settings of the run that ?like= names, once, and with the images that the address names."""
    asked = query()
    like = asked.get("like")
    if like and st.session_state.get(f"{KEY}.like") != like:
        st.session_state[f"{KEY}.like"] = like
        _take_plan(find_run(like).plan)
    if arriving(f"{KEY}.data") and "images" in asked:
        fill_in(spec_from(asked), key=f"{KEY}.data")


def _keep_images(spec: DataSpec | None) -> None:
    """Name one's own images in the address, so that a reload finds them again; any others where the address names some already."""
    asked = query()
    name = st.session_state[f"{KEY}.data.name"]
    if "run" in asked or name != "own" and "images" not in asked:
        return
    others = {key: value for key, value in asked.items() if key not in PARAMETERS}
    images = {"images": name} if spec is None else {} if spec.path and "upload" not in spec_query(spec) else spec_query(spec)
    write_address(f"{KEY}.data", others | {key: str(value) for key, value in images.items()})


def _take_plan(plan: TrainPlan) -> None:
    fields = plan.model_dump()
    prefill({name: fields[name] for name in ("model", *FIRST, *MORE) if name not in ("precision", "device", "threads")}, key=KEY)
    prefill(plan.settings, key=KEY)
    fill_in(plan.data, key=f"{KEY}.data")


def run_to_show(runs: list[Run]) -> Run | None:
    """What to look at while no run is chosen: one's own newest that came to its end, else what a recipe gave, else any."""
    done = [run for run in runs if run.status.state == "finished"]
    own = [run for run in done if not run.is_shipped and run.config.owner == visitor_id()]
    cooked = (run for recipe in RECIPES if (run := closest_run(recipe, done)))
    return next(iter(own), None) or next(cooked, None) or next(iter(done), None)
