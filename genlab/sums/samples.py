"""Sums of concepts among a generator's own samples: nobody drew them, so the judge's reading says what each is and what should come out."""

from collections.abc import Callable
from itertools import islice

import numpy as np

from genlab.data import Attribute
from genlab.data.faces import FACTORS, Factors
from genlab.errors import LabError
from genlab.judge.readings import Readings
from genlab.latent.arithmetic import EACH
from genlab.lens.near import NEAR, SHAKE, neighbours
from genlab.sums.examples import Examples, check_numbers, true_answers
from genlab.sums.expression import Sum, in_words
from genlab.sums.vocabulary import Vocabulary

LIMIT_DRAWS = 100_000

ALIKE = "whether there is a beard, a hat and so on is read alike in all samples of a sum, where the sum does not name it"
USUAL = "clear"   # as Radford et al. chose theirs: by eye
PROTOCOLS = {
    "matched": ALIKE,
    "clear": f"{ALIKE}, and what is said of a sample is read from each of {NEAR} neighbours too, whose latents are moved by {SHAKE:g} of the "
             "prior's spread, so that it is clearly so",
    "free": "samples are taken at random; the answer has what A - B + C of the readings gives for what the sum does not name",
}

Near = Callable[[np.ndarray], np.ndarray]
"""Numbers of samples to the attributes that are read from their neighbours.  int (M,) -> (NEAR, M, K)"""


def choose_rows(sum_: Sum, attributes: np.ndarray, info: tuple[Attribute, ...], n: int, seed: int, *, protocol: str = "matched",
                each: int = EACH, near: Near | None = None) -> np.ndarray:
    """Samples for n sums, the same for a seed: `each` for A, for B and for C, none twice in a sum.  (N, K) -> int (n, 3, each)

    attributes are as read; near is asked for "clear" alone, and only of samples that are looked at. What a sum does not name follows the
    protocol; unless "free", the binaries of its samples are those of a sample that is as C says, taken at random.
    Raises LabError where too few samples are as a concept says.
    """
    check_numbers(n, each, seed)
    if protocol not in PROTOCOLS:
        raise LabError(f"protocol {protocol!r}: samples can't be made to order; there are {', '.join(PROTOCOLS)}")
    columns = dict(zip((a.name for a in info), attributes.T, strict=True))
    fits = np.stack([np.all([level.holds(columns[name]) for name, level in part.items()], axis=0) for part in sum_.parts])
    shared = [columns[a.name] == 1 for a in info if a.kind == "binary" and a.name not in sum_.target] if protocol != "free" else []
    groups = sum((flags.astype(int) << i for i, flags in enumerate(shared)), np.zeros(len(attributes), int))
    needed = each * np.maximum((fits[:, None] & fits[None]).any(2).sum(1), 1)   # concepts that overlap take from the same samples
    counts = np.stack([np.bincount(groups[fit], minlength=2 ** len(shared)) for fit in fits])
    _require(sum_, fits.sum(1), needed, len(attributes))
    usable = (counts >= needed[:, None]).all(0)
    if not usable.any():
        raise LabError("arithmetic: too few samples are alike in what the sum does not name; say less, or take them at random (free)")
    rng = np.random.default_rng([seed, n, each, 11])
    weights = counts[2] * usable
    if protocol == "clear":
        words, column = Vocabulary(info), {a.name: k for k, a in enumerate(info)}

        def is_clear(part: int, there: np.ndarray) -> np.ndarray:
            read = near(there)
            return np.all([words.meets(level, read[..., column[name]]).all(0) for name, level in sum_.parts[part].items()], axis=0)

        return np.stack([_choose_clear(rng, fits, groups, weights, each, is_clear) for _ in range(n)])
    rows = np.empty((n, 3, each), int)
    for i, group in enumerate(rng.choice(len(weights), n, p=weights / weights.sum())):
        for part in range(3):
            there = np.flatnonzero(fits[part] & (groups == group))
            rows[i, part] = rng.choice(np.setdiff1d(there, rows[i, :part]), each, replace=False)
    return rows


