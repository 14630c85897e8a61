"""Datasets by name. A new one is a file in this folder and a line in DATASETS."""

import difflib

import numpy as np

from genlab.data import celeba, cifar, digits, faces, mnist, own, scenes
from genlab.data.base import Attribute, Dataset, DataSpec, ImageSet, Progress, split_positions
from genlab.data.streams import load_stream
from genlab.errors import DataError

__all__ = ["DATASETS", "Attribute", "Dataset", "DataSpec", "ImageSet", "Progress", "describe",
           "find_dataset", "load_dataset", "resolve"]

DATASETS: dict[str, Dataset] = {
    d.name: d
    for d in [
        Dataset("digits", "Handwritten digits, small", "1 797 real digits, 8x8, no download", 16, 1, digits.load, count=lambda: 1797),
        mnist.MNIST.dataset(),
        mnist.FASHION.dataset(),
        mnist.KUZUSHIJI.dataset(),
        Dataset("cifar10", "Small photographs", "60 000 colour photographs in ten classes, 170 MB", 32, 3, cifar.load, cifar.is_local, cifar.fetch),
        Dataset("celeba", "Faces of celebrities", "202 599 photographs with 40 attributes, from a folder of yours", 64, 3,
                celeba.load, celeba.is_local, count=celeba.count, is_square=False),
        Dataset("own", "Your own images", "an upload, or a folder on this machine", 64, 3, own.load, is_square=False),
        Dataset("faces", "Drawn faces", "portraits without end, every attribute known, no download", 64, 3, faces.load,
                stream=faces.stream, facts=faces.facts),
        Dataset("scenes", "Drawn landscapes", "summer and winter without end, the true translation known, no download", 64, 3,
                scenes.load, stream=scenes.stream, facts=scenes.facts),
    ]
}


def find_dataset(name: str) -> Dataset:
    """The dataset of this name; a DataError names the nearest one otherwise."""
    if name not in DATASETS:
        near = difflib.get_close_matches(name, DATASETS, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(DATASETS)}"
        raise DataError(f"dataset {name!r} is not known: {hint}")
    return DATASETS[name]


def describe() -> list[dict]:
    """One dict for each dataset: name, title, about, size, channels, local, can_fetch, n (None where unknown without reading) and faults."""
    return [
        {
            "name": d.name, "title": d.title, "about": d.about, "size": d.size, "channels": d.channels,
            "local": d.is_local(), "can_fetch": d.fetch is not None, "n": _count(d),
            "faults": list(d.faults()),
        }
        for d in DATASETS.values()
    ]


def _count(dataset: Dataset) -> int | None:
    try:
        return dataset.count()
    except DataError:   # a broken file must not hide the other datasets; loading it says what is wrong
        return None


def resolve(spec: DataSpec) -> DataSpec:
    """The same request with the dataset's own size and channels in place of 0, no fit where there is nothing to fit, and a folder's whole path.

    DataError for correlations that can't be.
    """
    dataset = find_dataset(spec.name)
    if spec.correlations:
        _check_correlations(dataset, spec)
    settled = {"size": spec.size or dataset.size, "channels": spec.channels or dataset.channels}
    settled |= {"path": own.absolute(spec.path)} if spec.name == "own" else {}
    return spec.model_copy(update=settled | ({"fit": "crop"} if dataset.is_square else {}))


def _check_correlations(dataset: Dataset, spec: DataSpec) -> None:
    if dataset.facts is None:
        drawn = ", ".join(d.name for d in DATASETS.values() if d.facts)
        raise DataError(f"{spec.name}: correlations are set; only the attributes of drawn images can be correlated, those of {drawn}")
    dataset.facts(spec, 0, 1)


def load_dataset(spec: DataSpec, progress: Progress = lambda share, what: None) -> tuple[ImageSet, ImageSet]:
    """Train and test images: the test part is held out first, so it is the same whatever n is.

    Raises DataError where the dataset is unknown, its files are missing, or n is more than there are.
    """
    spec = resolve(spec)
    dataset = find_dataset(spec.name)
    if dataset.stream is not None:
        return load_stream(dataset.stream, spec, progress)
    images = dataset.load(spec, progress)
    train, test = positions(spec, len(images))
    taken = images.take(np.concatenate([train, test]))   # one reading, so that progress runs from 0 to 1 once
    return taken.take(slice(0, len(train))), taken.take(slice(len(train), None))


def positions(spec: DataSpec, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Where the train and the test images of a resolved spec lie among `count`; DataError where it asks for more than there are."""
    train, test = split_positions(count, spec.test_share, spec.seed)
    if spec.n is None:
        return train, test
    if spec.n > len(train):
        raise DataError(f"{spec.name}: {spec.n} images asked for; it holds {len(train)} besides the held-out {len(test)}")
    return train[np.random.default_rng(spec.seed + 1).permutation(len(train))[: spec.n]], test
