"""Studies on a page: which one is shown, one of one's own, how far it is, and its files."""

import streamlit as st

from genlab.errors import RunError
from genlab.jobs import get_queue
from genlab.jobs.tasks import AT_REST, submit, task_id
from genlab.settings import build_config
from genlab.studies import Study, StudyPlan, begin_study, find_study, list_studies
from genlab.studies.plan import ENDLESS
from genlab.ui.data.datapick import choose_data
from genlab.ui.shell.address import asked
from genlab.ui.shell.page import errors_shown
from genlab.ui.shell.progress import show_progress
from genlab.ui.shell.text import distinct
from genlab.ui.shell.visitor import visitor_id

MEASURE = "genlab.studies.carry:measure_study"
LOOK_S = 2.0
SIZES = {"ae-vs-vae": "500", "dataset-size": "1, 14, 70, 500"}
QUICK = {"ae-vs-vae": {"sizes": (1500,), "epochs": 40, "seeds": 2}, "dataset-size": {"sizes": (1, 14, 70, 500), "steps": 300, "seeds": 2}}
SMALL = {"latent_dim": 16, "width": 16, "n": 500}   # of the quick setting: under a minute on two cores
MARK = {"held": ":green[:material/check_circle: held]", "did not hold": ":red[:material/cancel: did not hold]"}
CARE = ":orange[:material/error: held only with care]"


def choose_study(kind: str, *, key: str) -> Study:
    """The study that ?study= names, or that was chosen last, or the first shipped one. Drawn into the sidebar. RunError where there is none."""
    studies = {study.id: study for study in list_studies(kind)}
    named = st.session_state.pop(f"{key}.new", "") or asked(key, "study")
    if named and named != st.session_state.get(f"{key}.named"):
        st.session_state[f"{key}.named"] = named
        with errors_shown():
            find_study(named)
            st.session_state[f"{key}.study"] = named
    if not studies:
        raise RunError("no study is there yet; begin one below")
    if st.session_state.get(f"{key}.study") not in studies:
        st.session_state[f"{key}.study"] = next(iter(studies))
    titles = distinct({i: s.title for i, s in studies.items()})
    chosen = st.sidebar.selectbox("Study", list(studies), format_func=titles.get, key=f"{key}.study", persist_state="session")
    st.sidebar.caption(f"{studies[chosen].title}.")   # the box cuts long ones
    return studies[chosen]


def begin_form(kind: str, *, key: str) -> None:
    """A quick study at one click, and one of one's own from a form."""
    st.subheader("Reproduce it yourself", anchor=False)
    with st.container(horizontal=True, vertical_alignment="center"), errors_shown():
        if st.button("Quick, on digits", key=f"{key}.quick", type="primary", icon=":material/play_arrow:"):
            _begin(build_config(StudyPlan, {"kind": kind, **QUICK[kind], **SMALL, "data": {"name": "digits"}}), key)
        st.caption("Under three minutes on two cores. Every run stays, to be looked into like any other.", width="content")
    with st.expander("With images and settings of your own", key=f"{key}.own"):
        _own(kind, key)


def _own(kind: str, key: str) -> None:
    spec = choose_data(key=f"{key}.data")
    field = StudyPlan.model_fields
    with st.form(f"{key}.form", border=False):
        left, right = st.columns(2)
        sizes = left.text_input("Training images", SIZES[kind], help=f"{field['sizes'].description} Numbers with commas between, or endless.")
        seeds = right.number_input("Seeds", 1, 20, 2, help=field["seeds"].description)
        budget = left.segmented_control("The same number for all of", ["epochs", "updates"], default="epochs", required=True,
                                        help=field["steps"].description)
        amount = right.number_input("Epochs or updates", 1, 100_000, 60)
        latents = left.number_input("Latents", 1, 512, 16, help=field["latent_dim"].description)
        width = right.number_input("Width", 4, 256, 16, step=4, help=field["width"].description)
        n = left.number_input("Images to measure on", 100, 5000, 500, step=100, help=field["n"].description)
        if not st.form_submit_button("Begin", type="primary", icon=":material/play_arrow:", disabled=spec is None):
            return
    with errors_shown():
        words = [word.strip() for word in sizes.split(",") if word.strip()]
        values = {"kind": kind, "data": spec.model_copy(update={"n": None, "seed": 0}), "seeds": int(seeds), "latent_dim": int(latents),
                  "sizes": tuple(str(ENDLESS) if word == "endless" else word for word in words), "width": int(width), "n": int(n),
                  "epochs" if budget == "epochs" else "steps": int(amount)}
        _begin(build_config(StudyPlan, values), key)


