"""How a game of D and G goes, in words and with the figures, and what usually helps.

What goes wrong and how it shows: I. Goodfellow, "NIPS 2016 Tutorial", arXiv 1701.00160, section 5; M. Arjovsky and L. Bottou, "Towards
Principled Methods for Training GANs", 2017, arXiv 1701.04862. Thresholds are rules of thumb and stand below.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from genlab.objectives.adversarial import WASSERSTEIN
from genlab.runs.best import KID, best_row

FEWEST = 5            # rows before anything is said
WINS, GUESSES = 0.97, 0.6   # accuracies of D on both kinds above or below which the game is one-sided
BY_HEART = 0.25       # how much better D knows its training images than held-out ones
FADED = 0.05          # of G's first gradients; above KEPT_UP of them nothing has faded
KEPT_UP = 0.5
COVERED = 0.1         # coverage below which samples are of a few kinds
JUMPED = 10           # times D's median gradient


@dataclass(frozen=True)
class Remedy:
    """What may help: settings that can be changed in flight ("lr" among them), and why in a few words. Another lr_schedule needs a fork."""

    label: str
    settings: dict[str, float | str]
    about: str
    lr_schedule: str = ""


@dataclass(frozen=True)
class Finding:
    """One thing to know about a game: a word for it, a sentence with its figures, and what helps."""

    kind: str
    sentence: str
    remedies: tuple[Remedy, ...] = ()
    is_well: bool = False


@dataclass
class Curves:
    """A run's rows by metric: every number with the epoch it was taken at, in order. live : the settings that hold now, with lr, its schedule
    and D's norm where it has one.
    """

    rows: list[dict]
    live: dict[str, float | str]
    by_name: dict[str, np.ndarray] = field(init=False)

    def __post_init__(self) -> None:
        names = {name for row in self.rows for name, value in row.items() if "/" in name and isinstance(value, int | float)}
        self.by_name = {name: np.array([row[name] for row in self.rows if name in row], float) for name in names}

    def of(self, name: str) -> np.ndarray:
        return self.by_name.get(name, np.empty(0))

    def lately(self, name: str) -> float:
        """The mean of the newest tenth; NaN where there are too few."""
        values = self.of(name)
        return float(values[-max(1, -(-len(values) // 10)):].mean()) if len(values) >= FEWEST else float("nan")

    @property
    def still_falls(self) -> bool:
        """Whether the newest look is the best, and its KID well below the first."""
        kid, best = self.of(KID), best_row(self.rows)
        return len(kid) > 1 and best is [row for row in self.rows if KID in row][-1] and kid[-1] < 0.8 * kid[0]

    @property
    def as_good_as_ever(self) -> bool:
        """Whether the newest KID, of two at least, lies within the interval of the best step's."""
        kid, best = self.of(KID), best_row(self.rows)
        return len(kid) > 1 and bool(kid[-1] <= best.get("eval/kid_high", kid.min()))

    @property
    def grad_G_at_first(self) -> float:
        """The median of G's first gradients, NaN where there are too few or they were 0."""
        grads = self.of("train/grad_G")
        first = float(np.median(grads[: max(FEWEST, len(grads) // 10)])) if len(grads) >= 2 * FEWEST else 0.0
        return first or float("nan")

    @property
    def faded_to(self) -> float:
        """G's gradient lately, in its first ones; NaN where those say nothing."""
        return self.lately("train/grad_G") / self.grad_G_at_first

    @property
    def can_take_r1(self) -> bool:
        """Whether D judges each image by itself; batch norm mixes those of a batch, and R1's slope with them."""
        return self.live.get("norm_D") != "batch"

    @property
    def d_is_sure(self) -> bool:
        return self.lately("train/acc_real") > WINS and self.lately("train/acc_fake") > WINS

    @property
    def is_wasserstein(self) -> bool:
        return self.live["loss"] in WASSERSTEIN


def findings(rows: list[dict], live: dict[str, float | str]) -> list[Finding]:
    """What there is to say of a game with these rows of metrics, the gravest first; never empty."""
    curves = Curves(rows, live)
    if len(curves.of("train/acc_real")) < FEWEST:
        return [Finding("early", "Too early to say how the game goes.", is_well=True)]
    found = [finding for rule in RULES if (finding := rule(curves))]
    return found or [_well(curves)]


def _broken(c: Curves) -> Finding | None:
    if np.isfinite(c.of("train/loss_D")).all() and np.isfinite(c.of("train/loss_G")).all():
        return None
    return Finding("broken", "A loss was no longer a number: the game broke.", _those(_slower(c), _r1(c)))


def _collapsed(c: Curves) -> Finding | None:
    coverage = c.of("eval/coverage")
    if len(coverage) < 3 or coverage[-1] >= COVERED or c.still_falls and coverage.max() < 2 * COVERED:
        return None
    was = f", after {100 * coverage.max():.0f} % at best" if coverage.max() >= 2 * COVERED else ""
    return Finding("collapsed", f"Samples are of a few kinds: {100 * coverage[-1]:.0f} % of the held-out images have one close by{was}.",
                   _those(_steep(c), _r1(c), _slower(c)))


def _faded(c: Curves) -> Finding | None:
    """Under minimax log(1 - D) is flat where D is sure."""
    if c.live["loss"] != "minimax" or not c.faded_to < FADED:
        return None
    now = c.lately("train/grad_G")
    words = f"G's gradient has faded from {c.grad_G_at_first:.2g} to {now:.2g}: log(1 - D) is flat where D is sure."
    return Finding("faded", words, _those(_steep(c), _r1(c)))


def _d_wins(c: Curves) -> Finding | None:
    """Accuracy alone is no loss for G: with a steep loss it may learn from a D that is always right."""
    if c.is_wasserstein or not c.d_is_sure or c.as_good_as_ever and c.faded_to > KEPT_UP:
        return None
    real, fake = c.lately("train/acc_real"), c.lately("train/acc_fake")
    first = "R1" if c.can_take_r1 else "shifts for D"
    why = "" if c.can_take_r1 else " R1 needs a D without batch norm: a new run with R1 has one."
    return Finding("d_wins", f"D wins: real accuracy {real:.2f}, made accuracy {fake:.2f}; G's gradient is {c.lately('train/grad_G'):.2g}. "
                   f"Try {first}" + (" or non-saturating." if c.live["loss"] == "minimax" else ".") + why,
                   _those(_r1(c) if c.can_take_r1 else SHIFTS, _steep(c)))


def _by_heart(c: Curves) -> Finding | None:
    held = c.of("test/acc_real")[-3:]
    real = c.lately("train/acc_real")
    if c.is_wasserstein or len(held) < 3 or not real - held.mean() > BY_HEART:
        return None
    return Finding("by_heart", f"D knows its training images by heart: it takes {100 * real:.0f} % of them for real and {100 * held.mean():.0f} % of "
                   "held-out ones.", _those(SHIFTS, HOLES, _r1(c)))


def _d_guesses(c: Curves) -> Finding | None:
    real, fake = c.lately("train/acc_real"), c.lately("train/acc_fake")
    if c.is_wasserstein or not (real < GUESSES and fake < GUESSES):
        return None
    k = min(20, int(c.live["k"]) + 1)
    return Finding("d_guesses", f"D only guesses: real accuracy {real:.2f}, made accuracy {fake:.2f}. It is too weak to teach G.",
                   (Remedy(f"k = {k}", {"k": k}, f"{k} updates of D for each of G"),))


def _jumps(c: Curves) -> Finding | None:
    grads = c.of("train/grad_D")
    felt = grads[grads > 0]   # of a D that is sure of everything it is 0
    usual, now = float(np.median(felt)) if len(felt) else float("nan"), c.lately("train/grad_D")
    if not now > JUMPED * usual:
        return None
    words = f"D's gradient is {now:.2g}, {now / usual:.0f} times its median: D changes faster than G can follow."
    return Finding("jumps", words, _those(_slower(c), _r1(c)))


def _rotten(c: Curves) -> Finding | None:
    best = best_row(c.rows)
    if best is None or not (now := c.of(KID)[-1]) > best.get("eval/kid_high", np.inf):
        return None
    return Finding("rotten", f"Samples have become worse: KID {now:.3g}, after {best[KID]:.3g} at epoch {best['epoch']:.0f}, whose weights are kept.",
                   (_slower(c),))


def _well(c: Curves) -> Finding:
    real, fake, best = c.lately("train/acc_real"), c.lately("train/acc_fake"), best_row(c.rows)
    falls = ", and it still falls" if c.still_falls else ""
    kid = f" Samples were best at epoch {best['epoch']:.0f}: KID {best[KID]:.3g}{falls}." if best else ""
    if c.is_wasserstein:
        gap = c.lately("train/score_real") - c.lately("train/score_fake")
        return Finding("well", f"The critic scores real images {gap:.2g} higher than made ones, and G's gradient is {c.lately('train/grad_G'):.2g}: "
                       f"under this loss that teaches G however sure the critic is.{kid}", _settled(c), is_well=True)
    if c.d_is_sure:
        return Finding("well", f"D is hardly ever wrong (real accuracy {real:.2f}, made accuracy {fake:.2f}), yet G's gradient has not faded and its "
                       f"samples are as good as ever.{kid}", _settled(c), is_well=True)
    return Finding("well", f"D and G hold each other: D takes {100 * real:.0f} % of real images for real and sees through {100 * fake:.0f} % of made "
                   f"ones.{kid}", _settled(c), is_well=True)


RULES: tuple[Callable[[Curves], Finding | None], ...] = (_broken, _collapsed, _faded, _d_wins, _by_heart, _d_guesses, _jumps, _rotten)


# -- remedies ---------------------------------------------------------------------------------------------------------


SHIFTS = Remedy("shifts for D", {"translate": 0.125}, "D sees real and made images shifted by up to an eighth")
HOLES = Remedy("shifts and holes for D", {"translate": 0.125, "cutout": 0.5}, "DiffAugment, for few images")


def _those(*remedies: Remedy | None) -> tuple[Remedy, ...]:
    return tuple(r for r in remedies if r)


def _r1(c: Curves) -> Remedy | None:
    if not c.can_take_r1:
        return None
    gamma = min(1000.0, 4 * float(c.live["r1"])) or 1.0
    return Remedy(f"R1 = {gamma:g}", {"r1": gamma}, "a penalty on D's slope at real images, which keeps D from winning")


def _steep(c: Curves) -> Remedy | None:
    if c.live["loss"] != "minimax":
        return None
    return Remedy("the non-saturating loss", {"loss": "non-saturating"}, "-log D for G: steep where D is sure")


def _settled(c: Curves) -> tuple[Remedy, ...]:
    """What makes a sound game's samples sharper; none where the rate falls already."""
    about = "samples are drawn by an average of G's weights, which blurs as long as they still move"
    return (Remedy("a falling learning rate", {}, about, lr_schedule="cosine"),) if c.live["lr_schedule"] == "constant" else ()


def _slower(c: Curves) -> Remedy:
    lr = float(c.live["lr"]) / 2
    return Remedy("half the learning rate", {"lr": lr}, f"{lr:g} instead of {2 * lr:g}, of G and of D")
