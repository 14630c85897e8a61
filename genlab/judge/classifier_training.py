"""Training of a dataset's classifier: a minute at most on one core, the same bits for the same settings on one thread."""

import math

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from genlab.data import DataSpec, ImageSet, load_dataset
from genlab.errors import DataError
from genlab.judge.classifier import SIZE, Classifier, ClassifierConfig, ClassifierNet, fitted
from genlab.judge.degrade import apply, blurring, shifting
from genlab.latent.intervals import of_share

BATCH, LR, WEIGHT_DECAY = 128, 5e-3, 0.02
MAX_SHIFT, MAX_BLUR = 2.0, 1.5   # pixels: samples of a model are rarely centred and never sharp


def train_classifier(dataset: str, steps: int, seed: int = 0, command: str = "") -> tuple[Classifier, dict]:
    """A classifier of the one categorical attribute of a dataset, and its figures on held-out images (data seed 0).

    Half of the pictures that it sees are shifted and blurred. Raises DataError where the dataset has no classes.
    """
    train, test = load_dataset(DataSpec(name=dataset, size=SIZE, channels=1))
    classes, labels = class_labels(train)
    x = fitted(train.x)
    with torch.random.fork_rng(devices=[]):   # layers take their first weights from the one global generator
        torch.manual_seed(seed)
        net = ClassifierNet(16, len(classes))
    generator = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.AdamW(net.parameters(), lr=LR, weight_decay=WEIGHT_DECAY)
    net.train()
    for step in range(steps):
        optimizer.param_groups[0]["lr"] = LR * min(1.0, (step + 1) / (0.05 * steps)) * 0.5 * (1 + math.cos(math.pi * step / steps))
        index = torch.randint(len(x), (BATCH,), generator=generator)
        loss = F.cross_entropy(net(disturbed(x[index], generator))[1], labels[index])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    _standardise(net.eval(), x)
    training = {"steps": steps, "seed": seed, "images": len(train), "loss": round(loss.item(), 4)}
    classifier = Classifier(ClassifierConfig(dataset=dataset, classes=classes, command=command, training=training), net)
    return classifier, figures(classifier, test)


def class_labels(images: ImageSet) -> tuple[tuple[str, ...], Tensor]:
    """Names of the classes, and the class of each image; DataError where there is not one categorical attribute, known for all."""
    if len(images.attribute_info) != 1 or images.attribute_info[0].kind != "categorical" or np.isnan(images.attributes).any():
        raise DataError(f"{images.name}: its images are not in classes that are all known; digits, mnist, fashion-mnist and kmnist can be")
    return images.attribute_info[0].choices, torch.from_numpy(images.attributes[:, 0]).long()


def disturbed(x: Tensor, generator: torch.Generator) -> Tensor:
    """Half of the pictures shifted by up to 2 pixels and blurred by up to 1.5.  (B, 1, 32, 32) -> (B, 1, 32, 32)"""
    n = len(x)
    chosen = (torch.rand(n, generator=generator) < 0.5).float()
    moves = chosen[:, None] * (2 * torch.rand(n, 2, generator=generator) - 1) * MAX_SHIFT
    soft = blurring(chosen * MAX_BLUR * torch.rand(n, generator=generator), SIZE)
    return apply(shifting(moves[:, 0], SIZE) @ soft, x, shifting(moves[:, 1], SIZE) @ soft)


def _standardise(net: ClassifierNet, x: Tensor) -> None:
    with torch.no_grad():
        features = torch.cat([net(part)[0] for part in x.split(500)])
    net.feature_mean.copy_(features.mean(0))
    net.feature_std.copy_(features.std(0).clamp(min=1e-3))


def figures(classifier: Classifier, test: ImageSet) -> dict:
    """Accuracy on held-out images with its 95 % interval (Wilson)."""
    labels = class_labels(test)[1].numpy()
    right = int((classifier.classes(test.x) == labels).sum())
    found = of_share(right, len(test))
    return {"n": len(test), "right": right, "accuracy": found.value, "low": found.low, "high": found.high}


def model_card(classifier: Classifier, figures: dict) -> str:
    """Markdown: what it is, its figure, how it was made, and what it must not be used for."""
    config, parameters = classifier.config, sum(p.numel() for p in classifier.net.parameters())
    return "\n".join([
        f"# Features of {config.dataset}", "",
        f"A convolutional network ({parameters / 1e3:.0f} thousand numbers, half precision) that tells the {len(config.classes)} classes of "
        f"{config.dataset} apart in grey pictures of {SIZE} x {SIZE}. The {len(classifier.net.feature_mean)} numbers that its last layer reads from "
        "are the features by which KID, FID, precision and recall compare sets of pictures.", "",
        "## Figures", "",
        f"Accuracy {100 * figures['accuracy']:.2f} % (95 % interval {100 * figures['low']:.2f} to {100 * figures['high']:.2f}, Wilson) on "
        f"{figures['n']} held-out images; trained on {config.training['images']} others for {config.training['steps']} steps.", "",
        "## How it was made", "", f"    {config.command}", "",
        "## Limits", "",
        "It knows these classes alone, and gives any picture one of them. A run with another data seed holds out images that it was trained on.", ""])
