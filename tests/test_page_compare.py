"""The pages AE vs VAE and Dataset size: complete from a study, honest without one."""

from pathlib import Path

import pytest
from opened_page import opened
from streamlit.testing.v1 import AppTest
from tiny_runs import tiny_run, use_folders

from genlab.data import DataSpec
from genlab.errors import LabError
from genlab.runs import create_run, list_runs
from genlab.studies import StudyPlan, begin_study, list_studies
from genlab.studies.carry import reproduce
from genlab.studies.claims import claims
from genlab.studies.pairs import check_pair, measure_pair
from genlab.training import TrainPlan
from genlab.ui.compare.studyview import images_in, winner

PAGES = Path(__file__).resolve().parent.parent / "pages"
SMALL = {"data": DataSpec(name="digits"), "epochs": 3, "seeds": 2, "latent_dim": 4, "width": 4, "n": 120, "threads": 1}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("compare")
        use_folders(patch, folder)
        patch.setenv("GENLAB_CACHE", str(folder / "data"))
        yield folder


@pytest.fixture(scope="module")
def pair(folder):
    return reproduce(begin_study(StudyPlan(kind="ae-vs-vae", sizes=(200,), **SMALL)))


@pytest.fixture(scope="module")
def sizes(folder):
    return reproduce(begin_study(StudyPlan(kind="dataset-size", sizes=(1, 60), **SMALL)))


def text(app: AppTest) -> str:
    return "\n".join(element.value for element in (*app.markdown, *app.caption, *app.info))


@pytest.mark.usefixtures("nobody_trains")
def test_ae_vs_vae_opens_with_the_answer_both_models_and_the_files(pair):
    app = opened("compare/ae_vae.py", study=pair.id)
    assert not app.error and [m.label for m in app.metric][:2] == ["KID of the VAE's samples", "KID of the autoencoder's"]
    assert all(claim.text in text(app) for claim in claims(pair))
    assert {"Report", "CSV"} <= {b.proto.label for b in app.get("download_button")}
    assert any(e.proto.component_name.endswith("scrubber") for e in app.get("bidi_component"))
    assert app.query_params["study"] == pair.id or app.query_params["study"] == [pair.id]


@pytest.mark.usefixtures("nobody_trains")
def test_dataset_size_opens_with_a_wall_and_curves(sizes):
    app = opened("compare/dataset_size.py", study=sizes.id)
    assert not app.error and "**1 image**" in text(app) and "**60 images**" in text(app)
    assert len(app.get("plotly_chart")) >= 6 and all(claim.text in text(app) for claim in claims(sizes))


@pytest.mark.usefixtures("nobody_trains")
def test_without_a_study_a_page_offers_one(tmp_path, monkeypatch):
    use_folders(monkeypatch, tmp_path)
    app = opened("compare/dataset_size.py")
    assert "no study is there yet" in text(app)
    app.button(key="dataset_size.quick").click().run()
    assert not app.exception
    study = list_studies("dataset-size")[0]
    assert {run.status.state for run in list_runs()} == {"queued"} and len(list_runs()) == len(study.members())
    assert len(study.runs) == len(study.members())


@pytest.mark.usefixtures("nobody_trains")
def test_a_study_that_is_not_known_is_said(pair):
    app = opened("compare/ae_vae.py", study="nothing")
    assert "'nothing' is not known" in app.error[0].value and app.metric


@pytest.mark.usefixtures("nobody_trains")
def test_two_runs_of_ones_own_that_do_not_fit_are_said(pair):
    vae, other = tiny_run("vae", latent_dim=3), tiny_run("autoencoder", latent_dim=5)
    app = opened("compare/ae_vae.py", study=pair.id, pair=f"{vae.id}~{other.id}")
    assert any("their latents differ, 3 and 5" in error.value for error in app.error)


def test_what_makes_a_pair_unfair_is_named(folder):
    a, b = tiny_run("vae"), tiny_run("autoencoder", epochs=2)
    assert "epochs (3 and 2)" in check_pair(a, b) and check_pair(a, tiny_run("autoencoder")) == ""
    with pytest.raises(LabError, match="image size differ, 16 px x1 and 32 px x1"):
        check_pair(a, tiny_run("autoencoder", size=32))
    waiting = create_run(TrainPlan(model="autoencoder", data=a.plan.data, settings={"latent_dim": 3, "width": 4}))
    with pytest.raises(LabError, match="no weights yet"):
        check_pair(a, waiting)


def test_a_pair_is_measured_alike(pair):
    runs = [result["run"] for _, result in pair.results()[:2]]
    found = measure_pair(runs, 120)
    assert not found["differing"] and list(found["runs"]) == runs
    for (_, result), run in zip(pair.results(), runs, strict=False):
        assert found["runs"][run]["final"]["kid"]["value"] == result["final"]["kid"]["value"]
        assert found["runs"][run]["samplers"]["mixture"]["kid"]["value"] == result["samplers"]["mixture"]["kid"]["value"]


def test_kept_rows_come_apart_into_their_images(pair):
    member = pair.members()[0]
    x = images_in(pair, member, "real")
    assert x.shape == (8, 3, 16, 16) and images_in(pair, member, "nothing") is None


def test_a_winner_is_ahead_by_more_than_the_intervals(pair):
    from genlab.latent.intervals import Estimate
    from genlab.studies.tables import Figure

    def told(value, reach, better="lower"):
        return Figure("kid", Estimate(value, value - reach, value + reach), {0: value}, (), "", better, "")

    assert winner([told(1, 0.1), told(2, 0.1)]) == 0 and winner([told(1, 1), told(2, 0.5)]) is None
    assert winner([told(1, 0.1, "higher"), told(2, 0.1, "higher"), None]) == 1 and winner([told(1, 0, ""), told(2, 0, "")]) is None
