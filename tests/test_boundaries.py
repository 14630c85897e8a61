"""Who may import whom, read from the syntax trees: a line for every room, and no circles, neither of rooms nor of files."""

import ast
import subprocess
import sys
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

CORE = "data models objectives training runs latent"
SEEN = f"{CORE} judge lens measures sums maps studies diagnose game"   # what pages and commands show
MAY = {
    # room: the rooms it may import, besides itself and the files beside the rooms (errors, files, paths, settings, ...)
    "data": "",
    "latent": "",
    "objectives": "",
    "models": "objectives",
    "training": "data models",
    "runs": "data models training",
    "judge": "data latent training runs",
    "lens": f"{CORE} judge",
    "measures": f"{CORE} judge lens",
    "sums": f"{CORE} judge lens measures",
    "maps": f"{CORE} judge lens",
    "diagnose": f"{CORE} judge lens measures",
    "studies": f"{CORE} judge lens measures",
    "game": "data objectives",
    "jobs": f"{CORE} measures maps",
    "server": f"{CORE} lens maps game jobs",
    "cli": f"{SEEN} jobs",
    "ui.shell": f"{SEEN} server jobs",
    "ui.data": f"{SEEN} server ui.shell",
    "ui.train": f"{SEEN} server jobs ui.shell ui.data",
    "ui.explore": f"{SEEN} server jobs ui.shell ui.data ui.train",
    "ui.sums": f"{SEEN} server jobs ui.shell ui.data ui.train ui.explore",
    "ui.maps": f"{SEEN} server jobs ui.shell ui.data ui.train ui.explore",
    "ui.compare": f"{SEEN} server jobs ui.shell ui.data ui.train ui.explore",
    "ui.game": f"{SEEN} server jobs ui.shell ui.data ui.train ui.explore",
}
OUTSIDE = {
    # files (but not those after a !): packages that they must not import
    "genlab/**/*.py !genlab/ui/**/*.py": ["streamlit", "genlab.ui", "pages", "app"],
    "pages/**/*.py": ["torch", "torchvision", "umap", "sklearn", "distributed"],
    "genlab/latent/**/*.py": ["torch", "torchvision"],
    "genlab/training/**/*.py": ["dask", "distributed", "umap"],
    "genlab/[!sj]*/**/*.py !genlab/cli/**/*.py": ["starlette", "uvicorn"],
}
SHARED_BY_MODELS = {f"genlab.models.{name}" for name in ("base", "space", "posterior", "metric", "nets", "adversarial")}


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


def module(file: Path, root: Path) -> str:
    return ".".join(file.relative_to(root).with_suffix("").parts).removesuffix(".__init__")


def room(name: str) -> str:
    """ "genlab.lens.codes" -> "lens"; "" for a file beside the rooms."""
    inside = next((r for r in sorted(MAY, key=len, reverse=True) if below(name, f"genlab.{r}")), "")
    return inside


def modules(root: Path) -> dict[str, Path]:
    return {module(file, root): file for file in root.glob("genlab/**/*.py")}


def violations(root: Path) -> list[str]:
    found = []
    for name, file in modules(root).items():
        if mine := room(name):
            allowed = {mine, "", *MAY[mine].split()}
            found += [f"{name} imports {other}" for other in imports(file) if below(other, "genlab") and room(other) not in allowed]
    return sorted(found)


def intrusions(root: Path, patterns: str, forbidden: list[str]) -> list[str]:
    wanted, _, spared = patterns.partition(" !")
    files = set(root.glob(wanted)) - set(root.glob(spared or "nothing"))
    return sorted(f"{file.relative_to(root)} imports {name}" for file in files for name in imports(file) if any(below(name, f) for f in forbidden))


def test_every_room_has_its_line():
    rooms = {path.parent.name for path in ROOT.glob("genlab/*/__init__.py")} - {"ui"}
    parts = {f"ui.{path.parent.name}" for path in ROOT.glob("genlab/ui/*/__init__.py")}
    assert rooms | parts == set(MAY)


def test_nobody_imports_from_a_room_that_is_not_open_to_them():
    assert violations(ROOT) == []


@pytest.mark.parametrize("patterns", OUTSIDE)
def test_nobody_imports_packages_that_are_not_theirs(patterns):
    assert intrusions(ROOT, patterns, OUTSIDE[patterns]) == []


def circle(graph: dict[str, set[str]]) -> list[str]:
    """The nodes of one circle of a graph, none where it has none."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return error.args[1]
    return []


def test_there_is_no_circle_of_rooms():
    assert circle({name: set(may.split()) for name, may in MAY.items()}) == []   # what is allowed has none, so what is done has none


def test_there_is_no_circle_of_files():
    files = modules(ROOT)
    graph = {name: {other for other in imports(file) & set(files) if other != name} for name, file in files.items()}
    packages = {name for name, file in files.items() if file.stem == "__init__"}
    for name in graph:   # a package stands for what it hands on: whoever imports from it imports it
        graph[name] -= {p for p in packages if below(name, p)}
    assert circle(graph) == []


def test_models_do_not_import_each_other():
    models = [file for file in (ROOT / "genlab/models").glob("*.py") if file.stem != "__init__"]
    siblings = {f"genlab.models.{file.stem}" for file in models} - SHARED_BY_MODELS
    assert len(models) > 2
    assert [f"{file.name}: {name}" for file in models for name in imports(file) & siblings] == []


def test_a_forbidden_import_is_found(tmp_path):
    for place, line in [("genlab/runs/a.py", "def f():\n    from streamlit import caption"), ("genlab/b.py", "import streamlit.web"),
                        ("genlab/ui/c.py", "import streamlit"), ("pages/start/d.py", "import torch.nn as nn"),
                        ("genlab/lens/e.py", "from genlab import sums"), ("genlab/lens/f.py", "from genlab.judge.judge import read"),
                        ("genlab/ui/shell/g.py", "def f():\n    import genlab.ui.maps.mapview")]:
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / place).write_text(line)
    rules = list(OUTSIDE.items())
    assert {v.split()[0] for v in intrusions(tmp_path, *rules[0])} == {"genlab/b.py", "genlab/runs/a.py"}
    assert intrusions(tmp_path, *rules[1]) == ["pages/start/d.py imports torch.nn"]
    assert violations(tmp_path) == ["genlab.lens.e imports genlab.sums", "genlab.ui.shell.g imports genlab.ui.maps.mapview"]
    assert circle({"a": {"b"}, "b": {"c"}, "c": {"a"}}) and not circle({"a": {"b"}, "b": {"c"}})


def test_training_needs_neither_page_nor_cluster_nor_map():
    """The core also runs on a bare machine: with these packages gone, genlab.training still comes up."""
    gone = ["streamlit", "dask", "distributed", "umap", "plotly", "starlette"]
    code = f"import sys; sys.modules.update(dict.fromkeys({gone})); import genlab.training, genlab.runs"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-1000:]
