"""What has been trained here, and which run does better?"""

import streamlit as st

from genlab.runs import find_run
from genlab.runs.summary import Summary, newest_summaries
from genlab.ui.charts import AXES, SPLITS, caution, compare_runs, metric_title
from genlab.ui.rundialog import run_dialog
from genlab.ui.runlist import find_runs, picked, show_rows
from genlab.ui.trash import offer_undo, show_import, show_news, show_trash

MOST = 8       # curves that can still be told apart
UNASKED = 3    # runs shown while none is picked


def comparison(summaries: list[Summary]) -> None:
    """The curves of these runs, with the choice of what is drawn against what."""
    names = list(dict.fromkeys(name for s in summaries for name in ("elbo", "recon", "kl", "mse", *s.metrics) if name in s.metrics))
    drawn = [name for name in names if name not in ("loss", "sigma")] or names
    with st.container(horizontal=True, gap="large"):
        metric = st.segmented_control("Curve", drawn, format_func=metric_title, default=drawn[0], required=True, key="runs.metric")
        x = st.segmented_control("Against", AXES, default=AXES[0], required=True, key="runs.x")
        split = st.segmented_control("Images", list(SPLITS), default="held-out", required=True, key="runs.split")
    compare_runs([s.run for s in summaries], metric=metric, x=x, split=split, key="runs.comparison")
    if warning := caution([s.config.plan for s in summaries], metric):
        st.caption(warning)


show_news()
offer_undo()
found = find_runs()
chosen = newest_summaries([find_run(run_id) for run_id in picked()]) or found[:UNASKED]
chosen = [summary for summary in chosen if summary.metrics][:MOST]
if chosen:
    comparison(chosen)
with st.container(horizontal=True, vertical_alignment="center"):
    st.markdown(f"**{len(found)} runs.** Tick those to compare." if found else "No run is like that.", width="stretch")
    show_import()
    show_trash()
show_rows(found)
if run_id := st.query_params.get("run"):
    run_dialog(find_run(run_id))
