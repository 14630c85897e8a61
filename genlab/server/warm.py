"""What is ready before the first visitor, so that nobody waits for an import and no rerun pays for one."""

import ast
import gc
import importlib
from pathlib import Path

import torch

from genlab.machine import machine

LAZY = ("pandas", "pyarrow", "altair", "plotly.graph_objects", "scipy.optimize")
"""What is otherwise imported with the first chart, the first table or the first game in 2D."""


def warm_up(pages: Path) -> None:
    """Import what the scripts under `pages` import, bound torch's threads, and set it all aside from garbage collection.

    Half the cores, four at most: the server decodes small batches, and who trains beside it needs the rest.
    """
    for name in ("PIL.PngImagePlugin", *imported_by(pages)):
        importlib.import_module(name)
    torch.set_num_threads(max(1, min(4, machine().cores // 2)))
    gc.collect()
    gc.freeze()
    gc.enable()


def warm_up_later() -> None:
    """Import what the first screen does without, and set that aside, too."""
    for name in LAZY:
        importlib.import_module(name)
    gc.freeze()


def imported_by(pages: Path) -> list[str]:
    """Names of the modules that scripts anywhere under a folder import, sorted."""
    names: set[str] = set()
    for script in pages.rglob("*.py"):
        for node in ast.walk(ast.parse(script.read_text())):
            if isinstance(node, ast.Import):
                names.update(alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                names.add(node.module)
    return sorted(names)
