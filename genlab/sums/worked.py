"""One sum of concepts worked out by a run: its examples, their means, the answer among its neighbours, in pixels, and the true one."""

from collections import Counter
from dataclasses import dataclass

import numpy as np

from genlab.data.faces import Factors, render, sample_factors
from genlab.data.faces.factors import FACTORS
from genlab.data.resize import fit_all
from genlab.data.streams import HELD_OUT
from genlab.errors import LabError
from genlab.judge.judge import Judge
from genlab.judge.readings import Readings, identity_distance
from genlab.latent.arithmetic import EACH, combine, examples_of, perturbations, pixel_sum
from genlab.lens.codes import Codes
from genlab.lens.images import IMAGES
from genlab.lens.models import ServedModel
from genlab.lens.waypoints import decoded
from genlab.runs import Run
from genlab.sums.examples import draw_examples, true_answers
from genlab.sums.expression import Concept, Sum, in_words
from genlab.sums.samples import choose_rows
from genlab.sums.scoring import is_met, mse

NOTABLE = 0.2   # share of a range that a continuous attribute must go to be called changed


@dataclass(frozen=True)
class Parts:
    """Examples of A, B and C, uint8 (K, C, H, W) each; what they are called; the factors behind them where all are known; and their latents,
    float32 (K, D) each, where the model cannot encode and they are its own samples."""

    x: tuple[np.ndarray, np.ndarray, np.ndarray]
    names: tuple[str, str, str]
    sum: Sum | None = None
    factors: Factors | None = None
    z: tuple[np.ndarray, np.ndarray, np.ndarray] | None = None


@dataclass(frozen=True)
class Worked:
    """What a run makes of the parts. Pictures are uint8 (C, H, W), or (K, C, H, W) where there are several.

    z : float32 (D,); means : the decoded mean of each part; around : the answer's neighbours
    truth : the true answer's picture, None where the factors are not known or the sum is not in words
    """

    parts: Parts
    z: np.ndarray
    means: np.ndarray
    answer: np.ndarray
    around: np.ndarray
    pixels: np.ndarray
    truth: np.ndarray | None
    truth_factors: Factors | None


@dataclass(frozen=True)
class Reading:
    """What the judge says of an answer.

    wanted : for each word of the target whether it is read, and how: a chance in [0, 1], or a value of a continuous attribute
    changed : for each other attribute that is not as expected, what it should be and what it is, in the attribute's units; a category
        is left out where the examples of C differ in it
    mse, person : distance to the true answer, of pixels and of the person; None without one
    """

    wanted: dict[str, tuple[bool, float]]
    changed: dict[str, tuple[float, float]]
    mse: float | None
    person: float | None


def drawn_parts(run: Run, model: ServedModel, sum_: Sum, seed: int, protocol: str) -> Parts:
    """Fresh faces for a sum, the same for a seed."""
    examples = draw_examples(sum_, 1, seed, protocol=protocol, correlations={(a, b): rho for a, b, rho in run.plan.data.correlations})
    x = fit_all(render(examples.factors, model.size), model.size, model.channels).reshape(3, EACH, model.channels, model.size, model.size)
    return Parts(tuple(x), _names(sum_), sum_, examples.factors)


def matching_numbers(codes: Codes, sum_: Sum, seed: int) -> tuple[list[int], list[int], list[int]]:
    """Three images for each part that are what it says, at random by a seed, none twice; of few images as many as there are.

    Raises LabError where a concept has fewer than three, of few images none.
    """
    names, fits = [a.name for a in codes.info], []
    for part, concept in zip("ABC", sum_.parts, strict=True):
        holds = np.all([level.holds(codes.attributes[:, names.index(name)]) for name, level in concept.items()], axis=0)
        fits.append(np.flatnonzero(holds).tolist())
        if len(fits[-1]) < (1 if codes.few_words else EACH):
            raise LabError(f"{part}: {len(fits[-1])} of {len(holds)} {codes.images} are \u201c{in_words(concept)}\u201d; "
                           f"{'1 is' if codes.few_words else f'{EACH} are'} needed. Say less of it, or choose images by number")
    return examples_of(fits, [seed, 7], can_share=bool(codes.few_words))


def few_examples(numbers: tuple[list[int], list[int], list[int]]) -> str:
    """What is to be known of parts with fewer than three examples, or with the same ones; empty where there is nothing to say."""
    short = [f"{part} has {len(chosen)}" for part, chosen in zip("ABC", numbers, strict=True) if len(chosen) < EACH]
    counts = Counter(i for chosen in numbers for i in set(chosen))
    twice = sorted(i for i, count in counts.items() if count > 1)
    said = [f"{', '.join(short)} of the {EACH} examples that make a concept stable, so the sum says more of these images."] if short else []
    if twice:
        said.append(f"{'Image' if len(twice) == 1 else 'Images'} {', '.join(map(str, twice))} "
                    f"{'stands' if len(twice) == 1 else 'stand'} in several parts, since there are so few.")
    return " ".join(said)