def _begin(plan: StudyPlan, key: str) -> None:
    """Make the study and its runs, put them into the queue, and look at it."""
    from genlab.studies.carry import make_runs

    study = begin_study(plan)
    for run in make_runs(study, visitor_id()):
        if run.status.state == "queued":
            get_queue().submit(run)
        elif run.status.state in ("stopped", "parked", "interrupted", "failed"):   # one's own: others' are not taken up
            get_queue().resume(run)
    st.session_state[f"{key}.new"] = study.id
    st.rerun()


def show_state(study: Study, *, key: str) -> bool:
    """Whether the study is complete; where it is not, how far it is, and a button that goes on where a run stopped."""
    from genlab.studies.carry import progress

    at = progress(study)
    if at.is_complete:
        return True
    task = task_id(MEASURE, study=study.id)
    if at.finished == at.runs:
        if st.session_state.get(f"{key}.measured") != study.id:
            st.session_state[f"{key}.measured"] = study.id
            submit(MEASURE, study=study.id)
        if show_progress(task, key=f"{key}.measure", about="Measuring").state in AT_REST:
            st.button("Measure again", key=f"{key}.again", on_click=st.session_state.pop, args=(f"{key}.measured", None))
        return False
    _watch(study, at.finished, key)
    if at.failed:
        st.warning(f"{at.failed}.", icon=":material/warning:")
    if at.failed or not study.runs:
        with errors_shown():
            if st.button("Go on", key=f"{key}.go_on", icon=":material/play_arrow:"):
                _begin(study.plan, key)
    return False


def _watch(study: Study, finished: int, key: str) -> None:
    """A bar that follows the runs; the page runs anew when one of them ends."""
    from genlab.studies.carry import progress

    @st.fragment(run_every=LOOK_S)
    def bar() -> None:
        now = progress(study)
        if now.finished != finished or now.is_complete:
            st.rerun()
        st.progress(min(now.share, 1.0), f"{now.finished} of {now.runs} runs have finished, {100 * now.share:.0f} % of the training")
        st.page_link("train/runs.py", label="See them train", icon=":material/stacked_line_chart:")

    bar()


def show_claims(study: Study) -> None:
    """What is claimed, and what the figures say of it."""
    from genlab.studies.claims import claims

    said = claims(study)
    if not said:
        st.info("There is nothing to compare yet.")
    for claim in said:
        st.markdown(f"**{claim.text}:** {MARK.get(claim.verdict, CARE)}  \n:small[{claim.figures}]")


def downloads(study: Study, *, key: str) -> None:
    """The result as a page that stands alone, and every figure as CSV; the words that make it again."""
    from genlab.studies.report import command, setup, to_csv, to_html

    st.caption(setup(study))
    with st.container(horizontal=True):
        st.download_button("Report", lambda: to_html(study).encode(), f"{study.id}.html", "text/html", key=f"{key}.html", icon=":material/download:",
                           on_click="ignore", help="One page that needs nothing else, to be sent or printed.")
        st.download_button("CSV", lambda: to_csv(study).encode(), f"{study.id}.csv", "text/csv", key=f"{key}.csv", icon=":material/download:",
                           on_click="ignore", help="Every figure of every run, with its interval and protocol.")
    st.code(command(study), language="bash", wrap_lines=True)


