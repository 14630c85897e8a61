"""Choosing what to train on: a dataset, or one's own images."""

import numpy as np
import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from genlab.data import DATASETS, DataSpec, find_dataset, resolve
from genlab.data.picture import SUFFIXES
from genlab.data.resize import Fit
from genlab.data.shelf import keep
from genlab.data.upload import ID, read_upload, store_upload
from genlab.errors import DataError, LabError
from genlab.ui.data.shelf import choose_upload
from genlab.ui.shell.form import field_widgets, prefill
from genlab.ui.shell.pictures import show_images
from genlab.ui.shell.visitor import visitor_id

SIZES = (16, 24, 32, 48, 64, 96, 128)
STRIP = 8   # images shown of what was chosen
MORE = ("n", "channels", "seed", "test_share")


def choose_data(*, key: str) -> DataSpec | None:
    """The data that a person chose, with a few of its images; None while own images are still to be sent."""
    if f"{key}.name" not in st.session_state:
        prefill({"name": "digits", "size": DATASETS["digits"].size}, key=key)
    name = st.selectbox("Images", list(DATASETS), format_func=lambda name: DATASETS[name].title, key=f"{key}.name", persist_state="session",
                        on_change=_take_size, args=(key,))
    st.caption(f"{DATASETS[name].about[0].upper()}{DATASETS[name].about[1:]}.")
    path = own_images(key) if name == "own" else ""
    if name == "own" and not path:
        return None
    say_where(name, key)
    values = {"name": name, "path": path, "size": _choose_size(key), "fit": choose_fit(name, key)}
    strip = st.container()
    values |= _more(key) | {"correlations": _kept_correlations(name, key)}
    spec = resolve(DataSpec(**values))
    with strip:
        _show_strip(spec, key)
    return spec


def _take_size(key: str) -> None:
    prefill({"size": find_dataset(st.session_state[f"{key}.name"]).size}, key=key)


def _choose_size(key: str) -> int:
    sizes = sorted({*SIZES, st.session_state[f"{key}.size"]})
    return st.select_slider("Image size (px)", sizes, key=f"{key}.size", help=DataSpec.model_fields["size"].description, persist_state="session")


def choose_fit(name: str, key: str) -> Fit:
    """How pictures of a dataset become square; asked where they are not so by themselves."""
    return "crop" if find_dataset(name).is_square else field_widgets(DataSpec, ("fit",), key=key)["fit"]


def _more(key: str) -> dict:
    with st.expander("More about the images", key=f"{key}.more"), st.container(horizontal=True, vertical_alignment="bottom"):
        return field_widgets(DataSpec, MORE, key=key)


def fill_in(spec: DataSpec, *, key: str) -> None:
    """Make the form show this choice when it is drawn next."""
    spec = resolve(spec)
    prefill({name: getattr(spec, name) for name in ("name", "size", "fit", *MORE)}, key=key)
    use_upload(spec.path, key=key)
    st.session_state[f"{key}.correlated"] = (spec.name, spec.correlations)


def _kept_correlations(name: str, key: str) -> tuple[tuple[str, str, float], ...]:
    """The correlations that came with this dataset from elsewhere, in words and to be taken away."""
    correlated, pairs = st.session_state.get(f"{key}.correlated", ("", ()))
    if correlated != name or not pairs:
        return ()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption("Tied together: " + ", ".join(f"{a} with {b} {rho:+g}" for a, b, rho in pairs).replace("_", " ") + ".", width="stretch")
        st.button("Untie", key=f"{key}.untie", icon=":material/link_off:", on_click=st.session_state.pop, args=(f"{key}.correlated",))
    return pairs


