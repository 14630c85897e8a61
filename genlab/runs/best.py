"""Keep-best: the samples of a run that may get worse again are measured as it trains, and the best step is kept.

What is measured comes from above (a Look); here is when, what is written, and which weights stay. Measuring changes no bit of the
training: it sees a copy of the weights and draws from a generator of its own.
"""

from collections.abc import Callable

import numpy as np

from genlab.models import GenerativeModel, build_model, find_model
from genlab.runs.folder import Run
from genlab.runs.weights import fit_weights
from genlab.training import Snapshot, TrainPlan, grid_epochs

KID = "eval/kid"
N = 1000                # samples of a look, and held-out images where there are as many
SHARE, COST = 0.05, 0.6   # of the time of training; of an image measured, as a multiple of one trained on (0.34 digits, 0.60 faces)
MOST, FEWEST = 24, 8    # looks that are spread evenly over the run; a run too short for its share has the fewest

Look = Callable[[GenerativeModel], dict[str, float]]
"""Measures of a model's samples by bare name, "kid" among them; LabError where they cannot be taken."""

OpenLook = Callable[[TrainPlan, np.ndarray], tuple[Look, str]]
"""A look for a run's held-out images, uint8 (N, C, S, S), and a sentence on what it measures; LabError where there can be none."""


def look_epochs(plan: TrainPlan, images: int) -> frozenset[int]:
    """Epochs at whose end samples are measured: evenly spread, and the snapshots' own where their share of the time allows it."""
    affordable = max(int(SHARE * plan.epochs * images / (COST * N)), FEWEST)
    grid = grid_epochs(plan.epochs, plan.snapshot_epochs)
    both = (_even(plan.epochs, count) | grid for count in range(MOST, FEWEST, -1))
    return next((epochs for epochs in both if len(epochs) <= affordable), _even(plan.epochs, min(affordable, MOST)))


def _even(epochs: int, count: int) -> frozenset[int]:
    return frozenset(round(i * epochs / count) for i in range(1, count + 1)) - {0}


def best_row(rows: list[dict]) -> dict | None:
    """The row of the lowest KID, the earliest of several; None where KID was not measured."""
    return min((row for row in rows if KID in row), key=lambda row: (row[KID], row["step"]), default=None)


class BestKept:
    """The looks at one run: measured, compared, and the snapshots that stay because of them.

    Snapshots that only a look asked for go once a later state is safe, so that a run which falls back to its last state finds the
    best of that time.
    """

    def __init__(self, run: Run, plan: TrainPlan, look: Look, images: int):
        self.run, self.plan, self.look = run, plan, look
        self.model = build_model(plan.model, plan.settings, plan.seed).to(plan.device).requires_grad_(False)
        self.epochs = look_epochs(plan, images)
        grid = grid_epochs(plan.epochs, plan.snapshot_epochs)
        self.rows = [row for row in run.metrics()[0] if KID in row]
        self.passing = {row["step"] for row in self.rows if round(row["epoch"]) not in grid}

    @staticmethod
    def wanted(plan: TrainPlan) -> bool:
        return find_model(plan.model).keeps_best

    def is_due(self, snapshot: Snapshot, total_steps: int) -> bool:
        return not snapshot.kept or round(snapshot.epoch) in self.epochs or snapshot.step == total_steps

    def measure(self, snapshot: Snapshot) -> dict[str, float]:
        """What the snapshot's samples are worth, as it is written into a row ("eval/kid", ...); LabError where that cannot be said."""
        fit_weights(self.model, snapshot.weights, f"{self.run.id}, step {snapshot.step}")
        metrics = {f"eval/{name}": value for name, value in self.look(self.model).items()}
        self.rows.append({"step": snapshot.step, "epoch": snapshot.epoch, **metrics})
        if not snapshot.kept:
            self.passing.add(snapshot.step)
        return metrics

    @property
    def best(self) -> dict | None:
        """The best row so far."""
        return best_row(self.rows)

    def is_best(self, step: int) -> bool:
        return self.best is not None and self.best["step"] == step

    def prune(self, step: int) -> None:
        """Let go of the snapshots up to this step that only looks asked for, but for the best of them all."""
        best = best_row([row for row in self.rows if row["step"] <= step])
        for old in [s for s in self.passing if s <= step and (best is None or s != best["step"])]:
            self.run.weights_path(old).unlink(missing_ok=True)
            self.passing.discard(old)
