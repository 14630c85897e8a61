"""The judge: what it promises, on one trained here for a few steps and on the shipped one."""

import json

import numpy as np
import pytest
import torch
from tiny_runs import use_folders

from genlab.cli import main, parser
from genlab.data.faces import FACTORS, IDENTITY, render, sample_factors
from genlab.errors import DataError, RunError
from genlab.judge.calibration import calibrate, calibration_error, fit_temperature
from genlab.judge.degrade import Degrade, LowRank, apply, blur, blurring, resampling, shifting
from genlab.judge.faces import Faces, Pool
from genlab.judge.judge import Judge, fitted, judge_dir, load_judge, save_judge
from genlab.judge.loss import JudgeLoss
from genlab.judge.plan import EVALUATION, JudgePlan
from genlab.judge.readings import Readings, identity_distance
from genlab.judge.training import JudgeTrainer, resume
from genlab.paths import ROOT
from genlab.runs import list_runs

TINY = JudgePlan(steps=30, batch_size=32, pool=128, fresh=4, widths=(8, 8, 8, 8), features=8, lr=1e-2, ema=0.8)


@pytest.fixture(scope="module")
def trainer() -> JudgeTrainer:
    trainer = JudgeTrainer(TINY)
    trainer.losses = [trainer.take_step()[0] for _ in range(TINY.steps)]
    return trainer


@pytest.fixture(scope="module")
def judge(trainer: JudgeTrainer, tmp_path_factory: pytest.TempPathFactory) -> Judge:
    """A tiny judge, written and read again."""
    folder = tmp_path_factory.mktemp("judge")
    save_judge(trainer.judge("python -m genlab judge train"), folder)
    return load_judge(folder=folder)


@pytest.fixture(scope="module")
def pictures() -> np.ndarray:
    return render(sample_factors(48, 5))


def truths(faces: Faces) -> torch.Tensor:
    """All that is true of clean faces, in the order of the heads."""
    return torch.cat([faces.attributes, torch.zeros(len(faces.x), 1), faces.identity], dim=1)


# -- the contract ---------------------------------------------------------------------------------------------------


def test_readings_have_every_attribute_in_its_units(judge, pictures):
    read = judge.read(pictures)
    assert len(read) == 48 and read.info == FACTORS and read.attributes.shape == (48, len(FACTORS)) and read.attributes.dtype == np.float32
    for attribute in FACTORS:
        value = read[attribute.name]
        assert value.min() >= attribute.low and value.max() <= attribute.high
        if attribute.kind == "continuous":
            assert (read.spread(attribute.name) > 0).all()
        else:
            chance = read.chance(attribute.name)
            assert (value == value.round()).all() and chance.min() >= 0 and chance.max() <= 1
    assert ((read.chance("hat") >= 0.5) == (read["hat"] == 1)).all()
    assert read.identity.shape == read.identity_spread.shape == (48, len(IDENTITY)) and np.abs(read.identity).max() <= 1
    assert read.damage.shape == (48,) and read.damage.min() >= 0


def test_a_few_steps_already_learn(trainer):
    assert np.mean(trainer.losses[-10:]) < 0.85 * np.mean(trainer.losses[:10])


def test_each_picture_is_read_alone(judge, pictures):
    whole, part = judge.read(pictures), judge.read(pictures[7:9])
    np.testing.assert_allclose(part.attributes, whole.take(slice(7, 9)).attributes, atol=1e-3)
    np.testing.assert_allclose(judge.features(pictures[7:9]), judge.features(pictures)[7:9], atol=1e-4)
    assert judge.features(pictures).shape == (48, 8) and judge.features_dim == 8


def test_features_are_standardised_over_the_faces_of_the_calibration(trainer):
    judge, faces = trainer.judge(""), Faces(3, 0, 512)
    calibrate(judge.net, judge.heads, fitted(faces.x.numpy()), truths(faces))
    features = judge.features(faces.x.numpy())
    np.testing.assert_allclose(features.mean(0), 0, atol=1e-4)
    np.testing.assert_allclose(features.std(0), 1, atol=5e-3)


@pytest.mark.parametrize("size", [16, 32, 100, 128])
def test_other_sizes_are_resized(judge, pictures, size):
    small = render(sample_factors(4, 5), size)
    assert fitted(small).shape == (4, 3, 64, 64)
    assert np.abs(fitted(small).numpy() - pictures[:4] / 255).mean() < (0.06 if size < 64 else 0.02)
    assert len(judge.read(small)) == 4


