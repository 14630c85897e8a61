"""What training hands out as it goes. The caller decides what becomes of it: a run folder, a progress bar, a test."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from torch import Tensor


@dataclass(frozen=True)
class Row:
    """Metrics at one step: "train/recon", "test/kl", ... in nats per image; a list for kl_dims.

    seconds counts time spent in steps alone; a train row also says the learning rate and the images/s of its last ten seconds.
    """

    step: int
    epoch: float
    seconds: float
    metrics: dict[str, float | list[float]]


@dataclass(frozen=True)
class Event:
    """Something that happened to a run between two steps, in words and with its values."""

    step: int
    kind: Literal["started", "paused", "resumed", "stepped", "changed", "refused", "diverged", "stopped", "finished", "parked",
                  "measuring", "unmeasured", "best", "moved", "failed"]
    text: str
    values: dict


@dataclass(frozen=True)
class Preview:
    """The run's fixed pictures as they look now, by panel, uint8 (n, C, H, W) each; kept ones stay, live ones are replaced."""

    step: int
    epoch: float
    panels: dict[str, np.ndarray]
    kept: bool


@dataclass(frozen=True)
class Snapshot:
    """A copy of the weights and buffers at the end of an epoch, on the CPU. One that is not kept is there to be looked at."""

    step: int
    epoch: float
    weights: dict[str, Tensor]
    kept: bool = True


@dataclass(frozen=True)
class State:
    """Everything that the next step depends on, on the CPU, never aliasing what trains on.

    tensors holds model/..., optim/<name>/<i>/..., generator/noise; meta the step, the learning rate and the live settings.
    """

    step: int
    tensors: dict[str, Tensor]
    meta: dict


Item = Row | Event | Preview | Snapshot | State


@dataclass(frozen=True)
class Command:
    """What is asked of a running run; name and value belong to "set" alone. "save" wants a state now: somebody looks at its weights."""

    kind: Literal["pause", "resume", "step", "stop", "set", "save"]
    name: str = ""
    value: float | str = 0.0


Commands = Callable[[], list[Command]]
"""Gives the commands that came since it was last asked; asked between any two steps."""
