"""The figures of a study over its seeds."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from genlab.latent.intervals import Estimate, of_mean
from genlab.studies.folder import Study
from genlab.studies.plan import ENDLESS, Member

Group = tuple[str, int]
"""A model and a number of training images: what is one column of a table."""

WORDS = {"vae": "VAE", "autoencoder": "Autoencoder"}
SAMPLED = {"": "N(0, I)", "mixture": "a Gaussian mixture of its codes", "pca": "principal components"}


@dataclass(frozen=True)
class Figure:
    """A measure over the seeds of a group: its mean with a 95 % t-interval, and each seed's own value."""

    name: str
    estimate: Estimate
    by_seed: dict[int, float]
    protocols: tuple[str, ...]
    unit: str
    better: str
    sentence: str

    @property
    def text(self) -> str:
        e = self.estimate
        return f"{e.value:.4g}" + (f" [{e.low:.4g}, {e.high:.4g}]" if len(self.by_seed) > 1 else "")


def groups(study: Study) -> dict[Group, list[tuple[Member, dict]]]:
    """The measured members by model and number of images, in the study's order."""
    found: dict[Group, list[tuple[Member, dict]]] = {}
    for member, result in study.results():
        found.setdefault((member.model, member.n), []).append((member, result))
    return found


def name_of(group: Group, many: bool = True) -> str:
    """A group in words; the number of images is left out where there is but one."""
    model, n = group
    return WORDS.get(model, model) + (f", {'endless' if n == ENDLESS else n}" if many else "")


def figure(members: Sequence[tuple[Member, dict]], name: str, sampler: str = "", epoch: int | None = None) -> Figure | None:
    """A measure over these members; None where one of them has it not. epoch : one that was looked at, by default the last."""
    taken = {}
    for member, result in members:
        told = result["samplers"].get(sampler, {}) if sampler else result["final"] if epoch is None else result["epochs"].get(str(epoch), {})
        if name not in told:
            return None
        taken[member.seed] = told[name]
    by_seed = {seed: m["value"] for seed, m in taken.items()}
    first = next(iter(taken.values()))
    estimate = of_mean(np.array(list(by_seed.values()))) if len(by_seed) > 1 else Estimate(first["value"], first["low"], first["high"])
    protocols = tuple(dict.fromkeys(m["protocol"] for m in taken.values()))
    return Figure(name, estimate, by_seed, protocols, first["unit"], first["better"], first["sentence"])


def measure_names(study: Study) -> list[str]:
    """Every measure that some member has, in the order of tables."""
    from genlab.measures.suite import NAMES  # a second to import: only where a table is made

    there = {name for _, result in study.results() for name in result["final"]}
    return [name for name in NAMES if name in there]
