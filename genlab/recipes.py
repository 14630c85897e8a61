"""Runs that are worth starting as they are: each a plan, a title and a sentence."""

from dataclasses import dataclass

from genlab.data import DataSpec
from genlab.models import build_config, find_model
from genlab.runs import Run
from genlab.training import TrainPlan


@dataclass(frozen=True)
class Recipe:
    """One button on the Train page. about says in a sentence what is to be seen."""

    key: str
    title: str
    about: str
    plan: TrainPlan


DIGITS = DataSpec(name="digits", size=16)
FACES = DataSpec(name="faces", size=64, n=4000)

RECIPES = (
    Recipe("digits", "Handwriting in 30 seconds", "A VAE learns to write digits while you watch.",
           TrainPlan(model="vae", data=DIGITS, epochs=60, batch_size=64, settings={"latent_dim": 16, "width": 32, "sigma": 0.25})),
    Recipe("plain", "The same without the KL", "An autoencoder rebuilds better, but what it makes up is no digit.",
           TrainPlan(model="autoencoder", data=DIGITS, epochs=60, batch_size=64, settings={"latent_dim": 16, "width": 32, "sigma": 0.25})),
    Recipe("plane", "All digits on one page", "Two latents only: every digit gets a place on a map.",
           TrainPlan(model="vae", data=DIGITS, epochs=100, batch_size=64, settings={"latent_dim": 2, "width": 32, "sigma": 0.25})),
    Recipe("dcgan", "Two networks play a game", "One draws digits, the other tells them from real ones.",
           TrainPlan(model="dcgan", data=DIGITS, epochs=60, batch_size=64, lr=5e-4, settings={"latent_dim": 16, "width": 32, "r1": 0.5})),
    Recipe("report", "The report's VAE", "The paper's network and loss at 64 pixels, on drawn faces.",
           TrainPlan(model="vae", data=FACES, epochs=15)),
    Recipe("beta", "beta-VAE: fewer, cleaner knobs", "A KL that counts four times switches most latents off.",
           TrainPlan(model="vae", data=FACES.model_copy(update={"size": 32}), epochs=30, settings={"beta": 4, "width": 32, "latent_dim": 32})),
)


def closest_run(recipe: Recipe, runs: list[Run]) -> Run | None:
    """The first of these runs that shows what the recipe would give: same model, images, number of latents, beta and loss."""
    return next((run for run in runs if _gist(run.plan) == _gist(recipe.plan)), None)


def _gist(plan: TrainPlan) -> tuple:
    config = build_config(find_model(plan.model).Config, plan.settings)
    return plan.model, plan.data.name, config.latent_dim, getattr(config, "beta", None), getattr(config, "loss", None)
