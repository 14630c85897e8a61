"""One batch of drawn pictures as the painters see it: every factor by name, shaped to meet pixels."""

from typing import ClassVar, Self

import numpy as np
import torch
from torch import Tensor

from genlab.data.factors import FactorTable


class Columns:
    """Factors of B pictures: batch.<name> is (B, 1, 1). A subclass says in PLACES which column has which name."""

    PLACES: ClassVar[dict[str, int]]

    def __init__(self, table: Tensor):
        self.table = table

    @classmethod
    def of(cls, factors: FactorTable, device: torch.device) -> Self:
        return cls(torch.from_numpy(np.concatenate([factors.attributes, factors.identity], axis=1)).to(device))

    def __len__(self) -> int:
        return len(self.table)

    def __getattr__(self, name: str) -> Tensor:
        if name not in self.PLACES:
            raise AttributeError(name)
        column = self.table[:, self.PLACES[name], None, None]
        self.__dict__[name] = column
        return column

    def take(self, index: Tensor) -> Self:
        """The same numbers for some of the pictures, in this order."""
        return type(self)(self.table[index])

    def flat(self, name: str) -> Tensor:
        """A factor as (B,), for choosing and looking up."""
        return self.table[:, self.PLACES[name]]
