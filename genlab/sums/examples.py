"""Faces for sums of concepts: drawn afresh to be what each concept says, and the face that is the true answer."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from genlab.data.faces import FACTORS, IDENTITY, Factors, sample_factors
from genlab.errors import LabError
from genlab.latent.arithmetic import EACH
from genlab.sums.expression import Concept, Sum

FRESH = 2**44     # the first number that is drawn: no training or held-out set reaches it
APART = 2**20     # numbers between two seeds
MOST = 10_000     # sums at once, and seeds
MOST_EACH = 20
USUAL = "alike"   # the one protocol under which the true answer is the same whichever persons were drawn

PROTOCOLS = {
    "alike": "all attributes that the sum does not name, age, pose, hair and light among them, are drawn for each sum and shared by all its faces, "
             "which differ as persons do",
    "matched": "the binary attributes that the sum does not name are drawn at random for each sum and shared by all its faces",
    "free": "every face is drawn at random; the answer has what A - B + C gives for the attributes that the sum does not name",
}


@dataclass(frozen=True)
class Examples:
    """Faces of n sums and the true answers.

    factors : of n x 3 x each faces, sum by sum, A before B before C; truth : of n faces
    """

    sum: Sum
    factors: Factors
    truth: Factors
    each: int
    protocol: str

    def __len__(self) -> int:
        return len(self.truth)

    def of(self, first: int, stop: int) -> Factors:
        """The faces of sums number first to stop - 1."""
        return self.factors.take(slice(first * 3 * self.each, stop * 3 * self.each))


def draw_examples(sum_: Sum, n: int, seed: int, *, protocol: str = USUAL, each: int = EACH,
                  correlations: Mapping[tuple[str, str], float] | None = None) -> Examples:
    """Examples of n sums, the same for a seed: `each` faces for A, for B and for C.

    What the sum names is set; what it does not name follows the protocol, drawn with the correlations of a run's own data.
    Raises LabError for a number or a protocol that is not allowed.
    """
    check_numbers(n, each, seed)
    if protocol not in PROTOCOLS:
        raise LabError(f"protocol {protocol!r} is not known; there are {', '.join(PROTOCOLS)}")
    drawn = sample_factors(n * 3 * each, 0, FRESH + seed * APART, dict(correlations or {}))
    table = drawn.attributes.reshape(n, 3, each, -1).copy()
    shared = {"matched": ("binary",), "alike": ("binary", "continuous", "categorical"), "free": ()}[protocol]
    for k, attribute in enumerate(FACTORS):
        if attribute.kind in shared:
            table[..., k] = table[:, :1, :1, k]
    rng = np.random.default_rng([seed, n, each])
    for part, concept in enumerate(sum_.parts):
        for name, level in concept.items():
            table[:, part, :, _column(name)] = level.draw(n * each, rng).reshape(n, each)
    factors = Factors(table.reshape(len(drawn), -1), drawn.identity)
    return Examples(sum_, factors, true_answers(sum_, factors, each), each, protocol)


def check_numbers(n: int, each: int, seed: int) -> None:
    """LabError where so many sums, of so many faces a concept, by this seed, are not allowed."""
    if not (1 <= n <= MOST and 1 <= each <= MOST_EACH and 0 <= seed < MOST):
        raise LabError(f"sums: n = {n}, each = {each}, seed = {seed}; n from 1 to {MOST}, each from 1 to {MOST_EACH}, seed below {MOST} are allowed")


def true_answers(sum_: Sum, factors: Factors, each: int = EACH) -> Factors:
    """The same sums done on what the faces were drawn from: A - B + C of the means, kept within each factor's range.

    factors : of n x 3 x each faces, as in Examples -> n faces. What the sum names is as its target says; a category is the one that is
    most in A - B + C, that of C's first face where several are.
    """
    parts = factors.attributes.reshape(-1, 3, each, len(FACTORS)).astype(np.float64)
    traits = factors.identity.reshape(-1, 3, each, len(IDENTITY)).astype(np.float64)
    table = np.stack([_answer(attribute.name, parts[..., k], sum_.target) for k, attribute in enumerate(FACTORS)], axis=1)
    return Factors(table.astype(np.float32), _signed(traits.mean(2)).clip(-1, 1).astype(np.float32))


def _answer(name: str, x: np.ndarray, target: Concept) -> np.ndarray:
    """One attribute of the answers.  (n, 3, each) -> (n,)"""
    attribute = FACTORS[_column(name)]
    if attribute.kind == "categorical":
        counts = _signed((x[..., None] == np.arange(len(attribute.choices))).mean(2))   # (n, choices)
        if name in target:
            counts = np.where(np.isin(np.arange(len(attribute.choices)), target[name].values), counts, -np.inf)
        counts[np.arange(len(x)), x[:, 2, 0].astype(int)] += 0.5 / x.shape[2]
        return counts.argmax(1).astype(np.float64)
    value = _signed(x.mean(2)).clip(attribute.low, attribute.high)
    if attribute.kind == "binary":
        return np.full(len(x), target[name].values[0]) if name in target else np.rint(value)
    return value.clip(target[name].low, target[name].high) if name in target else value


def _signed(means: np.ndarray) -> np.ndarray:
    """A - B + C.  (n, 3, ...) -> (n, ...)"""
    return means[:, 0] - means[:, 1] + means[:, 2]


def _column(name: str) -> int:
    return next(k for k, attribute in enumerate(FACTORS) if attribute.name == name)
