"""Measures of real runs: everything that can be taken is, and what cannot says what it needs."""

import json
import math
import shutil
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image
from tiny_runs import tiny_run, use_folders

from genlab.cli import main
from genlab.data import DataSpec, ImageSet
from genlab.errors import ConfigError, DataError, LabError, RunError
from genlab.judge.classifier import WEIGHTS, classifier_dir, load_classifier, save_classifier
from genlab.judge.classifier_training import class_labels, train_classifier
from genlab.judge.features import by_components, feature_space
from genlab.measures import material as material_module
from genlab.measures import of_codes
from genlab.measures.material import Material
from genlab.measures.measured import Measured, differing, table
from genlab.measures.suite import FAMILIES, NAMES, measure, measure_all
from genlab.models.vae import VAE
from genlab.runs import Run, create_run, load_model
from genlab.runs.weights import keep_decoder, load_weights, save_weights

N = 64
NEEDS_FACES = {"combinations", "marginals"}
NEEDS_FACTORS = {"mig", "sap", "dci_disentanglement", "dci_completeness", "dci_informativeness"}
NEEDS_SPREAD = {"recon", "kl", "elbo", "mse_draw", "iwae_1", "iwae_5", "iwae_50", "iwae_500", "prior_gap"}


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory):
    """A tiny VAE and a tiny autoencoder on digits, and a classifier of a few steps."""
    with pytest.MonkeyPatch.context() as patch:
        use_folders(patch, tmp_path_factory.mktemp("suite"))
        classifier, figures = train_classifier("digits", 60)
        assert figures["accuracy"] > 0.5 and figures["n"] == 180
        save_classifier(classifier, classifier_dir("digits"))
        yield {name: tiny_run(name) for name in ("vae", "autoencoder")}


@pytest.fixture(scope="module")
def everything(runs: dict[str, Run]) -> dict[str, tuple[list[Measured], dict[str, str]]]:
    return {name: measure_all(run, N) for name, run in runs.items()}


def test_every_measure_is_taken_or_says_why_not(everything):
    for name, missing in (("vae", NEEDS_FACES | NEEDS_FACTORS), ("autoencoder", NEEDS_FACES | NEEDS_FACTORS | NEEDS_SPREAD)):
        measured, left_out = everything[name]
        assert set(left_out) == missing and [m.name for m in measured] == [n for n in NAMES if n not in missing]
        assert "a VAE's have" in left_out.get("elbo", "a VAE's have")
        assert "drawn images" in left_out["mig"] and "on faces" in left_out["marginals"]


def test_each_has_an_interval_a_protocol_and_a_sentence(everything):
    for measured, _ in everything.values():
        for m in measured:
            assert m.low <= m.value <= m.high and all(map(math.isfinite, (m.low, m.value, m.high))), m
            assert m.n in (N, 16, 32) and m.seed == 0 and m.protocol.startswith(f"{m.name} 1: ") and "digits 16px" in m.protocol
            assert m.sentence.endswith(".") and "nan" not in m.sentence and m.better in ("lower", "higher", "")


def test_bounds_do_not_decrease_and_the_first_agrees_with_the_elbo_of_the_same_images(everything):
    found = {m.name: m for m in everything["vae"][0]}
    values = [found[f"iwae_{k}"].value for k in (1, 5, 50, 500)]
    assert values == sorted(values) and "16 images" in found["iwae_500"].sentence
    assert found["elbo"].value == pytest.approx(-(found["recon"].value + found["kl"].value))
    assert found["prior_gap"].parts["kl"] == pytest.approx(found["kl"].value, rel=1e-4)


def test_the_same_seed_gives_the_same_values_and_another_does_not(runs, everything):
    names = ["kid", "elbo", "mse"]
    again, other = (measure(runs["vae"], names, N, seed) for seed in (0, 1))
    first = [m for m in everything["vae"][0] if m.name in names]
    assert [m.value for m in again] == [m.value for m in first]
    assert [a.value == b.value for a, b in zip(again, other, strict=True)] == [False, True, False]   # kid, mse, elbo: a mean code is no draw


def test_a_family_s_name_stands_for_its_measures_and_a_wrong_one_is_corrected(runs):
    assert [m.name for m in measure(runs["vae"], ["manifold", "mse"], N)] == ["precision", "recall", "density", "coverage", "mse"]
    with pytest.raises(ConfigError, match="did you mean 'recall'"):
        measure(runs["vae"], ["recal"], N)
    with pytest.raises(ConfigError, match="n = 1"):
        measure(runs["vae"], ["kid"], 1)
    assert sum((f.names for f in FAMILIES.values()), ()) == NAMES and len(set(NAMES)) == len(NAMES)


