"""Pages about a run whose images this machine does not have: they say so, offer them, and show what works without."""

from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from tiny_runs import tiny_run, use_folders

from genlab.data import DATASETS

PAGES = Path(__file__).resolve().parent.parent / "pages"
pytestmark = pytest.mark.usefixtures("nobody_trains")


@pytest.mark.parametrize("page", ["sliders", "interpolate", "arithmetic", "map"])
def test_a_run_without_its_images_says_so_and_offers_them(page, tmp_path, monkeypatch):
    use_folders(monkeypatch, tmp_path)
    run = tiny_run()
    fetched = []
    elsewhere = replace(DATASETS["digits"], is_local=lambda: False, fetch=lambda told: fetched.append(1), title="Handwritten digits")
    monkeypatch.setitem(DATASETS, "digits", elsewhere)
    app = AppTest.from_file(str(PAGES / "main.py"), default_timeout=60).run()
    app.switch_page(f"explore/{page}.py")
    app.query_params["run"] = run.id
    app.run()
    assert "not on this machine" in app.warning[0].value and not app.exception and not app.error
    app.button(key=f"{page}.data.fetch").click().run()
    assert fetched and not app.exception
