"""What a model learns from, taken from images with attributes: the columns that its `inputs` name."""

import numpy as np

from genlab.data import ImageSet
from genlab.errors import ConfigError
from genlab.models import find_model
from genlab.training.batches import Data
from genlab.training.plan import TrainPlan

DOMAINS = ("a", "b")


def columns_for(plan: TrainPlan, images: ImageSet) -> Data:
    """The inputs of the plan's model: "x" all images, "attributes" what is known of each, "a" and "b" those whose attribute
    settings["domain"] is 0 and 1.

    Raises ConfigError where these images do not have what the model needs.
    """
    inputs, found = find_model(plan.model).inputs, {"x": images.x, "attributes": images.attributes}
    if set(inputs) & set(DOMAINS):
        found |= dict(zip(DOMAINS, _domains(images, plan.settings.get("domain", "")), strict=True))
    if missing := [name for name in inputs if name not in found]:
        raise ConfigError(f"{plan.model} learns from {', '.join(missing)}; {images.name} has {', '.join(found)}")
    return {name: found[name] for name in inputs}


def _domains(images: ImageSet, attribute: str) -> tuple[np.ndarray, np.ndarray]:
    binary = [a.name for a in images.attribute_info if a.kind == "binary"]
    if attribute not in binary:
        raise ConfigError(f"domain = {attribute!r}; of {images.name} an attribute that is yes or no is needed: {', '.join(binary) or 'it has none'}")
    column = images.attributes[:, images.attribute_names.index(attribute)]
    a, b = images.x[column == 0], images.x[column == 1]
    if not len(a) or not len(b):
        raise ConfigError(f"domain = {attribute!r}: {len(a)} images are without and {len(b)} with it; some of each are needed")
    return a, b
