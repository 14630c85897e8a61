"""A tiny lab of faces: a run of each kind that encodes, and a judge."""

from pathlib import Path

import pytest
from tiny_judge import tiny_judge
from tiny_runs import use_folders

from genlab.data import DataSpec
from genlab.runs import Run, create_run, execute
from genlab.training import Pace, TrainPlan


def tiny_faces(model: str = "vae", latent_dim: int = 4, epochs: int = 15, **data: object) -> Run:
    """A finished run on 96 faces of 16 pixels, a few seconds of training."""
    plan = TrainPlan(model=model, data=DataSpec(name="faces", n=96, size=16, **data), settings={"latent_dim": latent_dim, "width": 4},
                     epochs=epochs, lr=1e-2, batch_size=16, threads=1)
    run = create_run(plan)
    execute(run, pace=Pace(preview_s=1e9, state_s=1e9))
    return run


def tiny_lab(root: Path, patch: pytest.MonkeyPatch) -> tuple[Run, Run]:
    """A VAE, an autoencoder and a judge below `root`, where the lab then looks for them."""
    use_folders(patch, root)
    tiny_judge(root / "checkpoints" / "judge")
    return tiny_faces(), tiny_faces("autoencoder")
