"""What the README tells people to type exists."""

import re
import shlex

import pytest

from genlab.cli import parser
from genlab.paths import ROOT

README = (ROOT / "README.md").read_text()
COMMANDS = re.findall(r"\.venv/bin/python -m genlab ([^`\n]+)", README)
MAKE = set(re.findall(r"\bmake ([a-z]+)\b", README)) & set(re.findall(r"    make ([a-z]+)", README))


@pytest.mark.parametrize("words", COMMANDS)
def test_commands_are_understood(words):
    if "--help" in words:
        with pytest.raises(SystemExit) as left:
            parser().parse_args(shlex.split(words))
        assert left.value.code == 0
    else:
        assert callable(parser().parse_args(shlex.split(words)).run)


def test_make_targets_exist():
    makefile = (ROOT / "Makefile").read_text()
    assert {"app", "test"} <= MAKE
    assert [t for t in MAKE if not re.search(rf"^{t}:", makefile, re.M)] == []


def test_files_that_are_named_exist():
    named = re.findall(r"`((?:genlab|tests|pages)/[\w/.]+\.py)`", README)
    assert len(named) >= 3 and [f for f in named if not (ROOT / f).exists()] == []
    assert len(COMMANDS) > 6
