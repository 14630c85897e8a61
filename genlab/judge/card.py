"""How well the judge reads, measured on faces that it has never seen, and the model card that says so."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch

from genlab.data import Attribute
from genlab.data.faces import Factors, render, sample_factors
from genlab.judge.calibration import calibration_error
from genlab.judge.degrade import LowRank, blur
from genlab.judge.judge import Judge
from genlab.judge.net import SIZE
from genlab.judge.readings import Readings, identity_distance
from genlab.latent.intervals import of_share
from genlab.runs import Run, list_runs
from genlab.runs.weights import load_model

BINARY_LIMIT, CONTINUOUS_LIMIT = 0.99, 0.95
BLUR = 1.0            # pixels
RANK = 200            # components of the linear reconstruction
LINEAR_ON = 4000      # faces that it is fitted on, at most

Reconstruct = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Condition:
    """One way in which the held-out faces are shown: a name, words for it, and pictures -> pictures (uint8)."""

    name: str
    about: str
    show: Reconstruct


def conditions(n: int, seed: int) -> list[Condition]:
    """Clean, blurred, and reconstructed: by principal components, and by the shipped VAEs on faces."""
    others = max(min(n, LINEAR_ON), 2 * RANK)
    shown = [Condition("clean", "as drawn", lambda x: x), Condition("blurred", f"Gaussian blur, sigma {BLUR:g} px", blurred),
             Condition("linear", f"{RANK} principal components of {others} other faces", linear(others, seed))]
    for run in list_runs():
        if run.is_shipped and run.plan.model == "vae" and run.plan.data.name == "faces" and run.plan.data.size == SIZE:
            shown.append(Condition(run.id, f"{run.title}: posterior means, decoded", by_model(run)))
    return shown


def blurred(x: np.ndarray) -> np.ndarray:
    return as_pictures(blur(torch.from_numpy(x).float() / 255, BLUR))


def linear(n: int, seed: int) -> Reconstruct:
    """Pictures as the first components of other faces give them."""
    fitted = LowRank.fit(torch.from_numpy(render(sample_factors(n, seed), SIZE)).float() / 255, RANK)
    return lambda x: as_pictures(fitted.project(torch.from_numpy(x).float() / 255, RANK))


def by_model(run: Run) -> Reconstruct:
    """Pictures as a run's model encodes and decodes them."""
    model = load_model(run)

    def show(x: np.ndarray) -> np.ndarray:
        with torch.inference_mode():
            parts = [model.decode(model.encode(part.float() / 255)) for part in torch.from_numpy(x).split(256)]
        return as_pictures(torch.cat(parts))

    return show


def as_pictures(x: torch.Tensor) -> np.ndarray:
    return (x.clamp(0, 1) * 255).round().byte().numpy()


def measure(judge: Judge, n: int, seed: int) -> dict:
    """Figures for n faces of a seed under every condition: JSON, one entry for each condition and attribute, and identity."""
    factors = sample_factors(n, seed)
    x = render(factors, SIZE)
    result = {"n": n, "seed": seed, "limits": {"binary accuracy": BINARY_LIMIT, "continuous r2": CONTINUOUS_LIMIT}, "conditions": {}}
    for condition in conditions(n, seed + 1):
        read = judge.read(condition.show(x))
        figures = {a.name: figures_of(a, factors.attributes[:, k], read) for k, a in enumerate(judge.info)}
        result["conditions"][condition.name] = {"about": condition.about, "attributes": figures, "damage": float(read.damage.mean())}
        if condition.name == "clean":
            result |= {"hair_style": by_hat(read, factors), "below": below_limit(judge, figures)}
    result["identity"] = identity_figures(judge, factors.take(slice(0, min(n, 1000))), seed)
    return result


def figures_of(attribute: Attribute, truth: np.ndarray, read: Readings) -> dict[str, float]:
    """Accuracy and calibration of a binary or a category; R^2, mean absolute error and coverage of a continuous attribute."""
    value = read[attribute.name]
    if attribute.kind != "continuous":
        right = (value == truth).astype(float)
        chance = read.chance(attribute.name)
        confidence = np.maximum(chance, 1 - chance) if attribute.kind == "binary" else chance
        share = of_share(int(right.sum()), len(right))
        return {"accuracy": share.value, "error_95": (share.high - share.low) / 2, "ece": calibration_error(confidence, right)}
    error = value.astype(float) - truth
    within = np.abs(error) <= 1.96 * read.spread(attribute.name)
    return {"r2": float(1 - np.square(error).mean() / truth.var()), "mae": float(np.abs(error).mean()), "within_95": float(within.mean())}


def identity_figures(judge: Judge, factors: Factors, seed: int) -> dict:
    """R^2 of each trait, and distances between pictures of one person with other attributes and between strangers."""
    other = Factors(sample_factors(len(factors), seed + 2).attributes, factors.identity)
    first, second = judge.read(render(factors, SIZE)), judge.read(render(other, SIZE))
    error = first.identity - factors.identity
    same, strange = identity_distance(first, second), identity_distance(first, second.take(np.roll(np.arange(len(second)), 1)))
    return {"r2": {name: float(1 - np.square(error[:, i]).mean() / factors.identity[:, i].var()) for i, name in enumerate(judge.identity)},
            "same": spread_of(same), "strangers": spread_of(strange), "told_apart": float((same[:, None] < strange).mean())}


