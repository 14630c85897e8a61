"""One scrubber over the report's decoder: /?run=ID"""

import numpy as np
import streamlit as st

from genlab.ui.explore.scrubber import Axis, Look, View, scrubber

D = 50
scrubber("scrub", np.zeros(D), [Axis(f"z {i}", np.eye(D)[i]) for i in range(10)], [View(st.query_params["run"])], look=Look(size_px=512))
