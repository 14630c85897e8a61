"""Latents of a model that cannot encode get attributes from whoever reads its pictures, once for the same weights, latents and reader."""

import json
import shutil

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest
from test_cli import call
from tiny_faces import tiny_faces
from tiny_judge import TINY, tiny_judge
from tiny_runs import tiny_run, use_folders

from genlab.cli import main
from genlab.data.faces import FACTORS
from genlab.errors import DataError, LabError, RunError
from genlab.judge.classifier import Classifier, ClassifierConfig, ClassifierNet, classifier_dir, save_classifier
from genlab.judge.judge import load_judge, save_judge
from genlab.judge.training import JudgeTrainer
from genlab.latent.directions import attribute_directions, in_spreads
from genlab.lens import judged
from genlab.lens.axes import named_axis
from genlab.lens.codes import CODES, CodesCache
from genlab.lens.judged import read_latents, ship_readings
from genlab.lens.models import MODELS
from genlab.lens.near import NEAR, neighbours
from genlab.maps import MapPlan, fit_map, map_step, read_map
from genlab.maps.message import known_of, pack
from genlab.paths import ROOT, runs_dir


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    folder = tmp_path_factory.mktemp("judged")
    with pytest.MonkeyPatch.context() as patch:
        use_folders(patch, folder)
        patch.setattr("genlab.lens.codes.DRAWN", 120)
        tiny_judge(folder / "checkpoints" / "judge")
        yield folder, tiny_faces("dcgan"), tiny_faces("vae")


def files(run):
    return sorted((runs_dir() / ".cache" / run.id).glob("read-*"))


def test_attributes_are_what_the_judge_reads_from_each_draw(lab):
    _, gan, _ = lab
    codes, model = CODES.get(gan.id), MODELS.get(gan.id, exact=True)
    assert codes.is_drawn and not codes.is_read and not codes.why_unknown and codes.info == FACTORS and codes.logvar is None
    np.testing.assert_array_equal(codes.mu, model.prior(120, 0))
    x = np.concatenate([model.decode(codes.mu[i : i + 32]) for i in range(0, 120, 32)]).transpose(0, 3, 1, 2)
    found = load_judge().read(x)
    np.testing.assert_array_equal(codes.attributes, found.attributes)
    np.testing.assert_array_equal(codes.judged.identity, found.identity)
    np.testing.assert_array_equal(codes.judged.identity_spread, found.identity_spread)
    assert codes.is_read and len(files(gan)) == 1


