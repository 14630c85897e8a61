"""torchvision's import: cured where it fails, left alone where it does not, and in one place."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BROKEN = "operator torchvision::nms does not exist"


def run(code):
    return subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120)


def test_operators_are_declared_only_where_the_import_fails_and_then_it_works():
    plain = run("import torchvision")
    assert plain.returncode == 0 or BROKEN in plain.stderr
    cured = run("import torch\ndeclared = []\ndefine = torch.library.define\n"
                "torch.library.define = lambda name, *a, **k: (declared.append(name), define(name, *a, **k))\n"
                "from genlab.data.vision import UNDECLARED, torchvision\nprint([name for name in declared if name in UNDECLARED])\n"
                "print(torchvision.utils.make_grid(torch.rand(4, 3, 8, 8)).shape[0], torchvision.datasets.MNIST.__name__)\n"
                "print(torchvision.transforms.functional.resize(torch.rand(3, 8, 8), 4).shape[1])")
    expected = [] if plain.returncode == 0 else ["torchvision::nms", "torchvision::qnms"]
    assert cured.stdout == f"{expected}\n3 MNIST\n4\n", cured.stderr


def test_another_fault_is_left_to_surface():
    done = run("import sys, types, importlib.abc\n"
               "class Finder(importlib.abc.MetaPathFinder):\n"
               "    def find_spec(self, name, *a):\n"
               "        if name == 'torchvision': raise RuntimeError('something else')\n"
               "sys.meta_path.insert(0, Finder())\nimport genlab.data.vision")
    assert done.returncode != 0 and done.stderr.endswith("RuntimeError: something else\n")


def test_the_datasets_are_listed_without_torchvision():
    done = run("import sys, genlab.data; genlab.data.describe(); print('torchvision' in sys.modules, 'torch' in sys.modules)")
    assert done.stdout == "False False\n", done.stderr


def test_nothing_else_imports_torchvision():
    imports = re.compile(r"^\s*(import|from) torchvision\b", re.M)
    files = [path for folder in ("genlab", "pages", "tests") for path in (ROOT / folder).rglob("*.py")]
    assert [path.name for path in files if imports.search(path.read_text())] == ["vision.py"]
