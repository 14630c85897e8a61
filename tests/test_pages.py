"""Every page of the table comes up, and the table is what lies on disk."""

import ast
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from genlab.ui.shell.menu import Entry

PAGES = Path(__file__).resolve().parent.parent / "pages"


def table() -> list[Entry]:
    """The entries as they stand in pages/main.py, read without running it."""
    tree = ast.parse((PAGES / "main.py").read_text())
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Entry"]
    return [Entry(*map(ast.literal_eval, call.args), **{k.arg: ast.literal_eval(k.value) for k in call.keywords}) for call in calls]


@pytest.fixture(autouse=True)
def places(tmp_path, monkeypatch):
    monkeypatch.setenv("GENLAB_RUNS", str(tmp_path / "runs"))
    monkeypatch.setenv("GENLAB_CACHE", str(tmp_path / "data"))


def opened(entry: Entry) -> AppTest:
    app = AppTest.from_file(str(PAGES / "main.py"), default_timeout=60).run()
    return app.switch_page(entry.file).run() if entry != table()[0] else app


@pytest.mark.parametrize("entry", table(), ids=lambda e: e.path)
def test_page_comes_up_with_its_title_and_question(entry):
    app = opened(entry)
    assert not app.exception, app.exception[0].stack_trace
    assert not app.error
    assert app.title[0].value == entry.title
    assert entry.question in [m.value for m in app.markdown]


def test_table_is_what_lies_on_disk():
    on_disk = {str(file.relative_to(PAGES)) for file in PAGES.glob("*/*.py")}
    assert {entry.file for entry in table()} == on_disk


def test_no_page_lies_beside_the_table():
    """A page script beside main.py would be one more page, and a folder called pages there one that Streamlit serves by itself."""
    assert [p.name for p in PAGES.glob("*.py")] == ["main.py"]
    assert not (PAGES / "pages").exists()


def test_addresses_and_titles_are_unique():
    for names in ([e.path for e in table()], [e.title for e in table()]):
        assert sorted(names) == sorted(set(names))


def test_landing_page_links_to_every_other_page():
    app = opened(table()[0])
    linked = {link.proto.page for link in app.get("page_link")}
    assert linked == {entry.path for entry in table()[1:]}


def test_pages_that_choose_a_run_say_so():
    for entry in table():
        assert entry.takes_run or "choose_run(" not in (PAGES / entry.file).read_text(), entry.file


def test_a_page_is_short():
    for file in PAGES.rglob("*.py"):
        assert len(file.read_text().splitlines()) <= 120, file
