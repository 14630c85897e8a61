"""Keep-best: the samples of a run that may get worse again are measured as it trains, and the best step is kept.

What is measured comes from above (a Look); here is when, what is written, and which weights stay. Measuring changes no bit of the
training: it sees a copy of the weights and draws from a generator of its own.

Of two dozen looks the lowest KID is one that luck made low. So a step is chosen by its KID on one part of the held-out images and reported
with its KID on another, of other samples. Runs of before have one KID for both in their rows; they are chosen and reported by that.
"""

from collections.abc import Callable

import numpy as np

from genlab.models import GenerativeModel, build_model, find_model
from genlab.runs.folder import Run
from genlab.runs.weights import fit_weights
from genlab.training import Snapshot, TrainPlan, grid_epochs

KID, CHOICE = "eval/kid", "eval/kid_choice"   # as it is reported, and what a step is chosen by
N = 1000                # samples of each, and held-out images where there are as many
SHARE, COST = 0.05, 0.6   # of the time of training; of an image measured, as a multiple of one trained on (0.34 digits, 0.60 faces)
MOST, FEWEST = 24, 8    # looks that are spread evenly over the run; a run too short for its share has the fewest

Look = Callable[[GenerativeModel], dict[str, float]]
"""Measures of a model's samples by bare name, "kid" and "kid_choice" among them; LabError where they cannot be taken."""

OpenLook = Callable[[TrainPlan, np.ndarray], tuple[Look, str]]
"""A look for a run's held-out images, uint8 (N, C, S, S), and a sentence on what it measures; LabError where there can be none."""


def look_epochs(plan: TrainPlan, images: int) -> frozenset[int]:
    """Epochs at whose end samples are measured: evenly spread, and the snapshots' own where their share of the time allows it."""
    affordable = max(int(SHARE * plan.epochs * images / (COST * 2 * N)), FEWEST)
    grid = grid_epochs(plan.epochs, plan.snapshot_epochs)
    both = (_even(plan.epochs, count) | grid for count in range(MOST, FEWEST, -1))
    return next((epochs for epochs in both if len(epochs) <= affordable), _even(plan.epochs, min(affordable, MOST)))


def _even(epochs: int, count: int) -> frozenset[int]:
    return frozenset(round(i * epochs / count) for i in range(1, count + 1)) - {0}


def best_row(rows: list[dict]) -> dict | None:
    """The row that is best by what steps are chosen by, the earliest of several; None where KID was not measured."""
    return min((row for row in rows if KID in row), key=lambda row: (row.get(CHOICE, row[KID]), row["step"]), default=None)


def best_in_words(row: dict) -> str:
    """Where a run is best, its KID there, and on what that was measured."""
    on = "held-out images that it was not chosen by" if CHOICE in row else "the images that it was chosen by, so it is a little too low"
    return f"Best at step {row['step']} (epoch {row['epoch']:.0f}), by the lowest KID: {row[KID]:.3g} on {on}."


def chosen_by(held_out: int) -> int:
    """How many of so many held-out images steps are chosen by: the first ones, half of them at most."""
    return min(N, held_out // 2)


def first_unseen(run: Run, step: int | None, held_out: int) -> int:
    """The first of so many held-out images that had no part in choosing this step (by default the newest); 0 where it was not chosen, or by all."""
    steps = run.snapshots()
    if run.written_status.best_step is None or (steps[-1] if step is None and steps else step) != run.written_status.best_step:
        return 0
    looks = [row for row in run.metrics()[0] if KID in row]
    seen = chosen_by(held_out) if all(CHOICE in row for row in looks) else N
    return seen if seen < held_out else 0


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
