"""?run=ID&dim=D: sliders along single dimensions and one direction across all of them. &live=1 follows the training."""

import numpy as np
import streamlit as st

from genlab.ui.explore.scrubber import Axis, Look, View, move, scrubber

run, dim = st.query_params["run"], int(st.query_params.get("dim", 3))
axes = [*(Axis(f"z {i}", np.eye(dim)[i], start=0.5 if i == 1 else 0.0, is_folded=i >= 2) for i in range(min(dim, 5))),
        Axis("across", np.full(dim, dim**-0.5), low=-10, high=10)]


@st.fragment
def page() -> None:
    st.session_state["reruns"] = st.session_state.get("reruns", 0) + 1
    if st.button("Put", key="put"):
        move("s", [1.0] + [0.0] * (len(axes) - 1))
    found = scrubber("s", np.zeros(dim), axes, [View(run, label="now"), View(run, label="again")], is_live="live" in st.query_params,
                     look=Look(size_px=200, quantiles=True, pictures=[("fixed", np.full((1, 16, 16), 200, np.uint8))]))
    st.text(f"{st.session_state['reruns']} runs, amounts {np.round(found.amounts, 3).tolist()}, z {np.round(found.z, 3).tolist()}")


page()