@pytest.mark.parametrize("bad", [
    np.zeros((2, 3, 64, 64), np.float32), np.zeros((2, 1, 64, 64), np.uint8), np.zeros((3, 64, 64), np.uint8), np.zeros((2, 3, 64, 48), np.uint8),
    np.zeros((0, 3, 64, 64), np.uint8), np.zeros((1, 3, 4, 4), np.uint8), [[1]], torch.zeros(1, 3, 64, 64, dtype=torch.uint8),
], ids=["float", "grey", "one", "oblong", "none", "minute", "list", "tensor"])
def test_what_is_no_picture_is_refused(judge, bad):
    for ask in (judge.read, judge.features):
        with pytest.raises(DataError, match="judge: pictures"):
            ask(bad)


def test_asking_for_what_is_not_there(judge, pictures):
    read = judge.read(pictures[:2])
    with pytest.raises(DataError, match="'glases' is not an attribute; there are man, glasses"):
        read["glases"]
    with pytest.raises(DataError, match="continuous"):
        read.chance("smile")
    with pytest.raises(DataError, match="binary"):
        read.spread("hat")
    with pytest.raises(DataError, match="'digits'"):
        load_judge("digits")


def test_a_judge_that_is_missing_or_damaged_says_so(trainer, tmp_path):
    with pytest.raises(RunError, match="judge train"):
        load_judge(folder=tmp_path)
    save_judge(trainer.judge(""), tmp_path)
    config = json.loads((tmp_path / "config.json").read_text())
    for change, said in [({"features": 4}, "do not fit"), ({"identity": ["nose"]}, "another table"), ({"judge": "x"}, "damaged")]:
        (tmp_path / "config.json").write_text(json.dumps({**config, **change}))
        (tmp_path / "judge.safetensors").touch()
        with pytest.raises(RunError, match=said):
            load_judge(folder=tmp_path)
    (tmp_path / "judge.safetensors").write_bytes(b"no")
    with pytest.raises(RunError):
        load_judge(folder=tmp_path)


def readings(identity: np.ndarray, spread: float) -> Readings:
    n = len(identity)
    nothing = np.zeros((n, 0), np.float32)
    return Readings((), nothing, nothing, nothing, identity, np.full_like(identity, spread), np.zeros(n, np.float32))


def test_identity_distance_is_0_for_one_person_and_about_1_for_strangers():
    rng = np.random.default_rng(0)
    a, b = (readings(rng.uniform(-1, 1, (4000, 32)).astype(np.float32), 0.01) for _ in range(2))
    assert identity_distance(a, a).max() == 0
    assert np.square(identity_distance(a, b)).mean() == pytest.approx(1, abs=0.02)
    one = readings(np.zeros((1, 2), np.float32), 0.01), readings(np.array([[0.6, 0.0]], np.float32), 0.01)
    assert identity_distance(*one)[0] == pytest.approx(0.6 / np.sqrt(2 * 2 / 3), rel=1e-4)
    with pytest.raises(DataError, match="pairs"):
        identity_distance(a, one[0])


def test_a_trait_that_cannot_be_seen_does_not_tell_people_apart():
    a, b = readings(np.zeros((1, 2), np.float32), 0.01), readings(np.array([[0.0, 1.0]], np.float32), 0.01)
    b.identity_spread[:, 1] = 0.6
    assert identity_distance(a, b)[0] < 0.01


# -- training -------------------------------------------------------------------------------------------------------


def test_training_resumes_bit_for_bit(trainer, tmp_path):
    first = resume(TINY, tmp_path)
    rows = list(first.run(tmp_path, seconds=0.0))
    assert rows == [] and (tmp_path / "state.safetensors").exists()
    for _ in range(11):
        first.take_step()
    list(first.run(tmp_path, seconds=0.0))
    again = resume(TINY, tmp_path)
    assert again.step == 11
    rows = list(again.run(tmp_path))
    assert again.done and rows[-1]["step"] == TINY.steps and rows[-1]["parts"].keys() >= {"hat", "smile", "nose_length", "damage"}
    for name, value in trainer.ema.state_dict().items():
        assert torch.equal(value, again.ema.state_dict()[name]), name
    with pytest.raises(RunError, match="another plan"):
        resume(TINY.model_copy(update={"lr": 0.5}), tmp_path)


