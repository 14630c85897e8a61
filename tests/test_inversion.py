"""Images in the space of a model that cannot encode: found again where they came from, the same for a seed, kept by value."""

import json

import numpy as np
import pytest
import torch
from PIL import Image
from test_cli import call
from tiny_runs import tiny_run, use_folders

from genlab.cli import main
from genlab.errors import LabError
from genlab.jobs.tasks import DONE, FAILED, carry_out
from genlab.lens import inversion
from genlab.lens.inversion import InverseEncoder, encoder_of, find, fit_encoder, is_fitted, refine, train_encoder
from genlab.lens.inversion import encoder as fitting
from genlab.lens.inversion.encoder import cost, encoder_path
from genlab.lens.models import MODELS, ServedModel
from genlab.runs import load_model


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        use_folders(patch, tmp_path_factory.mktemp("inversion"))
        for name, value in {"STEPS": 60, "FEWEST": 200, "MOST": 400, "HELD_OUT": 64}.items():
            patch.setattr(fitting, name, value)
        yield tiny_run("dcgan", epochs=60, lr=5e-3), tiny_run("vae"), tiny_run("gan", size=24)


@pytest.fixture(scope="module")
def gan(lab):
    return MODELS.get(lab[0].id, exact=True)


def samples(model, n=4, seed=99):
    z = model.prior(n, seed)
    return z, model.decode(z).transpose(0, 3, 1, 2)


# -- the encoder ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("channels", "size"), [(1, 8), (3, 16), (1, 28), (3, 64)])
def test_it_takes_images_of_any_size(channels, size):
    assert InverseEncoder(channels, size, 5)(torch.rand(2, channels, size, size)).shape == (2, 5)


@pytest.mark.parametrize("number", [0, 2])
def test_it_learns_where_samples_came_from(lab, number):
    told = []
    net, share = train_encoder(MODELS.get(lab[number].id, exact=True), 0, lambda done, what: told.append(done))
    assert 0.3 < share <= 1 and told == sorted(told) and told[0] >= 0 and told[-1] <= 1
    assert not any(p.requires_grad for p in net.parameters()) and not net.training


def test_it_is_the_same_for_a_seed_and_does_not_touch_the_global_one(gan):
    state = torch.get_rng_state()
    a, b, other = (train_encoder(gan, seed)[0].state_dict() for seed in (1, 1, 2))
    assert all(torch.equal(a[name], b[name]) for name in a) and any(not torch.equal(a[name], other[name]) for name in a)
    assert torch.equal(torch.get_rng_state(), state)


def test_a_costlier_generator_gets_fewer_samples_to_learn_from(gan, monkeypatch):
    assert cost(gan) == cost(gan) > 1000
    seen = []
    monkeypatch.setattr(fitting, "SAMPLING", 300 * cost(gan))
    monkeypatch.setattr(fitting, "_samples", lambda model, z, progress: seen.append(len(z)) or samples(model, len(z), 0)[1])
    train_encoder(gan)
    assert seen == [300 + 64]


def test_it_is_kept_by_value_and_fitted_again_where_the_file_is_damaged(lab, gan, monkeypatch):
    assert not is_fitted(gan, 7)
    weights = encoder_of(gan, 7).state_dict()
    assert is_fitted(gan, 7) and encoder_path(gan, 7) != encoder_path(gan, 8) != encoder_path(MODELS.get(lab[0].id, 4, exact=True), 8)
    path = encoder_path(gan, 7)
    whole = path.read_bytes()
    path.write_bytes(whole[:100])
    assert not is_fitted(gan, 7)
    again = encoder_of(gan, 7).state_dict()
    assert path.read_bytes() == whole and all(torch.equal(weights[name], again[name]) for name in weights)
    monkeypatch.setattr(fitting, "KEPT", 2)
    for seed in (11, 12, 13):
        encoder_of(gan, seed)
    assert len(list(path.parent.glob("inverse-*"))) == 2 and is_fitted(gan, 13) and not is_fitted(gan, 7)


def test_it_is_fitted_as_a_task(lab, gan, tmp_path):
    arguments = {"run": lab[0].id, "step": gan.step, "weights": gan.digest}
    for name, values in (("right", arguments), ("wrong", arguments | {"weights": "0" * 16})):
        (tmp_path / name).mkdir()
        request = {"function": "genlab.lens.inversion:fit_encoder", "arguments": values}
        (tmp_path / name / "request.json").write_text(json.dumps(request))
    encoder_path(gan).unlink(missing_ok=True)
    done = carry_out(tmp_path / "right")
    assert done.state == DONE and done.result == encoder_path(gan).name and is_fitted(gan)
    assert carry_out(tmp_path / "wrong").state == FAILED
    with pytest.raises(LabError, match="changed meanwhile"):
        fit_encoder(lab[0].id, 5, "other", lambda *_: None)
    older = MODELS.get(lab[0].id, lab[0].snapshots()[-2], exact=True)
    assert fit_encoder(lab[0].id, older.step, older.digest, lambda *_: None) == encoder_path(older).name


# -- the search ----------------------------------------------------------------------------------------------------------


def test_a_sample_is_found_where_it_came_from(gan):
    z, x = samples(gan)
    found = [find(gan, one) for one in x]
    for one, its in zip(found, x, strict=True):
        np.testing.assert_array_equal(one.x_hat, gan.decode(one.z[None])[0].transpose(2, 0, 1))
        assert one.mse == pytest.approx(np.square((one.x_hat.astype(float) - its) / 255).mean())
        assert one.path.shape == (201,) and np.isfinite(one.path).all() and one.path.min() <= one.path[0]
        assert one.mse < 3e-3 and one.psnr == pytest.approx(-10 * np.log10(one.mse))
    scattered = np.square((x[:, None].astype(float) - x[None]) / 255).mean((2, 3, 4))[np.triu_indices(4, 1)].mean()
    assert np.mean([one.mse for one in found]) < 0.2 * scattered, "nearer to itself than samples are to each other"


