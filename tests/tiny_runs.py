"""Real runs, as small as they come: trained in well under a second."""

from pathlib import Path

import pytest

from genlab.data import DataSpec
from genlab.runs import Run, create_run, execute
from genlab.training import Pace, TrainPlan


def use_folders(patch: pytest.MonkeyPatch, root: Path) -> None:
    """Keep runs and checkpoints of a test below `root`."""
    patch.setenv("GENLAB_RUNS", str(root / "runs"))
    patch.setenv("GENLAB_CHECKPOINTS", str(root / "checkpoints"))


def tiny_plan(model: str = "vae", *, size: int = 16, latent_dim: int = 3, epochs: int = 3, settings: dict | None = None,
              **changes: object) -> TrainPlan:
    """64 digits, four steps an epoch."""
    return TrainPlan(model=model, **{"data": DataSpec(name="digits", n=64, size=size), "epochs": epochs, "batch_size": 16, "threads": 1,
                                     "settings": {"latent_dim": latent_dim, "width": 4, **(settings or {})}, **changes})


def tiny_run(model: str = "vae", *, size: int = 16, latent_dim: int = 3, epochs: int = 3, **changes: object) -> Run:
    """A finished run on 64 digits, four steps an epoch."""
    run = create_run(tiny_plan(model, size=size, latent_dim=latent_dim, epochs=epochs, **changes))
    execute(run, pace=Pace(preview_s=1e9, state_s=1e9))
    return run
