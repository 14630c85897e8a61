"""Correlations as part of what a run is trained on: kept, checked before a run is made, refused where they mean nothing."""

import json

import numpy as np
import pytest
from pydantic import ValidationError

from genlab.cli import main
from genlab.data import DATASETS, DataSpec, load_dataset, resolve
from genlab.data.copula import attainable, mixing
from genlab.data.streams import load_stream
from genlab.errors import DataError

BIASED = (("glasses", "man", 0.8),)


def small(**values):
    return DataSpec(size=16, n=600, **values)


def correlation(images, a, b):
    return np.corrcoef(images.attributes[:, [images.attribute_names.index(a), images.attribute_names.index(b)]].T)[0, 1]


@pytest.fixture(autouse=True)
def places(tmp_path, monkeypatch):
    monkeypatch.setenv("GENLAB_RUNS", str(tmp_path / "runs"))
    monkeypatch.setenv("GENLAB_CHECKPOINTS", str(tmp_path / "checkpoints"))


def test_training_images_have_them_and_nothing_else_changes():
    plain, biased = (DATASETS["faces"].stream(resolve(small(name="faces", correlations=c)), 0, 600) for c in ((), BIASED))
    assert abs(correlation(plain, "glasses", "man")) < 0.1
    assert correlation(biased, "glasses", "man") == pytest.approx(2 / np.pi * np.arcsin(0.8), abs=0.1)
    same = np.abs(plain.attributes - biased.attributes).max(0) < 1e-3
    assert [name for name, kept in zip(plain.attribute_names, same, strict=True) if not kept] == ["glasses"]


def test_held_out_images_have_them_too():
    seen = []

    def stream(spec, first, count):
        seen.append((first, spec.correlations))
        return DATASETS["faces"].stream(spec, first, 1).take(np.zeros(count, int))

    load_stream(stream, resolve(small(name="faces", correlations=BIASED)), lambda share, what: None)
    assert {c for _, c in seen} == {BIASED} and max(first for first, _ in seen) >= 2**40


@pytest.mark.parametrize("name, pair", [("faces", ("age", "smile", -0.6)), ("scenes", ("winter", "hour", 0.7))])
def test_facts_are_those_of_the_images(name, pair):
    spec = resolve(DataSpec(name=name, size=16, seed=4, correlations=(pair,)))
    facts, images = DATASETS[name].facts(spec, 250, 20), DATASETS[name].stream(spec, 250, 20)
    assert np.array_equal(facts.attributes, images.attributes) and facts.info == images.attribute_info
    many = DATASETS[name].facts(spec, 0, 3000)
    at = [a.name for a in many.info].index
    assert np.sign(pair[2]) * np.corrcoef(many.attributes[:, [at(pair[0]), at(pair[1])]].T)[0, 1] > 0.4


@pytest.mark.parametrize("name, correlations, said", [
    ("faces", (("glases", "man", 0.5),), "did you mean 'glasses'"),
    ("faces", (("man", "hat", 0.9), ("man", "beard", 0.9), ("hat", "beard", -0.9)), "contradict each other"),
    ("scenes", (("winter", "glasses", 0.5),), "'glasses' can't be correlated"),
    ("digits", (("digit", "man", 0.5),), "only the attributes of drawn images"),
    ("own", (("a", "b", 0.5),), "only the attributes of drawn images"),
])
def test_what_cannot_be_is_said_before_any_image_is_made(name, correlations, said):
    spec = DataSpec(name=name, correlations=correlations)
    for ask in (resolve, load_dataset):
        with pytest.raises(DataError, match=said):
            ask(spec)


@pytest.mark.parametrize("correlations", [(("man", "man", 0.5),), (("man", "hat", 0.1), ("hat", "man", 0.2)), (("man", "hat", 1.5),),
                                          (("man", "hat", float("nan")),), (("man", "hat"),), (("man", "hat", "much"),), ("man", "hat", 0.5)])
def test_what_is_no_list_of_pairs_is_no_spec(correlations):
    with pytest.raises(ValidationError):
        DataSpec(name="faces", correlations=correlations)


@pytest.mark.parametrize("others", [{}, {("a", "b"): 0.9}, {("a", "b"): 0.9, ("c", "d"): -0.5, ("b", "d"): 0.3}, {("a", "c"): 0.2, ("a", "b"): 0.95}])
def test_how_far_a_pair_can_go_is_just_how_far_it_goes(others):
    names = ["a", "b", "c", "d"]
    low, high = attainable("x", names, others, "a", "c")
    for rho in np.linspace(-1, 1, 41):
        asked = {**others, ("a", "c"): rho}
        if low + 1e-6 < rho < high - 1e-6:
            mixing("x", names, asked)
        elif not low - 1e-6 < rho < high + 1e-6:
            with pytest.raises(DataError, match="contradict"):
                mixing("x", names, asked)


def test_they_survive_the_run_folder():
    spec = DataSpec(name="faces", correlations=BIASED)
    assert DataSpec.model_validate_json(spec.model_dump_json()) == spec
    assert DataSpec.model_validate(json.loads('{"name": "faces"}')).correlations == ()   # a run from before they could be set


def test_the_command_line_takes_several(capsys):
    words = ["train", "--dataset", "scenes", "--data-size", "16", "--data-n", "8", "--epochs", "1", "--max-steps", "1", "--set", "width=4", "--set",
             "latent_dim=2", "--json", "--data-correlate", "winter,house,0.8", "--data-correlate", "hour, haze,-0.5"]
    assert main(words) == 0
    run = json.loads(capsys.readouterr().out)["run"]
    assert main(["show", run, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["plan"]["data"]["correlations"] == [["winter", "house", 0.8], ["hour", "haze", -0.5]]


@pytest.mark.parametrize("text, said", [
    ("glasses,man", "write it as two attributes"), ("glasses,man,much", "valid number"), ("glasses,man,2", "from -1 to 1"),
    ("glasses,men,0.5", "did you mean 'man'"),
])
def test_a_mistake_on_the_command_line_is_one_line(capsys, text, said):
    assert main(["train", "--dataset", "faces", "--data-correlate", text]) == 2
    err = capsys.readouterr().err
    assert said in err and len(err.strip().splitlines()) == 1
