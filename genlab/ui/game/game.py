"""The game in 2D as a component: the server plays, the browser draws; Python hears of what must stand in the address."""

from collections.abc import Callable

import streamlit as st

from genlab.game import GAMES, GameConfig
from genlab.game.presets import preset_of
from genlab.server.token import new_token
from genlab.ui.shell.components import component

PARTS = ("socket", "plane", "diagram", "stages", "curves", "drawing", "hands", "game")

_game = component("game", html="game/game/game.html", css="game/game/game.css", js="game/game/game.js")


def show_game(base: GameConfig, now: GameConfig, played: str, stamp: int, *, key: str, **callbacks: Callable[[], None]) -> str:
    """The game that began as base; what was played of it until its last pause, as text.

    A new stamp starts it anew, with `played` played again. Where `now` differs from what it was told last, the game changes in flight. The callbacks
    on_anew_change, on_preset_change, on_remedy_change and on_drawn_change are called when somebody wants it anew, chooses a preset or a remedy, or
    has drawn data; what was chosen stands in st.session_state[key].
    """
    presets = [{"name": name, "title": one.title, "about": one.about, "isNow": preset_of(now) == name} for name, one in GAMES.items()]
    live = {name: getattr(now, name) for name in GameConfig.live_fields()}
    token = st.session_state.setdefault("game.token", new_token())
    result = _game(key=key, height="content", on_state_change=lambda: None, **callbacks,
                   data={"token": token, "config": base.model_dump(), "live": live, "played": played, "stamp": stamp, "presets": presets})
    state = result.state
    is_of_this = isinstance(state, dict) and state.get("stamp") == stamp and isinstance(state.get("played"), str)
    return state["played"] if is_of_this else played

