"""Models by name. A new training algorithm is a file in this folder and a line in MODELS."""

import difflib

import torch

from genlab.errors import ConfigError
from genlab.models.autoencoder import Autoencoder
from genlab.models.base import GenerativeModel, ModelConfig
from genlab.models.dcgan import DCGAN
from genlab.models.gan import GAN
from genlab.models.metric import SAMPLES, Metric
from genlab.models.space import Space
from genlab.models.vae import VAE
from genlab.settings import build_config

__all__ = ["MODELS", "GenerativeModel", "Metric", "ModelConfig", "build_model", "find_metric", "find_model", "metrics_of", "space_of"]

MODELS: dict[str, type[GenerativeModel]] = {"autoencoder": Autoencoder, "vae": VAE, "gan": GAN, "dcgan": DCGAN}


def find_model(name: str) -> type[GenerativeModel]:
    """The model class of this name; a ConfigError names the nearest one otherwise."""
    if name not in MODELS:
        near = difflib.get_close_matches(name, MODELS, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(MODELS)}"
        raise ConfigError(f"model {name!r} is not known: {hint}")
    return MODELS[name]


def space_of(name: str, settings: dict) -> Space | None:
    """The first space of a model with these settings, where its latents live; None for a model without latents."""
    Model = find_model(name)
    return next(iter(Model.spaces(build_config(Model.Config, settings)).values()), None)


def metrics_of(name: str) -> dict[str, Metric]:
    """All that a run of this model may report, by bare name: what is measured of its samples where its best step is kept, then its own."""
    Model = find_model(name)
    return {**(SAMPLES if Model.keeps_best else {}), **Model.metrics}


def find_metric(name: str) -> Metric:
    """What this metric is, by whichever model has it; a metric that none has is called by its name."""
    return next((m[name] for m in (SAMPLES, *(Model.metrics for Model in MODELS.values())) if name in m), Metric(name.replace("_", " ")))


def build_model(name: str, settings: dict, seed: int = 0) -> GenerativeModel:
    """A model with weights fixed by the seed; torch's global generator is left as it was."""
    Model = find_model(name)
    config = build_config(Model.Config, settings)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return Model(config)