def test_too_few_samples_and_an_unknown_sampler_say_what_is_needed(runs):
    with pytest.raises(LabError, match="at least 10 of both"):
        measure(runs["vae"], ["kid"], 9)
    with pytest.raises(LabError, match="at least 50"):
        measure(runs["vae"], ["precision"], 40)
    with pytest.raises(LabError, match="prior, mixture, pca"):
        measure(runs["vae"], ["kid"], N, sampler="posterior")


def test_the_samplers_give_other_samples(runs):
    found = {s: Material(runs["autoencoder"], N, 0, s).samples for s in ("prior", "mixture", "pca")}
    assert all(x.shape == (N, 1, 16, 16) and x.dtype == np.uint8 for x in found.values())
    assert not (found["prior"] == found["mixture"]).all() and not (found["prior"] == found["pca"]).all()
    assert "mixture fitted" in measure(runs["autoencoder"], ["kid"], N, sampler="mixture")[0].sentence


def broken(run: Run, tmp_path, change) -> Run:
    """A copy of a run's folder with changed weights of its decoder."""
    copy = Run(tmp_path / run.id)
    shutil.copytree(run.path, copy.path)
    path = copy.weights_path(copy.snapshots()[-1])
    save_weights(path, {n: change(n, t) for n, t in load_weights(path).items()})
    return copy


def test_one_picture_repeated_is_measured_and_said_to_be_one(runs, tmp_path):
    run = broken(runs["vae"], tmp_path, lambda n, t: torch.zeros_like(t) if n.startswith("decoder.fc") else t)
    found = {m.name: m for m in measure(run, ["kid", "fid", "manifold", "memorisation"], N)}
    assert found["recall"].value == 0 and all("one and the same picture" in m.sentence for m in found.values())


def test_pictures_that_are_not_numbers_are_refused(runs):
    material = Material(runs["vae"], N, 0)
    material.model.decode = lambda z: torch.full((len(z), 1, 16, 16), torch.nan)
    with pytest.raises(LabError, match=f"{N} of {N} decoded images hold NaN"):
        material.samples   # noqa: B018


def test_a_decoder_alone_samples_but_does_not_encode(runs, tmp_path):
    run = broken(runs["vae"], tmp_path, lambda n, t: t)
    path = run.weights_path(run.snapshots()[-1])
    keep_decoder(path, path, VAE.beside_decoder)
    assert not load_model(run).can_encode
    assert measure(run, ["kid"], N)[0].n == N
    assert "between two draws of the prior" in measure(run, ["unevenness"], N)[0].protocol
    with pytest.raises(LabError, match="there is no encoder"):
        measure(run, ["mse"], N)


def test_a_run_without_weights_and_one_image_alone_say_so(runs, tmp_path):
    waiting = create_run(runs["vae"].plan)
    with pytest.raises(RunError, match="no weights are kept yet"):
        measure(waiting, ["kid"], N)
    assert main(["evaluate", waiting.id]) == 2
    material = Material(runs["vae"], N, 0)
    Image.new("RGB", (20, 20)).save(tmp_path / "one.png")
    material.spec = DataSpec(name="own", path=str(tmp_path), size=16, channels=1)
    with pytest.raises(LabError, match="both trained on and held out"):
        material.held_out   # noqa: B018


# -- features ---------------------------------------------------------------------------------------------------------


def test_each_dataset_has_its_features_and_the_protocol_names_them(runs):
    digits = Material(runs["vae"], N, 0)
    assert digits.space.id.startswith("classifier of digits ") and digits.real_features.shape == (N, 32)
    other = feature_space(DataSpec(name="scenes"), digits.held_out.x)
    assert other.id.startswith("16 components of pixels ") and "no network knows scenes" in other.about
    assert np.square(other.of(digits.held_out.x)).mean() == pytest.approx(1, rel=0.1)
    with pytest.raises(RunError, match="judge train"):
        feature_space(DataSpec(name="faces"), digits.held_out.x)
    with pytest.raises(DataError, match="at least 20"):
        by_components("own", digits.held_out.x[:5])
    with pytest.raises(DataError, match="are the same"):
        by_components("own", digits.held_out.x[:1].repeat(30, 0))