def numbered_parts(run: Run, numbers: tuple[list[int], list[int], list[int]], sum_: Sum | None = None, *, least: int = EACH) -> Parts:
    """Images with these numbers, the held-out ones first. Raises LabError for a part with fewer than `least`, or a number that is not there."""
    for part, chosen in zip("ABC", numbers, strict=True):
        if len(chosen) < least:
            raise LabError(f"{part} has {len(chosen)} images; {least} are needed, since a single one says more of itself than of the concept")
    x = tuple(IMAGES.take(run.plan.data, "seen", list(chosen)).x for chosen in numbers)
    return Parts(x, _names(sum_), sum_, _held_out_factors(run, numbers) if run.plan.data.name == "faces" else None)


def sample_parts(model: ServedModel, codes: Codes, sum_: Sum | None, seed: int, protocol: str) -> Parts:
    """Three of a model's own samples for each part, as they were read; any nine where no sum is said. The same for a seed."""
    if sum_ is None:
        rows = np.random.default_rng([seed, 7]).choice(len(codes.mu), (3, EACH), replace=False)
    else:
        near = codes.near if protocol == "clear" else None
        rows = choose_rows(sum_, codes.attributes, codes.info, 1, seed, protocol=protocol, near=near)[0]
    x = decoded(model, codes.mu[rows.reshape(-1)]).transpose(0, 3, 1, 2).reshape(3, EACH, model.channels, model.size, model.size)
    return Parts(tuple(x), _names(sum_), sum_, z=tuple(codes.mu[rows]))


def _held_out_factors(run: Run, numbers: tuple[list[int], ...]) -> Factors | None:
    """What held-out faces were drawn from, where every part has three; None otherwise, since parts of other sizes have no table."""
    if any(len(chosen) != EACH for chosen in numbers):
        return None
    spec = run.plan.data
    tied = {(a, b): rho for a, b, rho in spec.correlations}
    rows = [sample_factors(1, spec.seed, HELD_OUT + i, tied) for chosen in numbers for i in chosen]
    return Factors(np.concatenate([row.attributes for row in rows]), np.concatenate([row.identity for row in rows]))


def work_out(model: ServedModel, parts: Parts, seed: int = 0) -> Worked:
    """The sum, its neighbours, and the naive sum of pixels. LabError where codes are not finite."""
    counts = np.cumsum([len(x) for x in parts.x])
    encoded = model.encode(np.concatenate(parts.x)) if parts.z is None else np.concatenate(parts.z)
    codes = np.split(encoded, counts[:-1])
    z = combine(*codes)
    around = perturbations(z, encoded.std(0), np.random.default_rng([seed, 8]))   # nine examples tell the spread well enough to shake by
    pictures = model.decode(np.concatenate([z[None], around, [c.mean(0) for c in codes]])).transpose(0, 3, 1, 2)
    factors = true_answers(parts.sum, parts.factors) if parts.sum and parts.factors else None
    truth = None if factors is None else fit_all(render(factors, model.size), model.size, model.channels)[0]
    return Worked(parts, z.astype(np.float32), pictures[9:], pictures[0], pictures[1:9], pixel_sum(*(x[None] for x in parts.x))[0], truth, factors)


def read_answer(judge: Judge, worked: Worked, picture: np.ndarray) -> Reading:
    """The judge's reading of the answer, or of the naive one, against the truth; where there is none, against the mean of C."""
    sum_ = worked.parts.sum
    other = worked.truth if worked.truth is not None else worked.means[2]
    read = judge.read(np.stack([picture, other]))
    found, expected = read.take(slice(0, 1)), read.take(slice(1, 2))
    wanted = {level.shown: (bool(is_met(found, sum_.target, name)[0]), _certainty(found, sum_.target, name)) for name, level in sum_.target.items()}
    if worked.truth is None:
        return Reading(wanted, _changed(found, expected.attributes[0], set(sum_.target)), None, None)
    person = float(identity_distance(found, expected)[0])
    told = set(sum_.target) | _undecided(worked.parts.factors)
    return Reading(wanted, _changed(found, worked.truth_factors.attributes[0], told), mse(picture, worked.truth), person)


def _certainty(found: Readings, target: Concept, name: str) -> float:
    """The chance that a word is true as the judge sees it; of a continuous attribute the value."""
    kind = next(a.kind for a in FACTORS if a.name == name)
    if kind == "continuous":
        return float(found[name][0])
    chance = float(found.chance(name)[0])
    if kind == "binary":
        return chance if target[name].values == (1.0,) else 1 - chance
    return chance if target[name].holds(found[name])[0] else 1 - chance


def _undecided(factors: Factors) -> set[str]:
    """Categories in which the examples of C differ: the sum has no one answer to them."""
    c = factors.attributes.reshape(3, EACH, -1)[2]
    return {a.name for k, a in enumerate(FACTORS) if a.kind == "categorical" and len(np.unique(c[:, k])) > 1}


def _changed(found: Readings, expected: np.ndarray, told: set[str]) -> dict[str, tuple[float, float]]:
    changed = {}
    for attribute, old in zip(FACTORS, map(float, expected), strict=True):
        new = float(found[attribute.name][0])
        limit = NOTABLE * (attribute.high - attribute.low) if attribute.kind == "continuous" else 0.5
        if attribute.name not in told and abs(new - old) > limit:
            changed[attribute.name] = (old, new)
    return changed


def _names(sum_: Sum | None) -> tuple[str, str, str]:
    return tuple(in_words(part) for part in sum_.parts) if sum_ else ("A", "B", "C")
