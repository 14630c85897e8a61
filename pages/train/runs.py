"""What has been trained here, and which run does better?"""

import streamlit as st

from genlab.runs import find_run
from genlab.runs.store import misnamed
from genlab.runs.summary import Summary
from genlab.ui.shell.text import plain
from genlab.ui.train.charts import AXES, SPLITS, caution, compare_runs, metric_title
from genlab.ui.train.rundialog import run_dialog
from genlab.ui.train.runlist import find_runs, picked_runs, show_rows
from genlab.ui.train.trash import offer_undo, show_import, show_news, show_trash

MOST = 8       # curves that can still be told apart
UNASKED = 3    # runs shown while none is picked


def metrics_of(summaries: list[Summary]) -> list[str]:
    """Names of what can be drawn, those that all of these runs have first."""
    known = [name for name in ("elbo", "recon", "kl", "mse", "loss_D", "loss_G", "acc_real", "acc_fake", "kid", "coverage")
             if any(name in s.metrics for s in summaries)]
    others = sorted({name for s in summaries for name in s.metrics} - {*known, "sigma", "kid_low", "kid_high"} - ({"loss"} if known else set()))
    return sorted(known + others, key=lambda name: not all(name in s.metrics for s in summaries))


def comparison(summaries: list[Summary]) -> None:
    """The curves of these runs, with the choice of what is drawn against what."""
    drawn = metrics_of(summaries)
    with st.container(horizontal=True, gap="large"):
        metric = st.segmented_control("Curve", drawn, format_func=metric_title, default=drawn[0], required=True, key="runs.metric")
        x = st.segmented_control("Against", AXES, default=AXES[0], required=True, key="runs.x")
        split = st.segmented_control("Images", list(SPLITS), default="held-out", required=True, key="runs.split")
    compare_runs([s.run for s in summaries], metric=metric, x=x, split=split, key="runs.comparison")
    if warning := caution([s.config.plan for s in summaries], metric):
        st.caption(warning)


show_news()
offer_undo()
curves = st.container()   # drawn last, seen first: the list below decides what is in it
with st.container(horizontal=True, vertical_alignment="bottom"):
    found = find_runs()
    show_import()
    show_trash()
st.caption(f"{len(found)} runs; tick those to compare." if found else "No run is like that.")
if left := misnamed():
    st.caption(f"Not listed, for their names: {', '.join(map(plain, left))}. Rename these folders to letters, digits, spaces and . _ - ( ) [ ].")
show_rows(found)
chosen = picked_runs() or [s for s in found if s.run.snapshots()][:UNASKED]
if chosen := [summary for summary in chosen if summary.metrics][:MOST]:
    with curves:
        comparison(chosen)
if run_id := st.query_params.get("run"):
    run_dialog(find_run(run_id))