def say_where(name: str, key: str) -> None:
    """Say so where a dataset is not on this machine, or not all of it, and offer to fetch it where that can be done."""
    dataset = DATASETS[name]
    faults = dataset.faults()
    for fault in faults:
        st.warning(f"{fault}.", icon=":material/label_off:")
    if dataset.is_local() and not faults:
        return
    if dataset.fetch is None:
        st.info(f"{dataset.title} is not on this machine. Put its files into the folder that GENLAB_DATA names.", icon=":material/folder:")
    elif st.button(f"Download {dataset.title.lower()}", key=f"{key}.fetch", icon=":material/download:"):
        with st.status(f"Downloading {dataset.title.lower()}") as status:
            bar = st.progress(0.0)
            dataset.fetch(lambda share, what: bar.progress(min(share, 1.0), what))
            status.update(label="Downloaded", state="complete")


# -- one's own ------------------------------------------------------------------------------------------------------


def own_images(key: str) -> str:
    """The id of the upload that is chosen, "" while there is none: the one just sent, or one from the shelf."""
    kinds = [s.lstrip(".") for s in sorted(SUFFIXES)] + ["zip", "csv", "tsv"]
    files = st.file_uploader("Your images, or a zip of them", kinds, True, key=f"{key}.files",
                             help="A table may come with them, as attributes.csv: a column of file names, then a column for each attribute. "
                                  "In a zip with a folder for each class the classes become an attribute.")
    _take_files(files, key)
    chosen = _kept(key)["id"]
    if chosen and not ID.fullmatch(chosen):
        st.caption(f"The folder {chosen} on this machine.")
        return chosen
    try:
        report = read_upload(chosen).report if chosen else None
    except DataError as error:   # deleted meanwhile: another can be chosen
        st.error(str(error), icon=":material/error:")
        chosen, report = "", None
    choose_upload(chosen, lambda id_: use_upload(id_, key=key), key=f"{key}.own")
    if report:
        (st.warning if report.rejected else st.success)(f"{report.sentence()}.")
    return chosen


def use_upload(path: str, *, key: str) -> None:
    """Choose an upload by its id, or the folder of a run; "" for none. What lies in the file box stays there."""
    st.session_state[f"{key}.upload"] = _kept(key) | {"id": path}


def _kept(key: str) -> dict:
    """files : what the box held when it was looked at last; made : the upload of these; id : the one that is chosen"""
    return {"files": [], "made": "", "id": ""} | st.session_state.get(f"{key}.upload", {})


def _take_files(files: list[UploadedFile], key: str) -> None:
    """Store what was put into the box; where it was emptied, its upload is no longer chosen, and stays on the shelf."""
    kept, sent = _kept(key), [f.file_id for f in files]
    if sent == kept["files"]:
        return
    made, chosen = "", "" if kept["id"] == kept["made"] else kept["id"]
    if sent:
        with st.spinner("Reading the images"):
            made = chosen = store_upload([(f.name, f.getvalue()) for f in files], files[0].name)
            keep(made, visitor_id())
    st.session_state[f"{key}.upload"] = {"files": sent, "made": made, "id": chosen}


# -- what it looks like ---------------------------------------------------------------------------------------------


def _show_strip(spec: DataSpec, key: str) -> None:
    try:
        x = first_images(spec.model_dump_json())
    except LabError:   # not on this machine; say_where has said so
        return
    show_images(x, alt=f"The first {len(x)} images of {spec.name}", key=f"{key}.strip", columns=STRIP, scale=max(1, 48 // spec.size))


@st.cache_data(max_entries=64, show_spinner=False)
def first_images(spec: str) -> np.ndarray:
    """The first few images of a resolved DataSpec in JSON, uint8 (n, C, H, W), without reading the rest; DataError where they are not here."""
    spec = DataSpec.model_validate_json(spec)
    dataset = find_dataset(spec.name)
    if dataset.stream is not None:
        return dataset.stream(spec, 0, STRIP).x
    if not dataset.is_local():
        raise DataError(f"{spec.name}: its files are not on this machine")
    images = dataset.load(spec, lambda share, what: None)
    return images.take(np.arange(min(STRIP, len(images)))).x
