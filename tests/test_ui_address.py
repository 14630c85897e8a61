"""One place writes addresses: who is on a tour stays on it, and a page that is being left writes nothing into the next one's."""

import ast
from functools import partial
from urllib.parse import parse_qs

import pytest
from opened_page import address, fine, opened
from streamlit.runtime.pages_manager import PagesManager
from streamlit.runtime.scriptrunner import RerunData
from streamlit.testing.v1 import AppTest, app_test, local_script_runner
from test_pages import PAGES, table
from tiny_runs import tiny_run

from genlab.runs import Run
from genlab.ui.shell.tour import TOURS, Stop, Tour

SOURCES = [file for folder in (PAGES, PAGES.parent / "genlab") for file in sorted(folder.rglob("*.py"))]
WRITES_IT = {"images", "portrait", "seasons", "points", "sliders", "interpolate", "arithmetic", "map", "ae_vae", "dataset_size", "plane", "vanishing"}

OPENED = {path: {"run": name} for path, name in [("gan", "digits-dcgan-lsgan"), ("map", "digits-vae-2"), *[
    (path, "digits-vae-16") for path in ("sliders", "interpolate", "arithmetic")]]}   # small ones


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> Run:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GENLAB_RUNS", str(tmp_path_factory.mktemp("address")))   # what is shipped stays: studies and a map are among it
        yield tiny_run(epochs=2)


def rerun_fragments(app: AppTest, patch: pytest.MonkeyPatch) -> AppTest:
    """What a browser asks for when a widget of a fragment changes: every fragment of the page once, without the frame around it."""
    def knowing(*how: object, **more: object) -> PagesManager:
        manager = PagesManager(*how, **more)
        manager._set_pages(app._registered_pages)   # a session remembers them; the runner of tests does not
        return manager

    with patch.context() as now:
        now.setattr(app_test, "PagesManager", knowing)
        now.setattr(local_script_runner, "RerunData", partial(RerunData, fragment_id_queue=list(app._fragment_storage._fragments)))
        return fine(app.run())


@pytest.mark.parametrize("entry", table(), ids=lambda e: e.path)
def test_a_tour_goes_on_whatever_is_rerun(entry, run, monkeypatch, nobody_trains):
    monkeypatch.setitem(TOURS, "all", Tour("All", "every page", tuple(Stop(e.file, "Look.") for e in table())))
    stop = f"all-{table().index(entry) + 1}"
    app = opened(entry.file, tour=stop, **OPENED.get(entry.path, {}))
    assert address(app)["tour"] == stop
    assert (set(address(app)) > {"tour"}) >= (entry.path in WRITES_IT)
    for _ in range(2):
        if app._fragment_storage._fragments:
            rerun_fragments(app, monkeypatch)
            assert address(app)["tour"] == stop
    before = address(app)
    assert address(fine(app.run())) == before and any("**All, " in m.value for m in app.markdown)


def test_a_link_of_the_same_page_goes_on_with_the_tour(run):
    app = opened("train/train.py", tour="alone-3")
    app.query_params.clear()
    app.query_params["new"] = "1"
    assert address(fine(app.run())) == {"new": "1", "tour": "alone-3"}
    app.switch_page("data/points.py")
    app.query_params.clear()
    assert "tour" not in address(fine(app.run()))


def test_one_file_alone_writes_addresses():
    def writes(node: ast.AST) -> bool:
        """An assignment to st.query_params, a deletion from it, or a call of one of its methods that change it."""
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            return node.func.attr in ("pop", "popitem", "clear", "update", "setdefault", "from_dict", "to_dict") and is_params(node.func.value)
        return isinstance(node, ast.Subscript | ast.Attribute) and not isinstance(node.ctx, ast.Load) and is_params(node.value)

    def is_params(node: ast.AST) -> bool:
        return isinstance(node, ast.Attribute) and node.attr == "query_params"

    found = {file.name for file in SOURCES if any(writes(node) for node in ast.walk(ast.parse(file.read_text())))}
    assert found == {"address.py"}


# -- pages that are being left --------------------------------------------------------------------------------------------


def clicked_then_left(app: AppTest, page: str, **query: str) -> dict[str, str]:
    """What the next page's address becomes when a widget of this page and a link are clicked so soon after each other that the server takes
    both as one request, as it does while it is busy."""
    app.switch_page(page)
    app.query_params.clear()
    app.query_params.update(query)
    return address(fine(app.run()))


@pytest.mark.parametrize("click", ["more", "pick"])
def test_a_callback_of_the_page_that_is_left_does_not_write_the_next_ones_address(run, click):
    app = opened("train/runs.py", compare="another")
    if click == "more":
        app.button(key=f"runs.more-{run.id}").click()
    else:
        app.checkbox(key=f"runs.pick-{run.id}").check()
    assert clicked_then_left(app, "train/train.py", like=run.id) == {"like": run.id}


def test_leaving_a_tour_and_following_a_link_leave_the_links_address(run):
    app = opened("data/points.py", tour="alone-2")
    app.button(key="tour.leave").click()
    assert clicked_then_left(app, "train/train.py", run=run.id, tour="alone-3") == {"run": run.id, "tour": "alone-3"}


def test_a_page_says_its_address_once_more_when_it_opens(run):
    """Words of the page before may still be on their way to the browser, which then takes them for this page's."""
    app = opened("train/runs.py", compare=run.id)
    assert [parse_qs(said) for said in said_of(app, "start/machine.py", seen="1")] == [{"seen": ["1"]}]
    assert said_of(app, "start/machine.py", seen="1") == []


def said_of(app: AppTest, page: str, **query: str) -> list[str]:
    """Every address that the server sends while a page opens."""
    said, clicked = [], local_script_runner.LocalScriptRunner.forward_msgs
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(local_script_runner.LocalScriptRunner, "forward_msgs", lambda self: said.extend(
            m.page_info_changed.query_string for m in clicked(self) if m.WhichOneof("type") == "page_info_changed") or clicked(self))
        clicked_then_left(app, page, **query)
    return said
