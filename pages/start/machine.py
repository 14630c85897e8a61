"""What does this lab run on, and how much of it is taken?"""

import streamlit as st

from genlab import __version__
from genlab.jobs import get_queue
from genlab.machine import load, machine
from genlab.paths import CACHE, CHECKPOINTS, RUNS, faults
from genlab.ui.shell.page import errors_shown

PRECISIONS = {"bf16": "16-bit floats in hardware: faster, losses stay in 32 bits", "fp32": "32-bit floats: this machine has no fast 16-bit ones"}

here, now = machine(), load()
with st.container(horizontal=True):
    st.metric("Trains on", here.device_name, width="content", border=True, help="The processor that models are trained on.")
    st.metric("Precision", here.precision, width="content", border=True, help=PRECISIONS[here.precision])
    st.metric("Cores", here.cores, width="content", border=True, help="What the lab may use, not what the machine may have besides.")
    st.metric("Memory", f"{here.memory_gb:.1f} GB", width="content", border=True, help="What the lab may use.")
    st.metric("Held by the server", f"{now.server_gb:.2f} GB", width="content", border=True, help="Training needs its own memory besides.")
    st.metric("Disk free", f"{now.disk_free_gb:.0f} GB", width="content", border=True, help="Where runs are kept.")

queue = get_queue().machine()
with st.container(horizontal=True):
    st.metric("Runs at a time", queue.workers, width="content", border=True, help="Each trains in a process of its own, below the pages in priority.")
    st.metric("Training now", queue.busy, width="content", border=True)
    st.metric("Waiting", queue.waiting, width="content", border=True, help="Everybody's first run goes before anybody's second.")
if queue.fault:
    st.warning(queue.fault)

st.subheader("Where things are kept", anchor=False)
for fault in faults():
    st.warning(fault, icon=":material/folder_off:")
for place in (RUNS, CHECKPOINTS, CACHE):
    with errors_shown():
        st.markdown(f"**{place.what}** in `{place.folder()}`, moved by `{place.variable}`")
st.caption(f"GenLab {__version__}")
