"""Who may import whom, read from the syntax trees."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

RULES = {
    # files (but not those after a !): what they must not import
    "genlab/**/*.py !genlab/ui/**/*.py": ["streamlit", "genlab.ui", "pages", "app"],
    "pages/**/*.py": ["torch", "torchvision", "umap", "sklearn", "distributed"],
    "genlab/data/**/*.py": ["genlab.models", "genlab.training", "genlab.runs", "genlab.jobs", "genlab.latent", "genlab.evaluation", "genlab.serving"],
    "genlab/models/**/*.py": ["genlab.data", "genlab.runs", "genlab.training", "genlab.jobs", "genlab.evaluation", "genlab.serving"],
    "genlab/training/**/*.py": ["genlab.runs", "genlab.jobs", "genlab.serving", "dask", "distributed", "umap"],
    "genlab/runs/**/*.py": ["genlab.jobs", "genlab.serving"],
    "genlab/game/**/*.py": ["genlab.models", "genlab.training", "genlab.runs", "genlab.jobs", "genlab.evaluation", "genlab.serving"],
    "genlab/latent/**/*.py": ["torch", "torchvision", "genlab.models", "genlab.training", "genlab.runs"],
}
SHARED_BY_MODELS = {f"genlab.models.{name}" for name in ("base", "space", "posterior", "metric", "blocks", "adversarial", "augment")}


def imports(file: Path) -> set[str]:
    """Every module that a file names in an import, anywhere in it; `from a import b` names a and a.b."""
    names = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: relative import"
            names.update([node.module, *(f"{node.module}.{alias.name}" for alias in node.names)])
    return names


def below(name: str, package: str) -> bool:
    return name == package or name.startswith(package + ".")


def violations(root: Path, patterns: str, forbidden: list[str]) -> list[str]:
    wanted, _, spared = patterns.partition(" !")
    files = set(root.glob(wanted)) - set(root.glob(spared or "nothing"))
    return sorted(f"{file.relative_to(root)} imports {name}" for file in files for name in imports(file) if any(below(name, f) for f in forbidden))


@pytest.mark.parametrize("patterns", RULES)
def test_nobody_imports_what_is_not_theirs(patterns):
    assert violations(ROOT, patterns, RULES[patterns]) == []


def test_models_do_not_import_each_other():
    models = [file for file in (ROOT / "genlab/models").glob("*.py") if file.stem != "__init__"]
    siblings = {f"genlab.models.{file.stem}" for file in models} - SHARED_BY_MODELS
    assert len(models) > 2
    assert [f"{file.name}: {name}" for file in models for name in imports(file) & siblings] == []


def test_a_forbidden_import_is_found(tmp_path):
    for place, line in [("genlab/runs/a.py", "def f():\n    from streamlit import caption"), ("genlab/b.py", "import streamlit.web"),
                        ("genlab/ui/c.py", "import streamlit"), ("pages/start/d.py", "import torch.nn as nn")]:
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / place).write_text(line)
    rules = list(RULES.items())
    assert {v.split()[0] for v in violations(tmp_path, *rules[0])} == {"genlab/b.py", "genlab/runs/a.py"}
    assert violations(tmp_path, *rules[1]) == ["pages/start/d.py imports torch.nn"]


def test_training_needs_neither_page_nor_cluster_nor_map():
    """The core also runs on a bare machine: with these packages gone, genlab.training still comes up."""
    gone = ["streamlit", "dask", "distributed", "umap", "plotly", "starlette"]
    code = f"import sys; sys.modules.update(dict.fromkeys({gone})); import genlab.training, genlab.runs"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-1000:]