def spread_of(values: np.ndarray) -> dict[str, float]:
    return {"mean": float(values.mean()), "p5": float(np.quantile(values, 0.05)), "p95": float(np.quantile(values, 0.95))}


def below_limit(judge: Judge, clean: dict[str, dict]) -> list[str]:
    """Binary and continuous attributes whose figures on clean faces do not reach their limit, with the figure."""
    missed = [f"{a.name} ({100 * clean[a.name]['accuracy']:.2f} %)" for a in judge.info
              if a.kind == "binary" and clean[a.name]["accuracy"] < BINARY_LIMIT]
    return missed + [f"{a.name} (R2 {clean[a.name]['r2']:.3f})" for a in judge.info
                     if a.kind == "continuous" and clean[a.name]["r2"] < CONTINUOUS_LIMIT]


def by_hat(read: Readings, truth: Factors) -> dict[str, float]:
    """Accuracy of the hair's style where it can be seen, and under a hat, where its ends alone can."""
    right = read["hair_style"] == truth["hair_style"]
    return {"bare": float(right[truth["hat"] == 0].mean()), "under_a_hat": float(right[truth["hat"] == 1].mean())}


def model_card(judge: Judge, figures: dict) -> str:
    """Markdown: what the judge is, every figure with its n and seed, the commands, and what it must not be used for."""
    shown = figures["conditions"]
    about = [f"- {name}: {c['about']}; mean damage read {c['damage']:.3f}" for name, c in shown.items()]
    below, hair = figures["below"], figures["hair_style"]
    same, strange = figures["identity"]["same"], figures["identity"]["strangers"]
    traits = sorted(figures["identity"]["r2"].items(), key=lambda item: -item[1])
    return "\n".join([
        "# The judge", "",
        f"A convolutional network ({judge.parameters / 1e6:.2f} million numbers, half precision) that reads every attribute of a drawn face from a "
        f"{SIZE} x {SIZE} picture, gives {judge.features_dim} features to compare sets of pictures by, and tells people apart. "
        "Trained on faces drawn for it alone, clean or softened, reduced, made noisy, shifted and tinted.", "",
        "## Figures", "",
        f"{figures['n']} faces of seed {figures['seed']}, which training never draws. Accuracy in % with half its 95 % interval (Wilson), "
        "R2 for continuous attributes. ECE: expected calibration error (15 bins) of clean faces; 95 %: share of truths within 1.96 spreads.", "",
        *about, "", *table(shown), "",
        f"hair_style of clean faces: {100 * hair['bare']:.1f} % on bare heads, {100 * hair['under_a_hat']:.1f} % under a hat.", "",
        f"Limits on clean faces: accuracy of binaries {100 * BINARY_LIMIT:.0f} %, R2 {CONTINUOUS_LIMIT}. "
        + (f"Not reached: {', '.join(below)}." if below else "All reached."), "",
        "## Identity", "",
        f"Distance between two pictures of one person with other attributes: {same['mean']:.2f} (95 % below {same['p95']:.2f}); of strangers: "
        f"{strange['mean']:.2f} (95 % above {strange['p5']:.2f}). One person's two pictures are nearer than two strangers' in "
        f"{100 * figures['identity']['told_apart']:.1f} % of pairs.", "",
        "R2 of each trait, over all faces, whether it shows or not: " + ", ".join(f"{name} {r2:.2f}" for name, r2 in traits) + ".", "",
        "## How it was made", "", f"    {judge.config.command}", f"    {figures['command']}", "",
        "## Limits", "",
        "It knows drawn faces alone and says nothing of photographs or of real people. What a picture does not show (hair under a hat) it can "
        "only guess; its chances and spreads say so. On faces unlike any drawn one its chances are not calibrated.", ""])


def table(shown: dict) -> list[str]:
    """Rows of attributes, columns of conditions."""
    clean = shown["clean"]["attributes"]
    rows = ["| attribute | measure | " + " | ".join(shown) + " | ECE or 95 % |", "|---|---|" + "---|" * (len(shown) + 1)]
    for name, f in clean.items():
        if "accuracy" in f:
            cells = [f"{100 * c['attributes'][name]['accuracy']:.2f} ± {100 * c['attributes'][name]['error_95']:.2f}" for c in shown.values()]
            rows.append(f"| {name} | accuracy, % | " + " | ".join(cells) + f" | {f['ece']:.4f} |")
        else:
            cells = [f"{c['attributes'][name]['r2']:.3f}" for c in shown.values()]
            rows.append(f"| {name} | R2 | " + " | ".join(cells) + f" | {100 * f['within_95']:.1f} % |")
    return rows