def test_the_pool_follows_from_the_step():
    rolled, fresh = Pool(9, 64, 0), Pool(9, 64, 24)
    rolled.add(64, 24)
    for name in ("x", "twin", "attributes", "identity", "twin_identity"):
        assert torch.equal(getattr(rolled, name), getattr(fresh, name)), name
    np.testing.assert_array_equal(rolled.attributes, sample_factors(128, 9).attributes[np.r_[64:88, 24:64]])


def test_the_loss_of_knowing_nothing_is_one_for_each_binary_and_category(trainer):
    loss = JudgeLoss(trainer.heads, {})
    truth = truths(Faces(1, 0, 64))
    outputs = torch.zeros(64, trainer.heads[-1].columns.stop)
    parts = dict(zip([h.attribute.name for h in trainer.heads], loss(outputs, truth)[1].tolist(), strict=True))
    assert parts["hat"] == pytest.approx(1) and parts["hair_style"] == pytest.approx(1) and parts["background"] == pytest.approx(1)
    half = (truth[:, 6] + 0.5) / 1.5 * 2 - 1   # the smile, from -1 to 1: at log variance 0 its loss is its square and a constant
    assert parts["smile"] == pytest.approx(float(half.square().mean()) + 4, rel=1e-5)


# -- degradations ---------------------------------------------------------------------------------------------------


def test_degraded_pictures_stay_in_range_and_damage_is_what_was_lost(pictures):
    x = torch.from_numpy(pictures).float() / 255
    degrade = Degrade(LowRank.fit(x, 16))
    twin = x.flip(0)
    worse, damage, share = degrade(x, twin, torch.Generator().manual_seed(0))
    assert worse.shape == x.shape and worse.min() >= 0 and worse.max() <= 1 and worse.isfinite().all()
    clean = (worse == x).flatten(1).all(1)
    assert 0.15 < clean.float().mean() < 0.7
    assert damage[clean].max() < 1e-6 and damage.max() > 0.01
    assert share[clean].max() == 0 and 0 < share.max() <= 0.5
    again = degrade(x, twin, torch.Generator().manual_seed(0))[0]
    assert torch.equal(worse, again)


def test_averages_leave_flat_pictures_flat():
    flat = torch.full((2, 3, 64, 64), 0.3)
    for matrix in (blurring(torch.tensor([0.0, 2.0]), 64), resampling(20, 64)[None], shifting(torch.tensor([-1.5, 2.0]), 64)):
        assert torch.allclose(apply(matrix, flat, matrix), flat, atol=1e-5)
        assert matrix.min() >= 0


def test_blur_has_the_spread_it_says_and_a_shift_moves():
    point = torch.zeros(1, 1, 64, 64)
    point[..., 32, 32] = 1
    assert torch.equal(blur(point, 0.0), point)
    around = torch.arange(64.0) - 32
    assert (blur(point, 1.5).sum(2)[0, 0] * around.square()).sum() == pytest.approx(1.5**2, rel=1e-2)
    moved = apply(shifting(torch.tensor([2.0]), 64), point, shifting(torch.tensor([-1.0]), 64))
    assert moved[0, 0, 34, 31] == 1 and moved.sum() == 1


def test_low_rank_keeps_what_lies_in_it(pictures):
    x = torch.from_numpy(pictures).float() / 255
    low = LowRank.fit(x, 40)
    assert torch.allclose(low.basis.T @ low.basis, torch.eye(40), atol=1e-4)
    errors = [float((low.project(x, k) - x).square().mean()) for k in (2, 10, 40)]
    assert errors[0] > errors[1] > errors[2]
    flat = (x - x.mean(0)).flatten(1).double()
    best = torch.linalg.svdvals(flat)[10:].square().sum() / flat.numel()   # Eckart and Young 1936
    assert errors[1] < float(best) * 1.01


# -- calibration ----------------------------------------------------------------------------------------------------