def test_they_are_kept_by_value_and_read_again_where_the_file_is_damaged(lab, monkeypatch):
    _, gan, _ = lab
    codes = CODES.get(gan.id)
    before, path = codes.attributes, files(gan)[0]
    whole = path.read_bytes()
    monkeypatch.setattr(judged, "_read", lambda *_: pytest.fail("they are at hand"))
    np.testing.assert_array_equal(CodesCache().get(gan.id).attributes, before)
    monkeypatch.undo()
    for damage in (b"", whole[: len(whole) // 2], b"x" * 200):
        path.write_bytes(damage)
        np.testing.assert_array_equal(read_latents(MODELS.get(gan.id, exact=True), codes.mu).attributes, before)
        assert path.read_bytes() == whole


def test_other_latents_or_another_judge_are_another_reading(lab):
    folder, gan, _ = lab
    model, z = MODELS.get(gan.id, exact=True), CODES.get(gan.id).mu
    first, names = read_latents(model, z[:10]), {f.name for f in files(gan)}
    assert len(read_latents(model, z[:11])) == 11 and len(files(gan)) == len(names) + 1
    place = folder / "checkpoints" / "judge"
    shutil.copytree(place, folder / "kept")
    try:
        trainer = JudgeTrainer(TINY.model_copy(update={"seed": 5}))
        trainer.take_step()
        save_judge(trainer.judge("another"), place)
        assert (read_latents(model, z[:10]).identity != first.identity).any()
    finally:
        shutil.rmtree(place)
        (folder / "kept").rename(place)


def test_a_shipped_run_comes_with_what_was_read(lab, monkeypatch):
    _, gan, _ = lab
    codes = CODES.get(gan.id)
    path = ship_readings(MODELS.get(gan.id, exact=True), codes.mu)
    assert path == gan.path / "read.safetensors"
    for file in files(gan):
        file.unlink()
    monkeypatch.setattr(judged, "_read", lambda *_: pytest.fail("it came with the run"))
    np.testing.assert_array_equal(read_latents(MODELS.get(gan.id, exact=True), codes.mu).attributes, codes.attributes)


def test_neighbours_are_read_like_any_latents_and_only_once(lab, monkeypatch):
    _, gan, _ = lab
    model, codes = MODELS.get(gan.id, exact=True), CODES.get(gan.id)
    near, some = codes.near(np.arange(5, 15)), np.array([7, 5])
    assert near.shape == (NEAR, 10, len(FACTORS))
    moved = neighbours(codes.mu).reshape(NEAR, 120, -1)[2, 5:15]
    np.testing.assert_allclose(read_latents(model, moved).attributes, near[2], rtol=1e-4, atol=1e-4)
    monkeypatch.setattr(judged, "_read", lambda *_: pytest.fail("they are known by now"))
    np.testing.assert_array_equal(codes.near(some), near[:, [2, 0]])


def test_only_the_newest_files_stay(lab, monkeypatch):
    _, gan, _ = lab
    monkeypatch.setattr(judged, "KEPT", 2)
    for n in (2, 3, 4):
        read_latents(MODELS.get(gan.id, exact=True), CODES.get(gan.id).mu[:n])
    assert len(files(gan)) == 2


def test_a_named_axis_is_the_direction_of_what_was_read(lab):
    _, gan, _ = lab
    codes = CODES.get(gan.id)
    names = [a.name for a in FACTORS if a.kind != "categorical"]
    name = next(n for n in names if codes.attributes[:, [a.name for a in FACTORS].index(n)].std() > 0)
    axis = named_axis(codes, 4, name)
    assert np.linalg.norm(axis) > 0.5 and np.isfinite(axis).all()
    np.testing.assert_array_equal(named_axis(codes, 4, "2"), [0, 0, 1, 0])
    with pytest.raises(LabError, match="no principal ones"):
        named_axis(codes, 4, "pc1")
    assert in_spreads(attribute_directions(codes.mu, codes.attributes), codes.mu).shape == (len(FACTORS), 4)


def test_the_command_line_has_directions_and_axes(lab, capsys, tmp_path):
    _, gan, _ = lab
    code, found = call(capsys, "directions", gan.id)
    assert code == 0 and set(found["directions"]) <= {a.name for a in FACTORS} and found["directions"]
    assert main(["traverse", gan.id, "--seed", "1", "--axis", next(iter(found["directions"])), "--out", str(tmp_path / "a.png")]) == 0
    assert main(["traverse", gan.id, "--seed", "1", "--axis", "pc1", "--out", str(tmp_path / "b.png")]) == 2
    assert main(["traverse", gan.id, "--seed", "1", "--axis", "nose", "--out", str(tmp_path / "b.png")]) == 2
    capsys.readouterr()


def test_digits_are_read_by_their_classifier_and_without_one_it_is_said(lab, capsys, tmp_path):
    run = tiny_run("gan")
    codes = CodesCache().get(run.id)
    assert codes.info == () and "nobody reads attributes" in codes.why_unknown and codes.attributes.shape == (120, 0)
    assert main(["traverse", run.id, "--seed", "1", "--axis", "digit: 3", "--out", str(tmp_path / "a.png")]) == 2
    assert "nobody reads" in capsys.readouterr().err
    config = ClassifierConfig(dataset="digits", classes=tuple("0123456789"), width=4)
    net = Classifier(config, ClassifierNet(4, 10))
    save_classifier(net, classifier_dir("digits"))
    try:
        codes = CodesCache().get(run.id)
        assert [a.name for a in codes.info] == ["digit"] and codes.info[0].choices == tuple("0123456789")
        assert set(np.unique(codes.attributes)) <= set(range(10)) and codes.judged.identity is None
    finally:
        shutil.rmtree(classifier_dir("digits"))


def test_nobody_reads_grey_faces_and_a_missing_judge_is_said(lab):
    folder, gan, _ = lab
    from genlab.judge.reader import reader_of

    with pytest.raises(DataError, match="from colour"):
        reader_of(gan.plan.data.model_copy(update={"channels": 1}))
    (folder / "checkpoints" / "judge").rename(folder / "away")
    try:
        with pytest.raises(RunError, match="judge train"):
            reader_of(gan.plan.data)
        assert "judge train" in CodesCache().get(gan.id).why_unknown
    finally:
        (folder / "away").rename(folder / "checkpoints" / "judge")


def test_a_map_of_draws_knows_what_each_shows(lab):
    _, gan, vae = lab
    found = read_map(gan.id, fit_map(gan.id, map_step(gan), MapPlan(method="pca", n=30).model_dump()))
    attributes, info = known_of(found)
    np.testing.assert_array_equal(attributes, read_latents(MODELS.get(gan.id, exact=True), found.z).attributes)
    assert info == FACTORS and attributes.shape == (30, len(FACTORS))
    data = pack(found)
    header = json.loads(data[4 : 4 + int(np.frombuffer(data, "<u4", 1)[0])])
    assert (header["images"], header["known"], header["encodes"]) == (0, 30, False)
    found = read_map(vae.id, fit_map(vae.id, map_step(vae), MapPlan(method="pca", n=20, prior=5).model_dump()))
    assert len(known_of(found)[0]) == 20


@pytest.mark.usefixtures("nobody_trains")
def test_the_sliders_move_its_attributes(lab):
    _, gan, _ = lab
    app = AppTest.from_file(str(ROOT / "pages" / "main.py"), default_timeout=60).run()
    app.switch_page("explore/sliders.py")
    app.query_params["run"], app.query_params["axes"], app.query_params["lock"] = gan.id, "attributes", "hat"
    app.run()
    assert not app.exception and not app.error
    axes = next(json.loads(c.proto.json) for c in app.get("bidi_component") if c.proto.component_name.endswith("genlab_scrubber"))["axes"]
    assert len(axes) > 2 and "hat" not in [axis["name"] for axis in axes]
