"""A game as the parameters of a link, and back: what differs from the usual for its loss."""

from collections.abc import Mapping

from genlab.errors import ConfigError
from genlab.game.config import DRAWN, GameConfig
from genlab.game.drawn import points_from_text, points_to_text
from genlab.game.presets import FIRST, preset
from genlab.settings import build_config


def to_query(config: GameConfig, played: str = "") -> dict[str, str]:
    """The parameters, the data and the seed always among them."""
    usual = GameConfig(loss=config.loss)
    query = {"shape": config.shape, "loss": config.loss}
    if config.shape == DRAWN:
        query["points"] = points_to_text(config.points)
    others = [name for name in GameConfig.model_fields if name not in ("shape", "points", "loss", "seed")]
    query |= {name: str(getattr(config, name)) for name in others if getattr(config, name) != getattr(usual, name)}
    return query | {"seed": str(config.seed)} | ({"played": played} if played else {})


def from_query(query: Mapping[str, str]) -> GameConfig:
    """The game that a link names, the first preset where it names none; ConfigError where a value is not allowed."""
    values: dict = {name: query[name] for name in GameConfig.model_fields if name in query}
    if "points" in values:
        values["points"] = points_from_text(values["points"])
    if values.get("shape", DRAWN) != DRAWN and "points" in values:
        raise ConfigError(f"shape={values['shape']} and points are both in the address; points go with shape={DRAWN}")
    if not values.keys() - {"shape", "seed", "points"}:
        return preset(FIRST, **values)
    return build_config(GameConfig, values)
