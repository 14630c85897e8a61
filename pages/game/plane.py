"""How do a forger and a detective teach each other? The adversarial game in the plane."""

import streamlit as st

from genlab.errors import LabError
from genlab.game import GAMES, GameConfig, preset, read_moves
from genlab.game.config import DRAWN
from genlab.game.drawn import snapped
from genlab.game.link import from_query, to_query
from genlab.game.moves import changed
from genlab.game.presets import FIRST
from genlab.settings import build_config
from genlab.ui.game.game import show_game
from genlab.ui.game.gamesettings import choose_game, chosen_game, fill_in
from genlab.ui.shell.address import arriving, asked, write_address
from genlab.ui.shell.links import copy_link

KEY = "plane"


def start(config: GameConfig, played: str = "") -> None:
    """A new game, with what was played of it."""
    st.session_state[f"{KEY}.base"], st.session_state[f"{KEY}.played"] = config, played
    st.session_state[f"{KEY}.stamp"] = st.session_state.get(f"{KEY}.stamp", 0) + 1


def begin(config: GameConfig, played: str = "") -> None:
    """The same before the settings are drawn, which then show how it stands."""
    start(config, played)
    fill_in(after(config, played), key=KEY)


def after(config: GameConfig, played: str) -> GameConfig:
    """The settings when all of this was played."""
    for name, value in read_moves(played, config):
        if name in GameConfig.live_fields():
            config = changed(config, name, value)
    return config


def arrive() -> None:
    """The game that the address names."""
    try:
        config = from_query(st.session_state[f"{KEY}.asked"])
        played = asked(KEY, "played")
        read_moves(played, config)
    except LabError as error:
        st.error(f"{error}. Below is the lab's first game instead.", icon=":material/link_off:")
        config, played = preset(FIRST), ""
    begin(config, played)


def take_preset() -> None:
    name, now = (st.session_state[f"{KEY}.board"].get("preset") or {}).get("name"), chosen_game(key=KEY)
    if name in GAMES:
        begin(preset(name, shape=now.shape, points=now.points, seed=now.seed))


def anew() -> None:
    begin(chosen_game(key=KEY))


def remedy() -> None:
    """Changes that the page offered go into the settings, and so into the game."""
    asked_for = st.session_state[f"{KEY}.board"].get("remedy") or {}
    now = chosen_game(key=KEY)
    for name, value in asked_for.get("changes", {}).items():
        now = changed(now, name, value)
    fill_in(now, key=KEY)


def drawn() -> None:
    """What was painted on the plane is the data of a new game."""
    points = (st.session_state[f"{KEY}.board"].get("drawn") or {}).get("points")
    if points:
        begin(build_config(GameConfig, {**chosen_game(key=KEY).model_dump(), "shape": DRAWN, "points": snapped(points)}))


if arriving(KEY):
    arrive()
wanted = choose_game(key=KEY)
base = st.session_state[f"{KEY}.base"]
if any(getattr(wanted, name) != getattr(base, name) for name in GameConfig.model_fields if name not in GameConfig.live_fields()):
    start(wanted)
    base = wanted
played = show_game(base, wanted, st.session_state[f"{KEY}.played"], st.session_state[f"{KEY}.stamp"], key=f"{KEY}.board",
                   on_anew_change=anew, on_preset_change=take_preset, on_remedy_change=remedy, on_drawn_change=drawn)
query = to_query(base, played)
write_address(KEY, query)
with st.container(horizontal=True, vertical_alignment="center"):
    st.caption("Space plays and pauses, D and G take one step each, N a round, S is slow motion. The link holds the game as it was at its last "
               "pause: the same seed is the same game, anywhere.", width="stretch")
    copy_link(query, key=f"{KEY}.link")
