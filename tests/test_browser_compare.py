"""A quick study, begun on the page AE vs VAE and seen through to its answer. On its own server, whose workers do train."""

import pytest
from playwright.sync_api import expect
from real_app import running_server, visit
from tiny_runs import use_folders

from genlab.studies import list_studies
from genlab.studies.claims import claims


@pytest.mark.browser
def test_the_quick_reproduction_runs_from_the_app(tmp_path, tab, monkeypatch):
    use_folders(monkeypatch, tmp_path)
    with running_server(tmp_path) as url:
        visit(tab, f"{url}/ae_vae")
        tab.get_by_role("button", name="Quick, on digits").click()
        expect(tab.get_by_text("runs have finished").first).to_be_visible(timeout=60_000)
        expect(tab.get_by_text("What held")).to_be_visible(timeout=240_000)
        expect(tab.get_by_role("button", name="Report")).to_be_visible(timeout=60_000)
        study = list_studies("ae-vs-vae")[0]
        assert len(study.results()) == 4 and all(claim.figures for claim in claims(study))
        tab.get_by_role("tab", name="Holes").click()
        expect(tab.get_by_text("Farthest from any code").first).to_be_visible(timeout=60_000)
