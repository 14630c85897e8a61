"""The settings of a game in 2D: some change it as it goes, the others start a new one."""

import streamlit as st

from genlab.data.shapes2d import SHAPES
from genlab.game import GameConfig
from genlab.game.config import DRAWN
from genlab.settings import build_config
from genlab.ui.shell.form import choices, label_of, ladder

LOSSES = {"non-saturating": "Non-saturating, \u2212log D", "minimax": "Minimax, log(1 \u2212 D)", "lsgan": "Least squares",
          "wgan": "Wasserstein, clipped", "wgan-gp": "WGAN-GP"}
IN_VIEW = ("k", "lr_D", "lr_G", "r1")
AT_ONCE = ("optimizer", "noise", "batch")
ANEW = ("seed", "noise_dim", "hidden", "layers")
MEMORY = ("beta1", "beta2")
SHORT = {"lr_D": "lr of D", "lr_G": "lr of G", "r1": "R1"}


def fill_in(config: GameConfig, *, key: str) -> None:
    """Make the settings show this game when they are drawn next."""
    st.session_state[f"{key}.now"] = config
    for name in GameConfig.model_fields:
        st.session_state[f"{key}.{name}"] = getattr(config, name)


def choose_game(*, key: str) -> GameConfig:
    """Widgets for every setting, filled in before; the game that they describe together."""
    values = _values(key)
    for name, value in values.items():   # a widget that was not drawn lost what stood in it
        st.session_state[f"{key}.{name}"] = value
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        values["shape"], values["loss"] = _shape(values, key), _loss(key)
        for name in IN_VIEW:
            values[name] = _widget(name, values[name], key=f"{key}.{name}")
        with st.popover("More", icon=":material/tune:"):
            _more(values, key)
    st.session_state[f"{key}.now"] = build_config(GameConfig, {**values, "points": values["points"] if values["shape"] == DRAWN else ()})
    return st.session_state[f"{key}.now"]


def chosen_game(*, key: str) -> GameConfig:
    """The same before the widgets are drawn again: for a callback."""
    values = _values(key)
    return build_config(GameConfig, {**values, "points": values["points"] if values["shape"] == DRAWN else ()})


def _values(key: str) -> dict:
    now: GameConfig = st.session_state[f"{key}.now"]
    return {name: st.session_state.get(f"{key}.{name}", getattr(now, name)) for name in GameConfig.model_fields}


def _shape(values: dict, key: str) -> str:
    shapes = {name: shape.title for name, shape in SHAPES.items()} | ({DRAWN: "Drawn"} if values["points"] else {})
    return st.selectbox("Data", list(shapes), format_func=shapes.get, key=f"{key}.shape", width=185, help="Where real points come from: a new game.")


def _loss(key: str) -> str:
    return st.selectbox("Loss", list(LOSSES), format_func=LOSSES.get, key=f"{key}.loss", width=210, help="What D and G play for; changes in flight.")


def _more(values: dict, key: str) -> None:
    """Settings that are out of view until they are asked for."""
    st.markdown("**Changes as it goes**")
    penalty = {"wgan": ("clip",), "wgan-gp": ("gp",)}.get(values["loss"], ())
    for name in (*penalty, *AT_ONCE, *(MEMORY if values["optimizer"] == "adam" else ())):
        values[name] = _widget(name, values[name], key=f"{key}.{name}")
    st.markdown("**Starts a new game**")
    for name in ANEW:
        values[name] = _widget(name, values[name], key=f"{key}.{name}")


def _widget(name: str, value: object, *, key: str) -> object:
    field = GameConfig.model_fields[name]
    keep = {"key": key, "help": field.description}
    if options := choices(field):
        return st.segmented_control(label_of(field, name), options, required=True, **keep)
    if name in MEMORY:
        return st.number_input(label_of(field, name), 0.0, 0.9999, step=0.05, format="%.4g", **keep)
    if name == "seed":
        return st.number_input("Seed", 0, 2**31 - 1, **keep)
    if name == "k":
        return st.number_input("k", 1, 20, width=90, **keep)
    if name in ("noise_dim", "layers"):
        return st.slider(label_of(field, name), 1, {"noise_dim": 64, "layers": 5}[name], **keep)
    if name in ("hidden", "batch"):
        sizes = sorted({value, *(2**i for i in range(1 if name == "hidden" else 3, 9 if name == "hidden" else 12))})
        return st.select_slider(label_of(field, name), sizes, **keep)
    return st.selectbox(SHORT.get(name, label_of(field, name)), ladder(field, value), format_func=lambda v: f"{v:g}", width=105, **keep)
