"""What is measured of one run of a study, and the pictures that go with the figures."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict

import numpy as np
import torch

from genlab.errors import LabError
from genlab.latent.paths import lerp
from genlab.measures.material import Material
from genlab.measures.memory import nearest
from genlab.measures.suite import take
from genlab.runs import Run
from genlab.runs.pictures import png, tile
from genlab.studies.plan import StudyPlan

AT_THE_END = {"kid", "fid", "precision", "recall", "density", "coverage", "diversity", "sharpness", "combinations", "marginals", "memorisation",
              "copies", "mse", "psnr", "ssim", "mse_pca", "recon", "kl", "elbo", "mse_draw", "unevenness", "active_units", "prior_gap", "code_gap"}
ON_THE_WAY = {"kid", "mse"}
OTHER_SAMPLERS = {"mixture": {"kid", "precision", "coverage"}, "pca": {"kid", "precision", "coverage"}}
SHOWN, FRAMES, CURVE = 8, 10, 100
OF_THE_DATA = ("held_out", "space", "real_features", "train", "train_features", "_opened")   # what is the same at every step
OF_THE_STEP = (*OF_THE_DATA, "model", "codes")                                                # and with every sampler

Told = Callable[[float, str], None]
Pictures = dict[str, bytes]


def measure_member(run: Run, plan: StudyPlan, seed: int = 0) -> tuple[dict, Pictures]:
    """Figures and PNG pictures of a finished run: at the epochs that are looked at, and by other samplers at the last.

    The figures: epochs (by epoch: measures by name), final (all measures), samplers (by name), left_out (measure: what it would need), curve.
    """
    steps = {epoch: _step(run, epoch) for epoch in plan.seen_epochs(run.plan.epochs)}
    last = max(steps)
    end = Material(run, plan.n, seed, step=steps[last])
    measured, left_out = take(AT_THE_END, end)
    final = {m.name: asdict(m) for m in measured}
    pictures = {"real": _row(end.held_out.x[:SHOWN]), **_looks(end, f"{last}"), **_at_the_end(end)}
    epochs = {str(last): {name: final[name] for name in ON_THE_WAY if name in final}}
    for epoch, step in steps.items():
        if epoch != last:
            way = like(Material(run, plan.n, seed, step=step), end, OF_THE_DATA)
            epochs[str(epoch)] = {m.name: asdict(m) for m in take(ON_THE_WAY, way)[0]}
            pictures |= _looks(way, f"{epoch}")
    samplers = {}
    for sampler, wanted in OTHER_SAMPLERS.items():
        other = like(Material(run, plan.n, seed, sampler, step=steps[last]), end, OF_THE_STEP)
        measured, needs = take(wanted, other)
        samplers[sampler] = {m.name: asdict(m) for m in measured}
        left_out |= {f"{name} ({sampler})": text for name, text in needs.items() if name in wanted}
        if measured:
            pictures[f"samples-{sampler}"] = _row(other.samples[:SHOWN])
    figures = {"run": run.id, "step": steps[last], "seconds": _seconds(run), "epochs": dict(sorted(epochs.items(), key=lambda e: int(e[0]))),
               "final": final, "samplers": samplers, "left_out": left_out, "curve": _curve(run)}
    return figures, pictures


def like(material: Material, other: Material, names: tuple[str, ...]) -> Material:
    """The material with what it has in common with another, so that it is made once."""
    for name in names:
        if name in other.__dict__:
            material.__dict__[name] = other.__dict__[name]   # where a cached property keeps its value
    return material


def _step(run: Run, epoch: int) -> int:
    status, snapshots = run.status, run.snapshots()
    step = round(epoch * status.step / status.epoch)
    if step in snapshots:
        return step
    if epoch >= run.plan.epochs:
        return snapshots[-1]   # ended by a number of updates
    raise LabError(f"{run.id}: kept no weights at epoch {epoch}; there are snapshots at steps {', '.join(map(str, snapshots))}")


def _looks(m: Material, name: str) -> Pictures:
    """Samples and reconstructions."""
    x_hat = m.decode(torch.from_numpy(m.posterior(m.held_out.x[:SHOWN])[0]))
    return {f"samples-{name}": _row(m.samples[:SHOWN]), f"recon-{name}": _row(m.pictures(x_hat))}


def _at_the_end(m: Material) -> Pictures:
    """The nearest training image of each sample, and a path between two held-out images, each where enough are held out for it."""
    pictures = {"train": _row(m.train.x[:SHOWN])}
    with suppress(LabError):   # left_out says why
        at, _ = nearest(m.space.of(m.samples[:SHOWN]), m.train_features)
        pictures["nearest"] = _row(m.train.x[at])
    if len(m.held_out) > 1:
        a, b = m.posterior(m.held_out.x[:2])[0]
        pictures["path"] = _row(m.pictures(m.decode(torch.from_numpy(lerp(a, b, FRAMES)).float())))
    return pictures


def _row(x: np.ndarray) -> bytes:
    return png(tile(x, len(x)))


def _seconds(run: Run) -> float:
    rows = [row for row in run.metrics()[0] if "seconds" in row]
    return rows[-1]["seconds"] if rows else 0.0


def _curve(run: Run) -> list[dict]:
    """Losses in nats over the epochs, thinned: of training, and of held-out images where they were measured."""
    rows = run.metrics()[0]
    train, test = ([row for row in rows if f"{split}/recon" in row] for split in ("train", "test"))
    kept = train[:: max(1, len(train) // CURVE)] + test
    names = ("train/recon", "test/recon", "train/kl", "test/kl", "train/mse", "test/mse")
    return [{"epoch": round(row["epoch"], 3), **{name: float(f"{row[name]:.6g}") for name in names if name in row}}
            for row in sorted(kept, key=lambda row: row["step"])]