def test_the_search_improves_on_the_guess(gan):
    x = np.random.default_rng(0).integers(0, 256, (1, 16, 16), np.uint8)
    found = find(gan, x)
    assert found.mse < found.path[0] and np.sqrt(np.square(found.z).mean()) < 10
    np.testing.assert_array_equal(find(gan, x).z, found.z)
    assert (find(gan, x, seed=3).z != found.z).any()


def test_a_costlier_generator_gets_fewer_steps(gan, monkeypatch):
    monkeypatch.setattr("genlab.lens.inversion.search.SEARCHING", 60 * cost(gan))
    assert len(find(gan, samples(gan, 1)[1][0]).path) == 61
    monkeypatch.setattr("genlab.lens.inversion.search.SEARCHING", 1.0)
    assert len(find(gan, samples(gan, 1)[1][0]).path) == 41


def test_a_model_with_an_encoder_uses_it(lab):
    vae = MODELS.get(lab[1].id, exact=True)
    x = samples(vae, 1)[1][0]
    found = find(vae, x)
    np.testing.assert_array_equal(found.z, vae.encode(x[None])[0])
    assert found.path.tolist() == [pytest.approx(found.mse)]


@pytest.mark.parametrize(("x", "said"), [
    (np.zeros((1, 8, 8), np.uint8), r"uint8 of shape \(1, 8, 8\)"), (np.zeros((1, 16, 16), np.float32), "float32"),
    (np.full((1, 16, 16), np.nan), "float64"), (np.zeros((16, 16), np.uint8), r"\(16, 16\)"), ([[1]], "list")])
def test_images_of_another_kind_are_refused(lab, gan, x, said):
    for model in (gan, MODELS.get(lab[1].id, exact=True)):
        with pytest.raises(LabError, match=said):
            find(model, x)


def test_damaged_weights_are_said(lab, gan):
    encoder, x = encoder_of(gan), samples(gan, 1)[1][0]
    with torch.no_grad():
        damaged, empty = load_model(lab[0]), load_model(lab[0])
        next(damaged.G_ema.parameters()).fill_(torch.inf)
        for parameter in empty.G_ema.parameters():
            parameter.zero_()
    with pytest.raises(LabError, match="not finite"):
        refine(ServedModel(damaged, lab[0].id, 0), encoder, x)
    with pytest.raises(LabError, match="the same picture"):
        train_encoder(ServedModel(empty, lab[0].id, 0))


# -- typed ---------------------------------------------------------------------------------------------------------------


@pytest.fixture
def photo(tmp_path):
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (40, 60, 3), np.uint8)).save(tmp_path / "photo.png")
    return tmp_path / "photo.png"


def test_the_command_says_where_it_is_and_writes_it(lab, capsys, photo, tmp_path):
    words = ("invert", lab[0].id, str(photo), "--out", str(tmp_path / "x.png"), "--z-out", str(tmp_path / "z.npy"))
    code, said = call(capsys, *words)
    assert code == 0 and len(said["z"]) == 3 and said["mse"] <= said["path"][0] + 1e-3 and "guess" in said["how"] and said["psnr"] > 0
    assert Image.open(tmp_path / "x.png").size == (16, 16)
    assert main(["decode", lab[0].id, "--z", str(tmp_path / "z.npy"), "--out", str(tmp_path / "again.png")]) == 0
    a, b = (np.asarray(Image.open(tmp_path / name).convert("L")).astype(int) for name in ("x.png", "again.png"))
    assert np.abs(a - b).max() <= 2
    capsys.readouterr()
    again = call(capsys, *words)[1]
    assert again["encoder_was_fitted"] and again["z"] == said["z"] and again["path"] == said["path"]
    assert "own encoder" in call(capsys, "invert", lab[1].id, str(photo))[1]["how"]
    assert main(["invert", lab[0].id, str(photo)]) == 0 and "dB" in capsys.readouterr().out


@pytest.mark.parametrize(("words", "said"), [
    (["RUN", "nothing.png"], "no such file"), (["RUN", "broken.png"], "is no picture"), (["RUN", "cut.png"], "cut short"),
    (["RUN", "small.png"], "2 x 2 pixels"), (["nobody", "photo.png"], "'nobody' is not known"),
    (["RUN", "photo.png", "--out", "x.mp4"], "can be written"),
    (["RUN", "photo.png", "--seed", "-1"], "a seed is 0 or more"), (["RUN", "."], "no such file"),
    (["RUN", "photo.png", "--z-out", "nowhere/z.npy"], "does not exist")])
def test_what_a_person_can_put_right_is_one_line(lab, capsys, photo, tmp_path, monkeypatch, words, said):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "broken.png").write_bytes(b"no picture")
    (tmp_path / "cut.png").write_bytes(photo.read_bytes()[:2000])
    Image.new("RGB", (2, 2)).save(tmp_path / "small.png")
    assert main(["invert", *(lab[0].id if word == "RUN" else word for word in words)]) == 2
    err = capsys.readouterr().err
    assert said in err and len(err.strip().splitlines()) == 1


def test_the_room_says_what_it_offers():
    assert all(hasattr(inversion, name) for name in inversion.__all__)
