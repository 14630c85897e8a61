"""How a game goes, in words: what is the matter, why, and what cures it. Cures were tried on the ring with several seeds."""

import math
from dataclasses import dataclass, field

from genlab.game.config import PRESETS, GameConfig
from genlab.game.measure import Measured
from genlab.objectives import adversarial

GOOD, GOING, BAD = "good", "going", "bad"
EARLY = 300          # updates of G before anything is called a failure
SURE = 0.97          # share of right answers from which D is as good as always right
ADAM = {"optimizer": "adam", "lr_D": 2e-3, "lr_G": 2e-3}


@dataclass(frozen=True)
class Remedy:
    """A change that helps, and the settings it sets; all of them live."""

    label: str
    changes: dict


@dataclass(frozen=True)
class Health:
    """state: good, going or bad; words name it in a few words; reason says why in a sentence."""

    state: str
    words: str
    reason: str
    remedies: tuple[Remedy, ...] = field(default=())


def health(found: Measured) -> Health:
    """What a game's measures say together."""
    look, config = found.look, found.look.config
    if found.outside > 0.4:
        return Health(BAD, "G has left the plane", f"{found.outside:.0%} of its points lie outside, where D's slope says nothing of the data.",
                      (*(_same_pace(config) or (_slower(config),)), *_r1(config)))
    if look.steps_G < EARLY and found.modes != found.modes_in_all:
        return Health(GOING, _covered(found) or "Just begun", f"{look.steps_G} updates of G: too early to tell.")
    if found.modes is not None and found.modes == found.modes_in_all:
        return Health(GOOD, _covered(found), f"G finds every mode. {_right(found)}")
    return _d_wins(found) or _outrun(found) or _collapse(found) or _bound(found) or _how_near(found)


def broken(config: GameConfig, fault: str) -> Health:
    """What to say of a game that met a number that is not finite and went back."""
    return Health(BAD, "Not finite: rewound", fault, (_slower(config), *_r1(config)))


def _d_wins(found: Measured) -> Health | None:
    look, config = found.look, found.look.config
    if config.loss in adversarial.WASSERSTEIN or min(look.accuracy) <= SURE:
        return None
    flat = f" log(1 \u2212 D) is flat there: the gradient of G has length {look.grad_G:.1g}." if config.loss == "minimax" else ""
    steep = (Remedy("Non-saturating loss", {"loss": "non-saturating"}),) if config.loss == "minimax" else ()
    return Health(BAD, _with_modes("D wins", found), f"{_right(found)}{flat}", (*_r1(config), *steep, *_wgan_gp(config)))


def _outrun(found: Measured) -> Health | None:
    config, wrong = found.look.config, 1 - found.look.accuracy[1]
    if config.loss in adversarial.WASSERSTEIN or not _same_pace(config) or _share(found) > 0.5:
        return None
    reason = f"G learns {config.lr_G / config.lr_D:.2g} times as fast as D, which is wrong about {wrong:.0%} of fakes: G moves on before D is there."
    return Health(BAD, _with_modes("G outruns D", found), reason, (*_same_pace(config), *_wgan_gp(config)))


def _collapse(found: Measured) -> Health | None:
    remedies = (*_r1(found.look.config), *_wgan_gp(found.look.config))
    if found.modes is not None and _share(found) <= 0.5:
        reason = f"G puts its points where D is fooled now; nothing in its loss asks for the other modes. {_right(found)}"
        return Health(BAD, f"Mode collapse: {_covered(found)}", reason, remedies)
    if found.modes is None and found.spread < 0.25:
        return Health(BAD, "Mode collapse: nearly one point", f"G's points spread {found.spread:.0%} as far as the data.", remedies)
    return None


def _bound(found: Measured) -> Health | None:
    look = found.look
    if look.at_bound < 0.5:
        return None
    reason = f"{look.at_bound:.0%} of its weights stand at the bound of {look.config.clip:g}, so it can only be simple."
    return Health(GOING, _with_modes("The clip holds the critic", found), reason, _wgan_gp(look.config))


def _how_near(found: Measured) -> Health:
    js = found.distances.js
    near = f"JS is {js:.2f} nats; {math.log(2):.2f} would be nothing shared."
    if found.modes is not None:
        return Health(GOING, _covered(found), f"{near} {_right(found)}", _r1(found.look.config) if found.look.steps_G > 5 * EARLY else ())
    return Health(GOOD if js < 0.1 else GOING, "Close to the data" if js < 0.1 else "On the way", f"{near} {_right(found)}")


# -- in words -------------------------------------------------------------------------------------------------------


def _covered(found: Measured) -> str:
    return "" if found.modes is None else f"{found.modes} of {found.modes_in_all} modes{' covered' if found.modes == found.modes_in_all else ''}"


def _with_modes(words: str, found: Measured) -> str:
    return words if found.modes is None else f"{words}: {_covered(found)}"


def _share(found: Measured) -> float:
    return 1.0 if found.modes is None else found.modes / found.modes_in_all


def _right(found: Measured) -> str:
    real, fake = found.look.accuracy
    return f"D is right about {real:.0%} of real points and {fake:.0%} of fakes."


# -- remedies -------------------------------------------------------------------------------------------------------


def _r1(config: GameConfig) -> tuple[Remedy, ...]:
    return () if config.r1 or config.loss in adversarial.WASSERSTEIN else (Remedy("R1: keep D flat at real points", {"r1": 0.1}),)


def _wgan_gp(config: GameConfig) -> tuple[Remedy, ...]:
    return () if config.loss == "wgan-gp" else (Remedy("WGAN-GP", {"loss": "wgan-gp", "r1": 0.0, "gp": 1.0, **PRESETS["wgan-gp"], **ADAM}),)


def _same_pace(config: GameConfig) -> tuple[Remedy, ...]:
    return (Remedy("Same pace for both", {**ADAM, "beta1": 0.5, "beta2": 0.99}),) if config.lr_G >= 2 * config.lr_D else ()


def _slower(config: GameConfig) -> Remedy:
    return Remedy("A tenth of the learning rates", {"lr_D": float(f"{config.lr_D / 10:.3g}"), "lr_G": float(f"{config.lr_G / 10:.3g}")})
