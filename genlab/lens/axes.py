"""Axes of a run's latent space, each one spread of its codes long: single dimensions, principal components, named attributes."""

import difflib
import re

import numpy as np

from genlab.data import Attribute
from genlab.errors import LabError
from genlab.latent.directions import attribute_directions, components, in_spreads, single_dims
from genlab.latent.laws import NORMAL, Law
from genlab.latent.statistics import LatentStatistics
from genlab.lens.codes import Codes

MOST_CHOICES = 12   # of a category that becomes axes


def dim_axis(stats: LatentStatistics | None, latent_dim: int, dim: int, law: Law = NORMAL) -> np.ndarray:
    """One dimension, as long as its codes spread; an unused or unmeasured one as long as the law of the prior.  -> (D,)"""
    size = stats.std[dim] if stats is not None and stats.active[dim] else law.std
    return size * single_dims([dim], latent_dim)[0]


def component_axes(codes: Codes, most: int) -> tuple[np.ndarray, np.ndarray]:
    """The first principal components of the codes.  -> (K, D), and their share of the variance (K,); K is `most` or what there is"""
    if len(codes.mu) < 2:   # a single code spreads along nothing
        return np.empty((0, codes.mu.shape[1])), np.empty(0)
    found = components(codes.mu, min(most, len(codes.mu) - 1, codes.mu.shape[1]))
    return found.std[:, None] * found.directions, found.share


def attribute_columns(attributes: np.ndarray, info: tuple[Attribute, ...]) -> tuple[list[str], np.ndarray]:
    """One number for each attribute that can grow: a category becomes one column for each of its choices.  (N, K) -> names, (N, K')"""
    names, columns = [], []
    for attribute, column in zip(info, attributes.T, strict=True):
        label = attribute.name.replace("_", " ")
        if attribute.kind != "categorical":
            names.append(label)
            columns.append(column)
        elif len(attribute.choices) <= MOST_CHOICES:
            names += [f"{label}: {choice}" for choice in attribute.choices]
            columns += [np.where(np.isnan(column), np.nan, column == i) for i in range(len(attribute.choices))]
    return names, np.stack(columns, axis=1).astype(np.float64) if columns else np.empty((len(attributes), 0))


def named_axis(codes: Codes | None, latent_dim: int, name: str, law: Law = NORMAL) -> np.ndarray:
    """The axis that a person names: "3" is a dimension, "pc1" the first component, anything else an attribute.  -> (D,)

    codes is None where there are none, which leaves the dimensions. LabError where there is no such axis.
    """
    if is_dim(name):
        if not 0 <= int(name) < latent_dim:
            raise LabError(f"axis {name!r}: dimensions 0 to {latent_dim - 1} are there")
        return dim_axis(None if codes is None or codes.is_drawn else codes.statistics, latent_dim, int(name), law)
    if codes is None:
        raise LabError(f"axis {name!r}: without an encoder there are the dimensions 0 to {latent_dim - 1} alone")
    if codes.is_drawn and name.startswith("pc"):
        raise LabError(f"axis {name!r}: draws from the prior spread as far in all directions, so they have no principal ones; "
                       "name a dimension or an attribute")
    if found := re.fullmatch(r"pc([0-9]{1,9})", name):
        axes, _ = component_axes(codes, latent_dim)
        if not 1 <= int(found[1]) <= len(axes):
            there = f"components pc1 to pc{len(axes)} are there" if len(axes) else "the codes of one image have no components; name a dimension"
            raise LabError(f"axis {name!r}: {there}")
        return axes[int(found[1]) - 1]
    return _attribute_axis(codes, name)


def is_dim(name: str) -> bool:
    """Whether an axis's name is a dimension's, which needs no codes."""
    return bool(re.fullmatch(r"-?[0-9]{1,9}", name))


def _attribute_axis(codes: Codes, name: str) -> np.ndarray:
    names, columns = attribute_columns(codes.attributes, codes.info)
    wanted = name.replace("_", " ")
    if wanted not in names:
        near = difflib.get_close_matches(wanted, names, n=1)
        there = f"did you mean {near[0]!r}" if near else codes.why_unknown or f"there are {', '.join(names) or 'none'}"
        raise LabError(f"axis {name!r}: no attribute of this run's images ({there}); a dimension is a number, a component pc1, pc2, ...")
    k = names.index(wanted)
    direction = attribute_directions(codes.mu, columns)[k]
    if not direction.any():
        raise LabError(f"axis {name!r}: this attribute never varies among {codes.of_what}, so it has no direction")
    return in_spreads(direction[None], codes.mu)[0]
