"""Does a sum of concepts come out right? Over many random sums, by the judge, against the true answer."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np

from genlab.data import Progress
from genlab.data.faces import FACTORS, render
from genlab.data.resize import fit_all
from genlab.errors import LabError
from genlab.judge.judge import Judge
from genlab.judge.readings import Readings, identity_distance
from genlab.latent.arithmetic import combine, pixel_sum
from genlab.latent.arrays import in_parts
from genlab.latent.intervals import of_share
from genlab.sums.examples import PROTOCOLS, Examples
from genlab.sums.expression import Concept
from genlab.sums.vocabulary import Vocabulary

SUMS_AT_ONCE = 40     # drawn, encoded and decoded together
FEWEST = 10           # sums that a share is told of

WORDS = Vocabulary(FACTORS)

Answer = Callable[[np.ndarray], np.ndarray]
"""Examples of sums to their answers.  uint8 (n, 3, each, C, H, W) -> uint8 (n, C, H, W)"""


class Coder(Protocol):
    """What encodes and decodes, as genlab.lens.models.ServedModel does."""

    def encode(self, x: np.ndarray) -> np.ndarray: ...

    def decode(self, z: np.ndarray) -> np.ndarray: ...


@dataclass(frozen=True)
class Share:
    """How often something was so."""

    hits: int
    n: int

    @property
    def share(self) -> float:
        return self.hits / self.n

    @cached_property
    def interval(self) -> tuple[float, float]:
        """Wilson's 95 % interval of the share."""
        estimate = of_share(self.hits, self.n)
        return estimate.low, estimate.high

    def as_dict(self) -> dict:
        low, high = self.interval
        return {"share": self.share, "low": low, "high": high, "hits": self.hits, "n": self.n}

    def __str__(self) -> str:
        low, high = (100 * side for side in self.interval)
        return f"{100 * self.share:.1f} % ({low:.1f} to {high:.1f})"


@dataclass(frozen=True)
class Score:
    """How one way of adding did.

    wanted : for each attribute of the sum, how often it came out as the target says; kept : for each other binary, how often it stayed
    all_wanted, all_kept, success : all of these at once, all of those, and both
    identity_kept : how often the person is nearer to the true answer's than to that of another sum (chance is 1/2)
    identity : mean distance of the person from the true answer's, 0 the same and about 1 a stranger
    mse : mean squared error of the pixels against the true answer, in [0, 1]; features : root mean square distance of the judge's features;
        None where there is no true answer
    """

    wanted: dict[str, Share]
    kept: dict[str, Share]
    all_wanted: Share
    all_kept: Share
    success: Share
    identity_kept: Share
    identity: float
    mse: float | None
    features: float | None

    def as_dict(self) -> dict:
        shares = {name: getattr(self, name).as_dict() for name in ("all_wanted", "all_kept", "success", "identity_kept")}
        return {**shares, "wanted": {k: s.as_dict() for k, s in self.wanted.items()}, "kept": {k: s.as_dict() for k, s in self.kept.items()},
                "identity": self.identity, "mse": self.mse, "features": self.features}


def by_codes(model: Coder) -> Answer:
    """Sums in a model's latent space."""
    def answer(x: np.ndarray) -> np.ndarray:
        flat = x.reshape(-1, *x.shape[3:])
        z = in_parts(model.encode, flat)
        z = combine(*np.moveaxis(z.reshape(*x.shape[:3], -1), 1, 0))
        return in_parts(model.decode, z).transpose(0, 3, 1, 2)
    return answer


def by_pixels(x: np.ndarray) -> np.ndarray:
    """Sums of the pictures themselves: what to beat."""
    return pixel_sum(*np.moveaxis(x, 1, 0))


def find_answers(examples: Examples, ways: dict[str, Answer], *, size: int, channels: int = 3,
                 progress: Progress = lambda share, what: None) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """The answers of each way of adding, and the true ones: uint8 (n, C, size, size) each."""
    n = len(examples)
    found: dict[str, list[np.ndarray]] = {name: [] for name in ways}
    for start in range(0, n, SUMS_AT_ONCE):
        progress(start / n, f"sum {start} of {n}")
        stop = min(start + SUMS_AT_ONCE, n)
        x = fit_all(render(examples.of(start, stop), size), size, channels)
        x = x.reshape(stop - start, 3, examples.each, *x.shape[1:])
        for name, answer in ways.items():
            found[name].append(answer(x))
    progress(1.0, "reading the answers")
    return {name: np.concatenate(parts) for name, parts in found.items()}, fit_all(render(examples.truth, size), size, channels)


def score_sums(examples: Examples, answers: dict[str, np.ndarray], truth: np.ndarray, judge: Judge) -> dict[str, Score]:
    """What the judge says of each way's answers, and of the true ones, which is as well as anybody can do: "truth"."""
    _check_count(examples)
    if truth.shape[1] != 3:
        raise LabError("sums: this run's images are grey; the judge reads colour")
    read_truth, features = judge.read(truth), judge.features(truth)
    return {name: _score(examples, judge.read(x), read_truth, mse(x, truth), float(np.sqrt(np.square(judge.features(x) - features).mean())))
            for name, x in {**answers, "truth": truth}.items()}


def score_readings(examples: Examples, answers: dict[str, np.ndarray], expected: Readings, judge: Judge) -> dict[str, Score]:
    """The same where there is no true answer to look at, only what should be read from it."""
    _check_count(examples)
    return {name: _score(examples, judge.read(x), expected, None, None) for name, x in answers.items()}


def _check_count(examples: Examples) -> None:
    if len(examples) < FEWEST:
        raise LabError(f"sums: n = {len(examples)}; at least {FEWEST} are needed for a share that means something")


def _score(examples: Examples, read: Readings, read_truth: Readings, off: float | None, features: float | None) -> Score:
    wanted = {name: is_met(read, examples.sum.target, name) for name in examples.sum.target}
    kept = {name: read[name] == examples.truth[name] for name in others(examples.sum.target)}
    right, stayed = (np.all(list(hits.values()) or [np.ones(len(read), bool)], axis=0) for hits in (wanted, kept))
    distance, strange = identity_distance(read, read_truth), identity_distance(read, read_truth.take(np.roll(np.arange(len(read)), 1)))
    return Score({k: _share(v) for k, v in wanted.items()}, {k: _share(v) for k, v in kept.items()}, _share(right), _share(stayed),
                 _share(right & stayed), _share(distance < strange), float(distance.mean()), off, features)


def is_met(read: Readings, target: Concept, name: str) -> np.ndarray:
    """Where the judge reads what is wanted of one attribute.  -> bool (N,)"""
    return WORDS.meets(target[name], read[name])


def others(target: Concept) -> list[str]:
    """The binary attributes that a sum does not name."""
    return [a.name for a in FACTORS if a.kind == "binary" and a.name not in target]


def mse(x: np.ndarray, truth: np.ndarray) -> float:
    """Mean squared error of pixels, grey levels in [0, 1].  uint8 twice, same shape"""
    return float(np.square((x.astype(np.float32) - truth) / 255).mean())


def protocol_words(examples: Examples) -> str:
    """How the sums were drawn, for who reads the figures."""
    return (f"{len(examples)} sums of {examples.each} faces each for A, B and C, drawn afresh, so that no model has seen them; "
            f"{PROTOCOLS[examples.protocol]}. The true answer is the same sum of the factors that the faces were drawn from.")


def _share(hits: np.ndarray) -> Share:
    return Share(int(hits.sum()), len(hits))
