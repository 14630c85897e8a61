"""What does the model think is alike? A map of its latent space."""

import streamlit as st

from genlab.jobs.tasks import ABORTED, AT_REST
from genlab.lens.models import MODELS
from genlab.maps import MapPlan, find_map, map_step, shipped_fault
from genlab.maps.message import known_of
from genlab.runs import Run, find_run
from genlab.ui.data.datahere import has_images
from genlab.ui.explore.runpick import choose_run
from genlab.ui.maps.map3d import show_solid
from genlab.ui.maps.mapabout import show_fidelity, upload_own
from genlab.ui.maps.mapfit import asked_plan, choose_plan, fit_id, fit_in_background, offer_film, plan_query
from genlab.ui.maps.mapselect import picked_links, show_selections
from genlab.ui.maps.mapview import asked_seen, show_map, to_address
from genlab.ui.maps.secondmap import Second, beside_query, choose_beside, show_beside
from genlab.ui.shell.address import arriving, asked, write_address
from genlab.ui.shell.links import copy_link
from genlab.ui.shell.page import errors_shown
from genlab.ui.shell.progress import show_progress

KEY = "map"


@st.fragment
@errors_shown()
def experiment(run_id: str, plan: MapPlan, step: int, second: Second | None) -> None:
    """A map that is there, and everything about it."""
    run = find_run(run_id)
    there = find_map(run, plan, step, film=True) or find_map(run, plan, step)
    if there is None:   # forgotten meanwhile, or the run was trained anew
        st.rerun()
    name, found = there
    model = MODELS.get(run_id, found.step, exact=True)
    if plan.dims == 3:
        show_solid(run, found, known_of(found), key=f"{KEY}.solid")
        address(run, plan, {})
        return
    own = st.session_state.get(f"{KEY}.own-{run_id}", [])
    first, other = st.columns(2) if second else (st.container(), None)
    with first:
        seen = show_map(run, name, found, key=f"{KEY}.view", seen=st.session_state.get(f"{KEY}.seen"), push=st.session_state[f"{KEY}.push"],
                        height=430 if second else 480, small=bool(second), own=own)
    if other:
        with other:
            show_beside(second, plan, key=KEY)
    show_fidelity(found)
    pages = {e.path: e.file for group in st.session_state.get("menu.sections", {}).values() for e in group}
    picked_links(run, found, seen, pages)
    address(run, plan, to_address(seen) | beside_query(second))
    st.subheader("What a selection has in common", anchor=False)
    show_selections(run, model, found, seen, known_of(found), pages, key=f"{KEY}.set")
    upload_own(run, model, name, found, key=KEY)
    if model.can_encode and not found.film_steps:
        offer_film(run, found, key=KEY)


def address(run: Run, plan: MapPlan, query: dict[str, str]) -> None:
    query = {"run": run.id} | plan_query(plan) | query
    write_address(KEY, query)
    copy_link(query, key=f"{KEY}.link")


def prepare(run: Run, step: int) -> MapPlan | None:
    """The plan of the map to show; what is being fitted is shown meanwhile. None where there is no map yet."""
    plan = MapPlan(**st.session_state[f"{KEY}.plan"])
    if fault := shipped_fault(run):
        st.warning(fault, icon=":material/warning:")
    there = find_map(run, plan, step)
    with st.sidebar:
        wanted = choose_plan(plan, key=KEY)
    if wanted and wanted != plan:
        st.session_state[f"{KEY}.plan"], st.session_state[f"{KEY}.last"] = wanted.model_dump(), plan.model_dump()
        st.rerun()
    if there:
        return plan
    fit_or_wait(run, step, plan)
    last = st.session_state.get(f"{KEY}.last")
    return MapPlan(**last) if last and find_map(run, MapPlan(**last), step) else None


def fit_or_wait(run: Run, step: int, plan: MapPlan) -> None:
    """Have the map fitted, once for each time it is asked for, and show how far it is."""
    task = fit_id(run, step, plan)
    if st.session_state.get(f"{KEY}.asked_for") != task:
        st.session_state[f"{KEY}.asked_for"] = fit_in_background(run, step, plan)
    state = show_progress(task, key=KEY).state
    if state == ABORTED:
        st.info("Called off. Choose how the map is made, or make this one after all.", icon=":material/cancel:")
    if state in AT_REST:
        st.button("Try again", key=f"{KEY}.again", on_click=st.session_state.pop, args=(f"{KEY}.asked_for", None))


def forget_seen(run: Run) -> None:
    """Points chosen on one run's map are nothing on another's."""
    if st.session_state.setdefault(f"{KEY}.of", run.id) != run.id:
        st.session_state[f"{KEY}.of"], st.session_state[f"{KEY}.seen"] = run.id, {}
        st.session_state[f"{KEY}.push"] += 1


if arriving(KEY):
    st.session_state.pop(f"{KEY}.of", None)
    st.session_state[f"{KEY}.plan"] = asked_plan(KEY).model_dump()
    st.session_state[f"{KEY}.seen"] = asked_seen(KEY)
    st.session_state[f"{KEY}.push"] = st.session_state.get(f"{KEY}.push", 0) + 1
    st.session_state[f"{KEY}.beside"] = asked(KEY, "beside")
chosen = choose_run()
forget_seen(chosen)
newest = map_step(chosen)
if has_images(chosen, key=KEY) and (shown := prepare(chosen, newest)):
    with st.sidebar:
        beside = choose_beside(chosen, key=KEY)
    experiment(chosen.id, shown, newest, beside)
