"""What changed, on the page Latent sliders: read by a judge for faces, said where there is none, absent for anything else."""

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest
from test_pages import PAGES
from tiny_judge import tiny_judge
from tiny_runs import tiny_run, use_folders

from genlab.data import DataSpec
from genlab.data.faces import FACTORS, render, sample_factors
from genlab.judge.judge import judge_dir
from genlab.measures.changes import Change, Comparison, compare
from genlab.runs import Run, create_run, execute
from genlab.training import Pace, TrainPlan
from genlab.ui.explore.changed import _row, in_words
from genlab.ui.shell.links import z_to_text


@pytest.fixture(scope="module")
def faces(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        use_folders(patch, tmp_path_factory.mktemp("changed"))
        run = create_run(TrainPlan(model="vae", data=DataSpec(name="faces", n=32, size=16), settings={"latent_dim": 3, "width": 4}, epochs=1,
                                   batch_size=16, threads=1))
        execute(run, pace=Pace(preview_s=1e9, state_s=1e9))
        yield run


def sliders(run: Run, **query: str) -> AppTest:
    app = AppTest.from_file(str(PAGES / "main.py"), default_timeout=120).run()
    app.switch_page("explore/sliders.py")
    for name, value in {"run": run.id, **query}.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception, app.exception[0].stack_trace
    assert not app.error, app.error[0].value
    return app


def table(app: AppTest) -> str:
    return next((h.proto.body for h in app.get("html") if 'class="changes"' in h.proto.body), "")


def test_without_a_judge_the_page_says_how_to_get_one(faces):
    app = sliders(faces)
    assert any("judge train" in c.value for c in app.caption) and not table(app)


def test_with_a_judge_every_attribute_is_read_before_and_after(faces):
    judge = tiny_judge(judge_dir())
    app = sliders(faces, axes="dims", **{"from": "seed:1", "a": z_to_text(np.array([3.0, -3.0, 3.0]))})
    body = table(app)
    assert all(a.name.replace("_", " ") in body for a in FACTORS) and body.count("<div") == len(FACTORS) + 1
    assert any("As a person they are" in c.value for c in app.caption)
    x = render(sample_factors(2, 0), 16)
    assert "apart" in in_words(compare(judge, *x))


def test_digits_are_not_judged(faces):
    assert not table(sliders(tiny_run(epochs=1)))


def test_what_moved_is_marked_and_told_first():
    age, hat = FACTORS[9], FACTORS[4]
    quiet, moved = Change(age, 40.0, 41.0, False, 1 / 60), Change(hat, 0.02, 0.97, True, 0.95)
    assert "class=moved" in _row(moved) and "2 % → 97 %" in _row(moved) and "class=moved" not in _row(quiet)
    assert in_words(Comparison((quiet, moved), 0.25)) == "Moved: hat. As a person they are 0.25 apart: 0 is the same one, 1 a stranger."
    assert "Nothing moved" in in_words(Comparison((quiet,), 0.0))
