"""The faces that the judge learns from: drawn for it alone, each with a twin, kept in a pool that rolls on."""

import numpy as np
import torch
from torch import Tensor

from genlab.data.faces import Factors, render, sample_factors
from genlab.judge.degrade import Degrade
from genlab.judge.net import SIZE
from genlab.judge.plan import TWINS

AT_ONCE = 512         # faces drawn
UNLIKE = 0.5          # how far a twin's traits may be from one's own, of [-1, 1]


class Faces:
    """Faces number first to first + count - 1 of a seed, with twins: the same attributes, a slightly different person.

    x, twin : uint8 (n, 3, 64, 64); attributes (n, K); identity, twin_identity (n, I)
    """

    def __init__(self, seed: int, first: int, count: int):
        drawn = sample_factors(count, seed, first)
        other = np.clip(drawn.identity + UNLIKE * sample_factors(count, seed + TWINS, first).identity, -1, 1)
        self.x = torch.from_numpy(render(drawn, SIZE))
        self.twin = torch.from_numpy(render(Factors(drawn.attributes, other), SIZE))
        self.attributes, self.identity, self.twin_identity = map(torch.from_numpy, (drawn.attributes, drawn.identity, other))

    def spoilt(self, index: Tensor, degrade: Degrade, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Some of the faces made worse, and what is true of them then: (B, 3, 64, 64), (B, K + 1 + I) in the order of the heads."""
        x, damage, share = degrade(self.x[index].float() / 255, self.twin[index].float() / 255, generator)
        identity = torch.lerp(self.identity[index], self.twin_identity[index], share[:, None])
        return x, torch.cat([self.attributes[index], damage[:, None], identity], dim=1)


class Pool(Faces):
    """The newest `size` faces of a seed; face number i lies at i % size, so the pool at a step follows from the step alone."""

    def __init__(self, seed: int, size: int, first: int):
        self.seed, self.size = seed, size
        like = vars(Faces(seed, first, 1))
        for name, value in like.items():
            setattr(self, name, torch.empty(size, *value.shape[1:], dtype=value.dtype))
        for start in range(first, first + size, AT_ONCE):
            self.add(start, min(AT_ONCE, first + size - start))

    def add(self, first: int, count: int) -> None:
        """Draw faces number first to first + count - 1 in place of the oldest."""
        if count:
            places = torch.arange(first, first + count) % self.size
            for name, value in vars(Faces(self.seed, first, count)).items():
                getattr(self, name)[places] = value