def test_a_classifier_reads_any_size_and_colour_and_says_when_it_is_damaged(runs, tmp_path):
    classifier, x = load_classifier("digits"), Material(runs["vae"], N, 0).held_out.x
    np.testing.assert_allclose(classifier.features(np.repeat(x, 3, 1)), classifier.features(x), atol=1e-3)
    with pytest.raises(DataError, match="uint8"):
        classifier.features(x.astype(np.float32))
    with pytest.raises(RunError, match="features train --dataset mnist"):
        load_classifier("mnist")
    save_classifier(classifier, tmp_path)
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(RunError, match="missing or damaged"):
        load_classifier("digits", tmp_path)
    with pytest.raises(DataError, match="not in classes"):
        class_labels(ImageSet("plain", np.zeros((2, 1, 8, 8), np.uint8), np.zeros((2, 0), np.float32)))


def test_the_same_settings_train_the_same_classifier():
    first, second = (train_classifier("digits", 3)[0].net.state_dict() for _ in range(2))
    assert all(torch.equal(first[name], second[name]) for name in first)


# -- factors ------------------------------------------------------------------------------------------------------------


def test_scores_against_factors_are_taken_of_drawn_images(runs, monkeypatch):
    monkeypatch.setattr(material_module, "FACTOR_IMAGES", 1000)
    monkeypatch.setattr(of_codes, "FACTOR_IMAGES", 1000)
    material = Material(runs["vae"], N, 0)
    material.spec = DataSpec(name="faces", size=16, channels=1, correlations=(("glasses", "man", 0.9),))
    codes, facts = material.factored
    assert codes.shape == (1000, 3) and len(facts.info) == facts.attributes.shape[1] > 10
    man, glasses = (facts.attributes[:, [a.name for a in facts.info].index(name)] for name in ("man", "glasses"))
    assert abs(np.corrcoef(man, glasses)[0, 1]) < 0.1   # whatever a run's own data are like
    for take in (of_codes.gaps_of_information, of_codes.gaps_of_prediction, of_codes.importances):
        assert all(0 <= m.value <= 1 and m.n == 1000 for m in take(material))


# -- tables and the command ---------------------------------------------------------------------------------------------


def test_a_table_says_so_when_protocols_differ(everything):
    vae, ae = (everything[name][0] for name in ("vae", "autoencoder"))
    assert differing({"vae": vae, "ae": ae}) == []
    other = [replace(m, protocol=m.protocol + ", other") if m.name == "kid" else m for m in ae]
    notes = differing({"vae": vae, "ae": other})
    assert len(notes) == 1 and notes[0].startswith("kid cannot be compared") and "vae: kid 1" in notes[0]
    lines = table({"vae": vae, "ae": other})
    assert lines[-1] == notes[0] and lines[0].startswith("| measure | unit | vae | ae |") and len(lines) == 3 + len(vae)


def test_the_command_prints_tables_and_json(runs, capsys):
    ids = [run.id for run in runs.values()]
    assert main(["evaluate", *ids, "--measures", "kid,mse", "--n", str(N)]) == 0
    shown = capsys.readouterr().out
    assert "| kid |" in shown and f"| {ids[0]} | {ids[1]} |" in shown and "classifier of digits" in shown
    assert main(["evaluate", ids[1], "--n", str(N), "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    (run,) = result["runs"]
    assert run["run"] == ids[1] and run["state"] == "finished" and "elbo" in run["left_out"] and result["differing"] == []
    assert {"name", "value", "low", "high", "n", "seed", "protocol", "sentence"} <= set(run["measures"][0])


def test_a_wrong_request_is_a_sentence_and_code_2(runs, capsys):
    assert main(["evaluate", runs["autoencoder"].id, "--measures", "elbo", "--n", "64"]) == 2
    assert "a VAE's have" in capsys.readouterr().err
    assert main(["evaluate", "no-such-run"]) == 2


def test_the_classifier_s_command_writes_weights_and_card(runs, tmp_path, capsys):
    assert main(["features", "train", "--dataset", "digits", "--steps", "3", "--out", str(tmp_path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["n"] == 180
    assert (tmp_path / WEIGHTS).stat().st_size < 10**6
    assert "held-out images" in (tmp_path / "MODEL_CARD.md").read_text()
    assert main(["features", "train", "--steps", "0"]) == 2