def test_calibration_error_against_its_closed_form():
    right = np.array([1.0] * 6 + [0.0] * 4)
    assert calibration_error(np.full(10, 0.8), right) == pytest.approx(0.2)
    assert calibration_error(np.full(10, 0.6), right) == pytest.approx(0)
    two = calibration_error(np.r_[np.full(10, 0.8), np.full(30, 1.0)], np.r_[right, np.ones(30)])
    assert two == pytest.approx(0.25 * 0.2)
    with pytest.raises(DataError):
        calibration_error(np.ones(3), np.ones(2))


@pytest.mark.parametrize("temperature", [0.5, 3.0])
def test_the_temperature_that_was_put_in_comes_out(temperature):
    g = torch.Generator().manual_seed(0)
    logits = 2 * torch.randn(20000, generator=g)
    truth = (torch.rand(20000, generator=g) < torch.sigmoid(logits)).float()
    assert fit_temperature(temperature * logits, truth) == pytest.approx(temperature, rel=0.05)
    logits = 2 * torch.randn(20000, 4, generator=g)
    truth = torch.multinomial(logits.softmax(1), 1, generator=g)[:, 0].float()
    assert fit_temperature(temperature * logits, truth) == pytest.approx(temperature, rel=0.05)


def test_spreads_are_widened_until_they_fit(trainer):
    judge, faces = trainer.judge(""), Faces(11, 0, 256)
    x, truth = fitted(faces.x.numpy()), truths(faces)
    calibrate(judge.net, judge.heads, x, truth)
    outputs = judge.net.calibrated(judge.net(x)[1]).detach()
    k = [a.name for a in FACTORS].index("yaw")
    raw = outputs[:, judge.heads[k].columns]
    z = (judge.heads[k].scale(truth[:, k]) - raw[:, 0]) / (0.5 * raw[:, 1]).exp()
    assert float(z.square().mean()) == pytest.approx(1, rel=1e-3)




# -- on disk and on the command line --------------------------------------------------------------------------------


def test_train_and_evaluate_from_the_command_line(tmp_path, monkeypatch, capsys):
    use_folders(monkeypatch, tmp_path)
    words = ["judge", "train", "--steps", "3", "--batch-size", "8", "--pool", "64", "--features", "8", "--json"]
    assert main([*words, "--seconds", "0"]) == 0
    assert json.loads(capsys.readouterr().out)["done"] is False and not judge_dir().exists()
    assert main(words) == 0
    made = json.loads(capsys.readouterr().out)
    assert made["done"] and made["step"] == 3 and list_runs() == []
    assert main(["judge", "evaluate", "--n", "100", "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert set(result["conditions"]) == {"clean", "blurred", "linear"} and result["n"] == 100 and "smile" in str(result["below"])
    card = (tmp_path / "checkpoints/judge/MODEL_CARD.md").read_text()
    assert f"100 faces of seed {JudgePlan().seed + EVALUATION}" in card and "hair_style" in card and "judge train --steps 3" in card
    assert main(["judge", "evaluate", "--n", "5"]) == 2
    assert main(["judge", "train", "--steps", "0"]) == 2


# -- the shipped judge ----------------------------------------------------------------------------------------------

SHIPPED = ROOT / "checkpoints/judge"
shipped = pytest.mark.skipif(not (SHIPPED / "judge.safetensors").exists(), reason="no judge is shipped")


@shipped
def test_the_shipped_judge_reads_faces_that_it_has_never_seen():
    judge = load_judge(folder=SHIPPED)
    assert (SHIPPED / "judge.safetensors").stat().st_size < 2e6
    factors = sample_factors(500, 31)
    read = judge.read(render(factors))
    for attribute in FACTORS:
        truth, value = factors[attribute.name], read[attribute.name]
        if attribute.kind == "continuous":
            assert 1 - np.square(value - truth).mean() / truth.var() > 0.9, attribute.name
        else:
            assert (value == truth).mean() > (0.97 if attribute.kind == "binary" else 0.85), attribute.name


@shipped
def test_the_shipped_card_names_commands_that_exist():
    card = (SHIPPED / "MODEL_CARD.md").read_text()
    commands = [line.strip().split()[3:] for line in card.splitlines() if line.startswith("    python -m genlab ")]
    assert len(commands) == 2
    for words in commands:
        parser().parse_args(words)
    figures = json.loads((SHIPPED / "metrics.json").read_text())
    assert figures["n"] >= 1000 and figures["command"].split()[3:] == commands[1]
