"""The list of runs: searched, sorted, one line each with what it makes up."""

import time

import streamlit as st

from genlab.models import MODELS
from genlab.runs import list_runs
from genlab.runs.summary import Summary, newest_summaries
from genlab.ui.shell.address import change_address
from genlab.ui.shell.text import plain
from genlab.ui.train.controls import is_mine
from genlab.ui.train.live import show_samples

KEY = "runs"
PER_PAGE = 8
SORTS = {
    "Newest": lambda s: -s.config.created,
    "Name": lambda s: s.config.title.lower(),
    "Best ELBO": lambda s: -s.metrics.get("elbo", float("-inf")),
    "Least squared error": lambda s: s.metrics.get("mse", float("inf")),
}
STATES = {"running": ("Training", "green"), "queued": ("Waiting", "orange"), "paused": ("Paused", "orange"), "parked": ("Paused", "orange"),
          "stopped": ("Stopped", "gray"), "finished": ("Finished", "blue"), "failed": ("Failed", "red"), "interrupted": ("Interrupted", "red")}


def find_runs() -> list[Summary]:
    """Search, sort and switch, and the runs that are left."""
    words = st.text_input("Search", key=f"{KEY}.search", placeholder="a title, a model, a dataset, a state", icon=":material/search:",
                          bind="query-params")
    sort = st.selectbox("Sort by", list(SORTS), key=f"{KEY}.sort", width=190, persist_state="session")
    others = st.toggle("Others' runs", key=f"{KEY}.others", persist_state="session", help="Runs that other visitors of this lab have made.")
    runs = [run for run in list_runs() if others or run.is_shipped or is_mine(run)]
    found = [s for s in newest_summaries(runs) if all(word in s.text for word in words.lower().split())]
    return sorted(found, key=SORTS[sort])


def show_rows(summaries: list[Summary]) -> None:
    """One line for each run of a page; "More" writes the run into the address (?run=)."""
    pages = -(-len(summaries) // PER_PAGE)
    page = st.session_state.get(f"{KEY}.page", 1) if pages > 1 else 1
    for summary in summaries[(page - 1) * PER_PAGE : page * PER_PAGE]:
        _row(summary)
    if pages > 1:
        st.pagination(pages, key=f"{KEY}.page")


def _row(summary: Summary) -> None:
    run = summary.run
    with st.container(horizontal=True, vertical_alignment="center", border=True, gap="medium", key=f"{KEY}.row-{run.id}"):
        st.checkbox("Compare", key=f"{KEY}.pick-{run.id}", on_change=_pick, args=(run.id,), label_visibility="collapsed", width="content",
                    value=run.id in picked(), help="Show its curve above.")
        with st.container(width=180):
            show_samples(run)
        with st.container(gap=None, width="stretch"):
            st.markdown(f"**{plain(summary.config.title)}** {_badge(summary)}")
            st.caption(_facts(summary))
        with st.container(horizontal=True, vertical_alignment="center", width="content"):
            st.page_link("train/train.py", label="Open", icon=":material/monitoring:", query_params={"run": run.id}, width="content")
            st.button("More", key=f"{KEY}.more-{run.id}", icon=":material/more_horiz:", width="content", on_click=_ask_for, args=(run.id,))


def _ask_for(run_id: str) -> None:
    change_address(run=run_id)


def _badge(summary: Summary) -> str:
    name, color = STATES.get(summary.status.state, (summary.status.state, "gray"))
    return f":{color}-badge[{name}]" + (" :gray-badge[shipped]" if summary.run.is_shipped else "")


def _facts(summary: Summary) -> str:
    plan, metrics = summary.config.plan, summary.metrics
    facts = [MODELS[plan.model].title, f"{plan.data.name} {plan.data.size} px", f"epoch {summary.status.epoch:g} of {plan.epochs}"]
    if "elbo" in metrics:
        facts.append(f"ELBO {metrics['elbo']:.1f} nats per image".replace("-", "\u2212"))
    if "mse" in metrics:
        facts.append(f"squared error {metrics['mse']:.4f} per pixel")
    return " · ".join([*facts, ago(summary.config.created)])


def ago(moment: float) -> str:
    """How long ago a moment was, in words: "3 min ago"."""
    seconds = max(0.0, time.time() - moment)
    for unit, size in (("days", 86400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit} ago"
    return "just now"


# -- what is compared -------------------------------------------------------------------------------------------------


def picked() -> list[str]:
    """Ids of the runs to compare, as the address has them."""
    return [run_id for run_id in st.query_params.get("compare", "").split(",") if run_id]


def picked_runs() -> list[Summary]:
    """The runs to compare, without those that are gone."""
    runs = {run.id: run for run in list_runs()}
    return newest_summaries([runs[run_id] for run_id in picked() if run_id in runs])


def _pick(run_id: str) -> None:
    others = [other for other in picked() if other != run_id]
    chosen = others + [run_id] if st.session_state[f"{KEY}.pick-{run_id}"] else others
    change_address(compare=",".join(chosen) or None)
