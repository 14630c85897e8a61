"""What a study asks for: which runs, and what is measured of each.

The comparison of objectives and of data sizes follows S. Xu and H. Weng, "A Popular Generative Model: VAE": the same network trained as an
autoencoder and as a VAE, seen after 10, 130 and 300 epochs (their table 3), and trained on 1, 14 and 70 images.
"""

import math
from dataclasses import dataclass
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from genlab.data import DataSpec, find_dataset, resolve
from genlab.data.streams import MAX_BYTES
from genlab.errors import DataError
from genlab.training import TrainPlan

QUESTIONS = {"ae-vs-vae": "Does a VAE generate better than an autoencoder of the same network?",
             "dataset-size": "What does the number of training images change?"}
MODELS = {"ae-vs-vae": ("vae", "autoencoder"), "dataset-size": ("vae",)}
SEEN_AT = (1 / 30, 13 / 30, 1.0)   # of a run's epochs: 10, 130 and 300 of 300
ENDLESS = 0                        # a size that stands for as many images as there are updates to see them


@dataclass(frozen=True)
class Member:
    """One run of a study: its model, number of training images and seed, and the plan to train it by."""

    model: str
    n: int
    seed: int
    plan: TrainPlan

    @property
    def key(self) -> str:
        """Its name in the study's folder."""
        return f"{self.model}-{self.n or 'endless'}-{self.seed}"


class StudyPlan(BaseModel):
    """Runs that differ in their objective, their number of images and their seed, and in nothing else."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["ae-vs-vae", "dataset-size"]
    data: DataSpec = Field(default_factory=lambda: DataSpec(name="faces"))
    sizes: tuple[int, ...] = Field(default=(70,), min_length=1, max_length=12, title="Training images",
                                   description="Numbers of images to train on; 0 is endless: each update sees new ones.")
    epochs: int = Field(default=300, ge=1, le=10_000, title="Epochs", description="Passes over the training images.")
    steps: int | None = Field(default=None, ge=1, le=1_000_000, title="Updates",
                              description="The same number of updates for every size, in place of the same number of epochs.")
    seeds: int = Field(default=3, ge=1, le=20, title="Seeds", description="Of the images, the first weights, the batches and the noise.")
    latent_dim: int = Field(default=50, ge=1, le=512, title="Latent dimension")
    width: int = Field(default=64, ge=4, le=256, multiple_of=4, title="Width", description="Of the network; the report uses 64.")
    batch_size: int = Field(default=128, ge=1, le=4096, title="Batch size", description="Images per step.")
    n: int = Field(default=2000, ge=100, le=5000, title="Images to measure on", description="Samples, and held-out images where there are as many.")
    threads: int = Field(default=0, ge=0, le=256, title="CPU threads", description="0 takes what the process may use; bits depend on it.")

    @model_validator(mode="after")
    def _sizes_that_can_be(self) -> Self:
        if len(set(self.sizes)) < len(self.sizes) or min(self.sizes) < 0:
            raise ValueError(f"sizes {', '.join(map(str, self.sizes))}: each must be given once and be at least 1 (0 for endless)")
        return self

    def members(self) -> list[Member]:
        """Every run of the study, seed by seed, so that what is there first is balanced."""
        return [Member(model, n, seed, self._plan(model, n, seed)) for seed in range(self.seeds) for n in self.sizes for model in MODELS[self.kind]]

    def seen_epochs(self, epochs: int) -> list[int]:
        """Epochs at which a run of so many is looked at."""
        return sorted({max(1, round(epochs * share)) for share in SEEN_AT})

    def check(self) -> None:
        """Nothing where every run can be made; DataError where a dataset holds fewer images than a size asks for."""
        data, dataset = resolve(self.data), find_dataset(self.data.name)
        if ENDLESS in self.sizes and dataset.stream is None:
            raise DataError(f"{data.name}: has an end, so that no size can be endless; drawn images have none: faces, scenes")
        largest = max(*self.sizes, self._images(ENDLESS) if ENDLESS in self.sizes else 0, 0)
        if dataset.stream and largest * data.channels * data.size**2 > MAX_BYTES:
            raise DataError(f"{data.name}: {largest} images of {data.size} px do not fit into {MAX_BYTES / 1e9:.0f} GB; "
                            "train on fewer, or for fewer updates")
        there = None if dataset.stream else dataset.count()
        if there is not None and largest > (room := there - round(data.test_share * there)):
            raise DataError(f"{data.name}: a size of {largest} images is asked for; it holds {room} besides the held-out ones")

    def _images(self, n: int) -> int:
        """Images that a run of this size needs."""
        if n != ENDLESS:
            return n
        sizes = [s for s in self.sizes if s != ENDLESS]
        steps = self.steps or self.epochs * max((max(1, s // self.batch_size) for s in sizes), default=1)
        return steps * self.batch_size

    def _plan(self, model: str, n: int, seed: int) -> TrainPlan:
        images = self._images(n)
        per_epoch = max(1, images // self.batch_size)
        steps = None if n == ENDLESS else self.steps
        epochs = 1 if n == ENDLESS else math.ceil(steps / per_epoch) if steps else self.epochs
        if steps and steps % per_epoch == 0:
            steps = None   # whole epochs need no such bound, and are then the plan of a study of epochs, too
        return TrainPlan(model=model, settings={"latent_dim": self.latent_dim, "width": self.width},
                         data=self.data.model_copy(update={"n": images, "seed": seed}), epochs=epochs, max_steps=steps,
                         batch_size=self.batch_size, seed=seed, snapshot_epochs=tuple(self.seen_epochs(epochs)), threads=self.threads)