def _choose_clear(rng: np.random.Generator, fits: np.ndarray, groups: np.ndarray, weights: np.ndarray, each: int,
                  is_clear: Callable[[int, np.ndarray], np.ndarray]) -> np.ndarray:
    """The samples of one sum, of a group with enough clear ones; any other group that it comes upon gets weight 0.  -> int (3, each)"""
    while weights.any():
        group = rng.choice(len(weights), p=weights / weights.sum())
        nine = np.full((3, each), -1)
        for part in range(3):
            there = rng.permutation(np.setdiff1d(np.flatnonzero(fits[part] & (groups == group)), nine[:part]))
            few = np.split(there, range(each, len(there), each))   # a look at one costs NEAR pictures
            found = list(islice((row for some in few for row in some[is_clear(part, some)]), each))
            if len(found) < each:
                weights[group] = 0
                break
            nine[part] = found
        else:
            return nine
    raise LabError("arithmetic: too few samples are clearly what the sum says and alike in all else; say less of it, or take matched ones")


def _require(sum_: Sum, counts: np.ndarray, needed: np.ndarray, of: int) -> None:
    for part, concept, count, enough in zip("ABC", sum_.parts, counts, needed, strict=True):
        if count < enough:
            raise LabError(f"{part}: only {count} of {of} samples are read as \u201c{in_words(concept)}\u201d; {enough} are needed. "
                           "This model may not make them; say less of it")


def as_examples(sum_: Sum, pool: Factors, rows: np.ndarray, protocol: str) -> Examples:
    """The chosen samples as examples of n sums: factors and answers are those of the judge's readings."""
    factors = pool.take(rows.reshape(-1))
    return Examples(sum_, factors, true_answers(sum_, factors, rows.shape[2]), rows.shape[2], protocol)


def expected(examples: Examples, identity_spread: np.ndarray) -> Readings:
    """What should be read from the answers: A - B + C of what was read from the samples, of the person too.

    identity_spread : (n x 3 x each, I), of the samples; the answers' are their root mean squares
    """
    n, truth = len(examples), examples.truth
    spread = np.sqrt(np.square(identity_spread).reshape(n, -1, identity_spread.shape[1]).mean(1))
    unknown = np.full_like(truth.attributes, np.nan)
    return Readings(FACTORS, truth.attributes, unknown, unknown, truth.identity, spread, np.zeros(n, np.float32))


def straight_limits(sum_: Sum, attributes: np.ndarray, info: tuple[Attribute, ...], each: int, protocol: str = "matched") -> dict[str, float]:
    """How often each wanted binary would come out right if one direction of the prior decided it alone, by its word.

    Along a direction of many numbers latents of either law lie as in N(0, 1), in spreads.

    The mean of a few examples lies at some distance behind the border, give or take: with three of each even a sum in a perfectly
    straight space goes wrong now and then. By 100 000 draws, so to a fifth of a percent. attributes : as read, (N, K)
    """
    rng, found = np.random.default_rng([each, 13]), {}
    shares = {a.name: (x == 1).mean() for a, x in zip(info, attributes.T, strict=True) if a.kind == "binary"}
    for name, level in sum_.target.items():
        if not 0 < shares.get(name, 0) < 1 or any(name not in part for part in sum_.parts):
            continue
        along = rng.standard_normal(LIMIT_DRAWS)
        border = np.quantile(along, 1 - shares[name])
        is_so = along > border
        if protocol == "clear":
            clear = (neighbours(along[:, None]).reshape(NEAR, -1) > border) == is_so
            along, is_so = along[clear.all(0)], is_so[clear.all(0)]
        a, b, c = (rng.choice(along[is_so == (part[name].values == (1.0,))], (LIMIT_DRAWS, each)).mean(1) for part in sum_.parts)
        found[level.shown] = float(((a - b + c > border) == (level.values == (1.0,))).mean())
    return found


def sample_words(examples: Examples, of: int, limits: dict[str, float]) -> str:
    """How the sums were made, for who reads the figures."""
    limit = f" An attribute that one straight direction of the prior decided alone would come out right in {_shares(limits)}." if limits else ""
    return (f"{len(examples)} sums of {examples.each} samples each for A, B and C, out of {of} draws from the prior that the judge has read; "
            f"{PROTOCOLS[examples.protocol]}. Nobody drew these faces, so there is no true answer to compare pixels with: what is wanted and "
            "kept is as the judge reads it, and the person is the same sum of the traits that it reads." + limit)


def _shares(limits: dict[str, float]) -> str:
    return " and ".join(f"{100 * share:.0f} % ({word})" for word, share in limits.items())
