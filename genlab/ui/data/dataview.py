"""Choosing images to look at: which, how many, of which seed and size. The choice is the page's address."""

import streamlit as st

from genlab.data import DATASETS, DataSpec, find_dataset, resolve
from genlab.errors import DataError
from genlab.lens.images import IMAGES
from genlab.ui.data.datalink import spec_from, spec_query
from genlab.ui.data.datapick import SIZES, choose_fit, own_images, say_where, use_upload
from genlab.ui.data.tie import tied
from genlab.ui.shell.address import arriving, query, write_address
from genlab.ui.shell.form import prefill
from genlab.ui.shell.page import errors_shown

COUNTS = (1, 14, 70, 500, 2_000, 20_000)
ALL = 0
FIRST = DataSpec(name="faces", n=500)
MOST = 100_000   # drawn images whose attributes are looked at together


def choose_view(*, key: str) -> DataSpec | None:
    """The images that a person chose, resolved, and a button that goes on to train on them; None while there are none to look at."""
    _take_over(key)
    row = st.container(horizontal=True, vertical_alignment="bottom")
    with row:
        name = st.selectbox("Images", list(DATASETS), format_func=lambda name: DATASETS[name].title, key=f"{key}.name", persist_state="session",
                            on_change=_fill_in, args=(key,), width=215)
        sizes = sorted({*SIZES, st.session_state[f"{key}.size"]})
        size = st.selectbox("Pixels", sizes, format_func=lambda size: f"{size} x {size}", key=f"{key}.size", persist_state="session", width=115)
        seed = st.number_input("Seed", 0, 2**31, key=f"{key}.seed", persist_state="session", width=130,
                               help="Fixes which images these are: the same seed gives the same ones anywhere.")
    path = own_images(key) if name == "own" else ""
    if name == "own" and not path:
        write_address(key, {"images": name})   # an upload that was let go of or deleted is not named any more
        st.info("What you send stays on this server, under an id that only your address names. A run trained on it can be seen by others here.",
                icon=":material/lock:")
        return None
    say_where(name, key)
    if not DATASETS[name].is_local():
        return None
    fit = choose_fit(name, key)
    spec = resolve(DataSpec(name=name, path=path, size=size, seed=seed, fit=fit, correlations=tied(f"{key}.ties")))
    with st.spinner("Reading the images"):
        total = len(IMAGES.open(spec).at["train"])
    with row:
        spec = spec.model_copy(update={"n": _choose_count(spec.name, total, key)})
        if st.button("Train on these", key=f"{key}.train", type="primary", icon=":material/model_training:"):
            st.switch_page("train/train.py", query_params=spec_query(spec))
    return spec


def _choose_count(name: str, total: int, key: str) -> int | None:
    """How many of them; None for all."""
    is_stream, asked = find_dataset(name).stream is not None, st.session_state[f"{key}.n"]
    most = MOST if is_stream else total
    if asked > most:
        raise DataError(f"{name}: {asked} images; {most} can be looked at here")
    counts = sorted({count for count in (*COUNTS, asked) if ALL < count <= most}) + ([] if is_stream else [ALL])
    if asked not in counts:
        st.session_state[f"{key}.n"] = counts[-1]
    words = {count: f"{count:,}".replace(",", "\u202f") for count in counts} | {ALL: f"all {total}"}
    chosen = st.segmented_control("How many", counts, format_func=words.get, key=f"{key}.n", required=True, persist_state="session")
    return chosen or None


def _take_over(key: str) -> None:
    """Fill the form with what the address names where it is another than the one this page wrote, or with the first choice."""
    if not arriving(key) and f"{key}.name" in st.session_state:
        return
    with errors_shown():
        if spec := spec_from(query()):
            _show(resolve(spec), key)
    if f"{key}.name" not in st.session_state:
        _show(resolve(FIRST), key)


def _show(spec: DataSpec, key: str) -> None:
    prefill({"name": spec.name, "size": spec.size, "seed": spec.seed, "n": spec.n or ALL, "fit": spec.fit, "ties": spec.correlations}, key=key)
    use_upload(spec.path, key=key)


def _fill_in(key: str) -> None:
    """Another dataset: its own size, and nothing tied."""
    dataset = find_dataset(st.session_state[f"{key}.name"])
    prefill({"size": dataset.size, "n": FIRST.n if dataset.stream else ALL, "ties": ()}, key=key)
