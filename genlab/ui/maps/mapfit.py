"""How a map is made: its settings, and what is seen while it is being fitted."""

import streamlit as st

from genlab.errors import ConfigError
from genlab.jobs import running_queue
from genlab.jobs.tasks import AT_REST, FAILED, look, submit, task_id, warm
from genlab.latent.projection import METHODS
from genlab.maps import LatentMap, MapPlan
from genlab.maps.make import FILM_MOMENTS
from genlab.maps.plan import MOST
from genlab.models import find_model
from genlab.runs import Run, list_runs
from genlab.runs.weights import whole_steps
from genlab.settings import build_config
from genlab.ui.shell.address import asked
from genlab.ui.shell.page import errors_shown
from genlab.ui.shell.progress import show_progress

FIT = "genlab.maps.store:fit_map"
FIELDS = ("method", "dims", "n", "neighbours", "min_dist", "metric", "seed", "prior")


def asked_plan(key: str) -> MapPlan:
    """The plan that the address asks for, else the one of shipped maps."""
    values = {name: asked(key, name) for name in FIELDS if asked(key, name)}
    with errors_shown():
        return build_config(MapPlan, values | ({"dims": int(values["dims"])} if values.get("dims", "") in ("2", "3") else {}))
    return MapPlan()


def plan_query(plan: MapPlan) -> dict[str, str]:
    """The parameters of an address that stand for a plan: those that differ from the shipped maps' own."""
    return {name: str(getattr(plan, name)) for name in FIELDS if getattr(plan, name) != MapPlan.model_fields[name].default}


def choose_plan(plan: MapPlan, *, key: str) -> MapPlan | None:
    """Settings of a map, at first these; the plan when somebody asks for it, None otherwise."""
    if running_queue():
        warm()   # compiled code is ready when the button is pressed
    field = MapPlan.model_fields
    with st.popover("How it is made", icon=":material/tune:"), st.form(f"{key}.form", border=False):
        method = st.segmented_control("Method", list(METHODS), default=plan.method, format_func=METHODS.get, help=field["method"].description)
        dims = st.segmented_control("Dimensions", [2, 3], default=plan.dims, format_func=lambda d: f"{d}D", help=field["dims"].description)
        left, right = st.columns(2)
        n = left.number_input("Images", 5, MOST, plan.n, step=500, help=field["n"].description)
        neighbours = right.number_input("Neighbours", 2, 200, plan.neighbours, help=field["neighbours"].description)
        min_dist = left.number_input("Smallest distance", 0.0, 0.99, plan.min_dist, step=0.05, help=field["min_dist"].description)
        metric = right.selectbox("Metric", metrics(), metrics().index(plan.metric), help=field["metric"].description)
        prior = left.number_input("Prior draws", 0, 5000, plan.prior, step=100, help=field["prior"].description)
        seed = right.number_input("Seed", 0, 2**31 - 1, plan.seed, help=field["seed"].description)
        if not st.form_submit_button("Make the map", type="primary", icon=":material/map:"):
            return None
    return build_config(MapPlan, {"method": method or plan.method, "dims": dims or plan.dims, "n": int(n), "neighbours": int(neighbours),
                                  "min_dist": round(min_dist, 4), "metric": metric, "seed": int(seed), "prior": int(prior)})


def metrics() -> list[str]:
    return list(MapPlan.model_json_schema()["properties"]["metric"]["enum"])


def fit_in_background(run: Run, step: int, plan: MapPlan, *, film: bool = False) -> str:
    """Have a map fitted beside the workers; the task's id."""
    if not run.snapshots():
        raise ConfigError(f"{run.id}: it has no weights yet")
    return submit(FIT, run=run.id, step=step, plan=plan.model_dump(), film=film)


def fit_id(run: Run, step: int, plan: MapPlan, *, film: bool = False) -> str:
    """The id that the task of this map has or would have."""
    return task_id(FIT, run=run.id, step=step, plan=plan.model_dump(), film=film)


def shipped_with_film(run: Run) -> list[Run]:
    """Shipped runs on the same kind of images that can encode at several moments."""
    return [other for other in list_runs() if other.is_shipped and other != run and other.plan.data.name == run.plan.data.name
            and find_model(other.plan.model).can_encode and len(whole_steps(other)) > 1]


def offer_film(run: Run, found: LatentMap, *, key: str) -> None:
    """The map through the run's training: a button that makes it, or why it can't be."""
    st.subheader("Through the training", anchor=False)
    whole = whole_steps(run)
    if len(whole) < 2:
        st.caption("Only the newest snapshot of this run can still encode, so there are no earlier maps. Runs trained here keep all of theirs.")
        for other in shipped_with_film(run):
            st.page_link("explore/map.py", label=f"The map of \u201c{other.title}\u201d through its training", icon=":material/movie:",
                         query_params={"run": other.id}, width="content")
        return
    task = fit_id(run, found.step, found.plan, film=True)
    if look(task).state in AT_REST or look(task).updated_at == 0:
        if st.button(f"Make the maps of {min(len(whole), FILM_MOMENTS)} moments", key=f"{key}.film", icon=":material/movie:",
                     help="The same images at each moment, laid onto each other. It takes about as long as a map for each moment."):
            fit_in_background(run, found.step, found.plan, film=True)
            st.rerun()
        if look(task).state == FAILED:
            st.error(look(task).error, icon=":material/error:")
        return
    show_progress(task, key=f"{key}.film", about="Making the maps")
