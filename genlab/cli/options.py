"""Options made from the fields of a pydantic model, so that the command line and the form can never differ."""

import argparse
import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Literal, Union, get_args, get_origin

from pydantic import BaseModel

from genlab.data import DATASETS
from genlab.errors import ConfigError, DataError


def add_command(commands: argparse._SubParsersAction, name: str, run: Callable[[argparse.Namespace], dict], about: str) -> argparse.ArgumentParser:
    """A command that calls run(args) and prints its result as JSON where --json is given."""
    command = commands.add_parser(name, help=about, description=about)
    command.add_argument("--json", action="store_true", help="print one JSON object at the end, and nothing else on standard output")
    command.set_defaults(run=run)
    return command


def add_fields(command: argparse.ArgumentParser, Model: type[BaseModel], names: list[str], prefix: str = "") -> None:
    """One option for each named field: --batch-size for batch_size, absent unless given."""
    for name in names:
        field = Model.model_fields[name]
        kind, choices = _kind(field.annotation)
        command.add_argument(f"--{prefix}{name.replace('_', '-')}", dest=f"{prefix}{name}".replace("-", "_"), type=kind, choices=choices,
                             default=argparse.SUPPRESS, help=f"{field.description or field.title} (default: {field.default})")


def given(args: argparse.Namespace, names: list[str], prefix: str = "") -> dict:
    """The values of those fields that were given on the command line."""
    return {n: getattr(args, prefix + n) for n in names if hasattr(args, prefix + n)}


def data_named(name: str) -> dict:
    """The name, and for a folder the path, of what --dataset says: a dataset, which goes before a folder of its name, or a folder of pictures."""
    if name in DATASETS:
        if Path(name).is_dir():
            print(f"genlab: --dataset {name} is the dataset; write ./{name} for the folder of that name", file=sys.stderr)
        return {"name": name}
    folder = Path(name).expanduser()
    if folder.is_dir():
        return {"name": "own", "path": str(folder.absolute())}
    if len(folder.parts) > 1 or name.startswith((".", "~")):
        raise DataError(f"--dataset {name}: there is no such folder")
    return {"name": name}


def read_settings(pairs: list[str], Model: type[BaseModel]) -> dict:
    """["latent_dim=8"] -> {"latent_dim": 8}; ConfigError where a pair has no = or a value cannot be read."""
    settings = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        if not equals:
            raise ConfigError(f"--set {pair}: write it as name=value; {Model.__name__} has {', '.join(Model.model_fields)}")
        settings[name.strip()] = text.strip()   # pydantic turns text into the field's type, or says why not
    return settings


def _kind(annotation: type) -> tuple[type, tuple | None]:
    if get_origin(annotation) in (Union, types.UnionType):
        annotation = next(a for a in get_args(annotation) if a is not type(None))
    if get_origin(annotation) is Literal:
        choices = get_args(annotation)
        return type(choices[0]), choices
    return annotation, None
