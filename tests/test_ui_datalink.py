"""Images chosen on one page and trained on by another: the address between them."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from tiny_runs import use_folders

from genlab import jobs
from genlab.data import DataSpec, resolve
from genlab.errors import LabError
from genlab.runs import list_runs
from genlab.ui.data.datalink import spec_from, spec_query

PAGES = Path(__file__).resolve().parent.parent / "pages"
BIASED = DataSpec(name="faces", n=70, seed=3, size=32, correlations=(("glasses", "man", 0.8), ("age", "smile", -0.5)))


@pytest.fixture(autouse=True)
def places(tmp_path, monkeypatch):
    use_folders(monkeypatch, tmp_path)
    monkeypatch.setenv("GENLAB_CACHE", str(tmp_path / "data"))
    monkeypatch.setenv("GENLAB_SCHEDULER", "tcp://127.0.0.1:9")
    yield
    jobs.shutdown()


@pytest.mark.parametrize("spec", [DataSpec(), BIASED, DataSpec(name="own", path="0123456789abcdef", channels=1), DataSpec(name="scenes", n=1)])
def test_a_choice_survives_its_address(spec):
    query = {name: str(value) for name, value in spec_query(resolve(spec)).items()}
    assert resolve(spec_from(query)) == resolve(spec)


def test_what_goes_without_saying_is_not_said():
    assert spec_query(resolve(DataSpec(name="faces"))) == {"images": "faces"}
    assert spec_from({}) is None and spec_from({"run": "x"}) is None


def test_no_folder_of_the_server_goes_in_or_out():
    assert "upload" not in spec_query(DataSpec(name="own", path="/etc"))
    for path in ("/etc", "..", "../../secret", "0123456789abcdeg"):
        with pytest.raises(LabError, match="no id"):
            spec_from({"images": "own", "upload": path})


@pytest.mark.parametrize("query, said", [
    ({"n": "0"}, "n = "), ({"n": "many"}, "n = "), ({"n": "9" * 5000}, "n = "), ({"size": "999"}, "size = "), ({"correlate": "a,b"}, "correlations"),
    ({"correlate": "man,hat,2"}, "from -1 to 1"), ({"correlate": "man,hat,nan"}, "from -1 to 1"), ({"channels": "2"}, "channels = "),
])
def test_a_damaged_address_is_said(query, said):
    with pytest.raises(LabError, match=said):
        spec_from({"images": "faces", **query})


def train_page(**query) -> AppTest:
    app = AppTest.from_file(str(PAGES / "main.py"), default_timeout=60).run()
    app.switch_page("train/train.py")
    for name, value in query.items():
        app.query_params[name] = str(value)
    app.run()
    assert not app.exception, app.exception[0].stack_trace
    return app


def test_the_train_page_takes_the_images_over_and_trains_on_them():
    app = train_page(**spec_query(BIASED))
    assert app.selectbox(key="train.data.name").value == "faces" and app.number_input(key="train.data.n").value == 70
    assert any("glasses with man +0.8" in c.value for c in app.caption)
    app.button(key="train.start").click().run()
    assert [run.plan.data for run in list_runs()] == [resolve(BIASED)]


def test_what_is_tied_can_be_untied():
    app = train_page(**spec_query(BIASED))
    app.button(key="train.data.untie").click().run()
    assert not any("Tied" in c.value for c in app.caption)
    app.button(key="train.start").click().run()
    assert [run.plan.data.correlations for run in list_runs()] == [()]


def test_the_train_page_says_what_cannot_be():
    app = train_page(images="digits", correlate="digit,man,0.5")
    assert any("only the attributes of drawn images" in e.value for e in app.error)
