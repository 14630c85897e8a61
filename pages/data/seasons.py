"""What would this place look like in the other season?"""

import secrets

import numpy as np
import streamlit as st

from genlab.data.scenes import FACTORS, counterpart, render_scenes, sample_scenes
from genlab.ui.shell.address import arriving, query, write_address
from genlab.ui.shell.links import copy_link
from genlab.ui.shell.page import errors_shown
from genlab.ui.shell.pictures import show_images

KEY = "seasons"
PLACES, LARGE, SMALL, NEXT = 10**6, 256, 96, 8
HOURS = next(a for a in FACTORS if a.name == "hour")


@st.cache_data(max_entries=64, show_spinner=False)
def pictures(place: int, count: int, hour: float | None, size: int) -> tuple[np.ndarray, np.ndarray]:
    """These places in summer and in winter, uint8 (count, 3, size, size) each; at their own hours where none is given."""
    places = sample_scenes(count, 0, place).with_(winter=0)
    if hour is not None:
        places = places.with_(hour=hour)
    return render_scenes(places, size), render_scenes(counterpart(places), size)


def arrive() -> None:
    """What the address asks for; the usual where it asks for nothing that there is."""
    place, hour = query().get("place", ""), query().get("hour", "")
    st.session_state[f"{KEY}.place"] = int(place) if place.isdecimal() and len(place) < 7 else st.session_state.get(f"{KEY}.place", 3)
    st.session_state[f"{KEY}.hour"] = float(hour) if hour.replace(".", "", 1).isdecimal() and HOURS.low <= float(hour) <= HOURS.high else 13.0


def elsewhere() -> None:
    st.session_state[f"{KEY}.place"] = secrets.randbelow(PLACES)


@st.fragment
@errors_shown()
def pair() -> None:
    """One place twice, and the next few."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        place = st.number_input("Place", 0, PLACES - 1, key=f"{KEY}.place", width=150)
        st.button("Another place", key=f"{KEY}.random", icon=":material/casino:", on_click=elsewhere)
        with st.container(width=320):
            hour = st.slider("Time of day (h)", HOURS.low, HOURS.high, step=0.5, format="%.1f", key=f"{KEY}.hour")
    for column, x, name in zip(st.columns(2), pictures(place, 1, hour, LARGE), ("summer", "winter"), strict=True):
        with column:
            show_images(x, alt=f"Place {place} in {name}", key=f"{KEY}.{name}", columns=1, scale=2, caption=f"Place {place} in {name}")
    now = {"place": place, "hour": hour}
    write_address(KEY, now)
    st.subheader("The next places, each at its own hour", anchor=False)
    show_images(np.concatenate(pictures(place + 1, NEXT, None, SMALL)), columns=NEXT, scale=1, key=f"{KEY}.next",
                alt=f"Places {place + 1} to {place + NEXT}, in summer above and in winter below")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.page_link("data/images.py", label="All landscapes", icon=":material/photo_library:", query_params={"images": "scenes", "n": "500"})
        copy_link(now, key=f"{KEY}.link")


if arriving(KEY) or f"{KEY}.place" not in st.session_state:
    arrive()
pair()
st.caption("A model that turns summer into winter is trained on pictures of different places. Here the same place is known in both seasons, "
           "so what it makes can be held against the truth.")
