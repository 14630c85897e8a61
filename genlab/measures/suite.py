"""All measures by name, and the functions that take them of a run."""

import difflib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from genlab.data import Progress
from genlab.errors import ConfigError, LabError
from genlab.measures import of_codes, of_images, of_samples
from genlab.measures.material import Material
from genlab.measures.measured import Measured
from genlab.runs import Run

N, MOST = 2000, 5000   # images: by default, and at most, which tables of distances still fit into memory


@dataclass(frozen=True)
class Family:
    """Measures that are taken together: their names, what takes them, and where they come from."""

    names: tuple[str, ...]
    take: Callable[[Material], list[Measured]]
    source: str


FAMILIES: dict[str, Family] = {
    "kid": Family(("kid",), of_samples.kernel, "Bińkowski et al. 2018, arXiv 1801.01401"),
    "fid": Family(("fid",), of_samples.frechet, "Heusel et al. 2017, arXiv 1706.08500"),
    "manifold": Family(("precision", "recall", "density", "coverage"), of_samples.manifold,
                       "Kynkäänniemi et al. 2019, arXiv 1904.06991; Naeem et al. 2020, arXiv 2002.09797"),
    "diversity": Family(("diversity",), of_samples.spread, "total variance of features, samples' over held-out images'"),
    "sharpness": Family(("sharpness",), of_samples.fineness, "Durall et al. 2020, arXiv 2003.01826"),
    "attributes": Family(("combinations", "marginals"), of_samples.attributes, "the judge; Chao 1984; Colwell et al. 2012"),
    "memorisation": Family(("memorisation",), of_samples.memory, "Meehan et al. 2020, arXiv 2004.05675"),
    "copies": Family(("copies",), of_samples.copied, "Alaa et al. 2022, arXiv 2102.08921"),
    "rebuilt": Family(("mse", "psnr", "ssim"), of_images.rebuilt, "Wang et al. 2004"),
    "mse_pca": Family(("mse_pca",), of_images.principal, "Baldi and Hornik 1989"),
    "evidence": Family(("recon", "kl", "elbo", "mse_draw"), of_images.evidence, "Kingma and Welling 2014, arXiv 1312.6114"),
    "iwae": Family(("iwae_1", "iwae_5", "iwae_50", "iwae_500"), of_images.bounds, "Burda et al. 2016, arXiv 1509.00519"),
    "unevenness": Family(("unevenness",), of_images.evenness, "largest step of a path over its mean step"),
    "active_units": Family(("active_units",), of_codes.units, "Burda et al. 2016, arXiv 1509.00519"),
    "prior_gap": Family(("prior_gap",), of_codes.gap, "Hoffman and Johnson 2016"),
    "code_gap": Family(("code_gap",), of_codes.distance, "Dowson and Landau 1982"),
    "mig": Family(("mig",), of_codes.gaps_of_information, "Chen et al. 2018, arXiv 1802.04942"),
    "sap": Family(("sap",), of_codes.gaps_of_prediction, "Kumar et al. 2018, arXiv 1711.00848"),
    "dci": Family(("dci_disentanglement", "dci_completeness", "dci_informativeness"), of_codes.importances, "Eastwood and Williams 2018"),
}

NAMES: tuple[str, ...] = tuple(name for family in FAMILIES.values() for name in family.names)
"""Every measure, in the order of tables."""


def measure(run: Run, names: Sequence[str], n: int = N, seed: int = 0, *, sampler: str = "prior", step: int | None = None,
            told: Progress = lambda share, what: None) -> list[Measured]:
    """These measures of a run, in the order of NAMES; a family's name stands for all of its own.

    sampler : "prior", "mixture" or "pca"; step : a kept snapshot, by default the newest
    Raises ConfigError for a name or a number that is not allowed, LabError where one cannot be taken, saying what it needs.
    """
    wanted = _named(names)
    taken, _ = take(wanted, _material(run, n, seed, sampler, step), told, strict=True)
    return [m for m in taken if m.name in wanted]


def measure_all(run: Run, n: int = N, seed: int = 0, *, sampler: str = "prior", step: int | None = None,
                told: Progress = lambda share, what: None) -> tuple[list[Measured], dict[str, str]]:
    """Every measure that can be taken of a run, and for each other one the sentence that says what it would need."""
    return take(set(NAMES), _material(run, n, seed, sampler, step), told)


def _material(run: Run, n: int, seed: int, sampler: str, step: int | None) -> Material:
    if not 2 <= n <= MOST or seed < 0:
        raise ConfigError(f"evaluate: n = {n}, seed = {seed}; n from 2 to {MOST} and a seed of at least 0 are allowed")
    return Material(run, n, seed, sampler, step)


def take(wanted: set[str], material: Material, told: Progress = lambda share, what: None, *,
         strict: bool = False) -> tuple[list[Measured], dict[str, str]]:
    """The families of the wanted measures that can be taken of a material, and for each other one what it would need; strict raises that."""
    families = {title: f for title, f in FAMILIES.items() if wanted & set(f.names)}
    taken: list[Measured] = []
    left_out: dict[str, str] = {}
    material.held_out, material.model   # what nothing can be measured without  # noqa: B018
    for i, (title, family) in enumerate(families.items()):
        told(i / len(families), title)
        try:
            taken += family.take(material)
        except LabError as error:
            if strict:
                raise
            left_out |= dict.fromkeys(family.names, str(error))
    told(1.0, "done")
    return taken, left_out


def _named(names: Sequence[str]) -> set[str]:
    wanted: set[str] = set()
    for name in names:
        if name not in FAMILIES and name not in NAMES:
            near = difflib.get_close_matches(name, [*NAMES, *FAMILIES], n=1)
            raise ConfigError(f"measure {name!r} is not known; " + (f"did you mean {near[0]!r}?" if near else f"there are {', '.join(NAMES)}"))
        wanted |= {name} if name in NAMES else set(FAMILIES[name].names)
    if not wanted:
        raise ConfigError(f"no measure is named; there are {', '.join(NAMES)}")
    return wanted
