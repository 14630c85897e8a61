"""How a game goes, in words: each way to fail is named with its figures, and a remedy that the run takes."""

import pytest
from tiny_runs import use_folders

from genlab.data import DataSpec
from genlab.diagnose.health import findings
from genlab.models import find_model
from genlab.models.adversarial import AdversarialConfig
from genlab.runs import create_run, execute
from genlab.training import Pace, TrainPlan
from genlab.ui.train.controls import live_values

LIVE = {"lr": 2e-4, "lr_schedule": "constant", "loss": "non-saturating", "k": 1, "r1": 0.0, "translate": 0.0, "cutout": 0.0}
SOUND = {"train/loss_D": 1.2, "train/loss_G": 0.8, "train/acc_real": 0.8, "train/acc_fake": 0.75, "train/grad_G": 2.0, "train/grad_D": 1.0,
         "train/score_real": 1.0, "train/score_fake": -1.0}


def rows(n=40, **changes):
    """n rows of a sound game; changes are constants, or functions of how far it is in [0, 1]."""
    changes = {f"train/{name}": value for name, value in changes.items()}
    return [{"step": i, "epoch": i / 4, **{name: value(i / n) if callable(value := changes.get(name, sound)) else value
                                           for name, sound in SOUND.items()}} for i in range(n)]


def looks(kids, coverage=(0.5,), high=0.05):
    coverage = [*coverage, *[coverage[-1]] * (len(kids) - len(coverage))]
    return [{"step": 10 * i, "epoch": float(i), "eval/kid": kid, "eval/kid_high": kid + high, "eval/coverage": c}
            for i, (kid, c) in enumerate(zip(kids, coverage, strict=True))]


def held_out(acc):
    return [{"step": 10 * i, "epoch": float(i), "test/acc_real": acc} for i in range(4)]


def kinds(found):
    return [f.kind for f in found]


def test_a_sound_game_is_called_one_with_its_figures():
    found, = findings(rows() + looks([0.5, 0.2, 0.3], high=0.2), LIVE)
    assert found.kind == "well" and found.is_well and "80 % of real" in found.sentence and "75 % of made" in found.sentence
    assert "best at epoch 1: KID 0.2." in found.sentence and [r.lr_schedule for r in found.remedies] == ["cosine"]
    assert not findings(rows(), LIVE | {"lr_schedule": "cosine"})[0].remedies   # its rate falls already


def test_a_d_that_is_always_right_may_still_teach():
    sure = {"acc_real": 0.99, "acc_fake": 1.0}
    found, = findings(rows(**sure) + looks([0.3, 0.1, 0.12]), LIVE)
    assert found.is_well and "made accuracy 1.00), yet G's gradient has not faded" in found.sentence and "0.1." in found.sentence
    assert kinds(findings(rows(**sure) + looks([0.3, 0.1, 0.2]), LIVE)) == ["d_wins", "rotten"]   # samples became worse
    assert kinds(findings(rows(**sure, grad_G=lambda t: 2 - 1.9 * t) + looks([0.3, 0.1, 0.12]), LIVE)) == ["d_wins"]
    assert kinds(findings(rows(**sure), LIVE)) == ["d_wins"]   # nobody has looked at the samples


def test_what_has_yet_to_learn_has_not_collapsed():
    young = rows() + looks([4.0, 2.0, 1.0], [0.0, 0.02, 0.05])
    found, = findings(young, LIVE)
    assert found.kind == "well" and "KID 1, and it still falls" in found.sentence
    assert kinds(findings(young + looks([1.0, 1.2], [0.04]), LIVE)) == ["collapsed", "rotten"]


def test_what_is_best_is_what_was_chosen_and_its_kid_the_other_one():
    """By the KID that steps are chosen by epoch 2 is best; the KID on other images is lower at epoch 1, by luck."""
    chosen = [row | {"eval/kid_choice": kid} for row, kid in zip(looks([0.5, 0.2, 0.25, 0.26]), [0.5, 0.3, 0.2, 0.3], strict=True)]
    found, = findings(rows() + chosen, LIVE)
    assert found.kind == "well" and "best at epoch 2: KID 0.25." in found.sentence
    worse = chosen + [looks([0.4])[0] | {"step": 99, "epoch": 9.0, "eval/kid_choice": 0.4}]
    assert "KID 0.4, after 0.25 at epoch 2" in findings(rows() + worse, LIVE)[0].sentence


def test_a_few_rows_say_nothing_yet():
    assert kinds(findings(rows(3), LIVE)) == ["early"] and kinds(findings([], LIVE)) == ["early"]


@pytest.mark.parametrize("rows_, live, kind, words, remedy", [
    (rows(acc_real=0.99, acc_fake=1.0, grad_G=0.03), {}, "d_wins", "real accuracy 0.99", {"r1": 1.0}),
    (rows(acc_real=0.99, acc_fake=1.0), {"r1": 2.0}, "d_wins", "Try R1.", {"r1": 8.0}),
    (rows(acc_real=0.99, acc_fake=1.0), {"loss": "minimax"}, "d_wins", "R1 or non-saturating", {"loss": "non-saturating"}),
    (rows(grad_G=lambda t: 2.0 if t < 0.3 else 0.01), {"loss": "minimax"}, "faded", "from 2 to 0.01", {"loss": "non-saturating"}),
    (rows(acc_real=0.95) + held_out(0.4), {}, "by_heart", "95 % of them for real and 40 % of held-out", {"translate": 0.125}),
    (rows(acc_real=0.52, acc_fake=0.55), {}, "d_guesses", "real accuracy 0.52", {"k": 2}),
    (rows(grad_D=lambda t: 1.0 if t < 0.88 else 50.0), {}, "jumps", "50 times its median", {"lr": 1e-4}),
    (rows() + looks([0.5, 0.2, 0.1, 0.4]), {}, "rotten", "KID 0.4, after 0.1 at epoch 2", {"lr": 1e-4}),
    (rows() + looks([0.5, 0.4, 0.6], [0.3, 0.4, 0.02], high=1), {}, "collapsed", "2 % of the held-out images have one close by, after 40 %",
     {"r1": 1.0}),
    (rows(loss_D=float("nan")), {}, "broken", "no longer a number", {"lr": 1e-4}),
])
def test_each_way_to_fail_is_named_and_has_a_remedy(rows_, live, kind, words, remedy):
    found = {f.kind: f for f in findings(rows_, LIVE | live)}
    assert kind in found and words in found[kind].sentence and not found[kind].is_well
    assert remedy in [r.settings for r in found[kind].remedies]


FAILING = {"collapsed": rows() + looks([0.5, 0.4, 0.6], [0.3, 0.4, 0.02], high=1), "d_wins": rows(acc_real=0.99, acc_fake=1.0),
           "by_heart": rows(acc_real=0.95) + held_out(0.4), "jumps": rows(grad_D=lambda t: 1.0 if t < 0.88 else 50.0),
           "broken": rows(loss_D=float("nan")), "faded": rows(grad_G=lambda t: 2.0 if t < 0.3 else 0.01)}


@pytest.mark.parametrize("kind", FAILING)
@pytest.mark.parametrize("loss", ["non-saturating", "minimax"])
def test_r1_is_no_cure_for_a_d_with_batch_norm(kind, loss):
    of = {norm: findings(FAILING[kind], LIVE | {"loss": loss, "norm_D": norm}) for norm in ("batch", "none")}
    offered = {norm: [name for f in found for r in f.remedies for name in r.settings] for norm, found in of.items()}
    assert "r1" not in offered["batch"] and not any("Try R1" in f.sentence for f in of["batch"])
    if kind != "faded" or loss == "minimax":
        assert "r1" in offered["none"] and kind in kinds(of["batch"]) and offered["batch"]


@pytest.mark.parametrize(("grads", "words"), [
    ({"grad_D": lambda t: 0.0 if t < 0.6 else 1.0}, None), ({"grad_D": 0.0}, None), ({"grad_D": lambda t: 0.0 if t < 0.6 else 1.0 if t < 0.9 else 20},
                                                                                   "20 times its median"),
    ({"grad_G": 0.0}, None), ({"grad_G": lambda t: 0.0 if t < 0.5 else 2.0}, None), ({"grad_G": lambda t: 2.0 if t < 0.5 else 0.0}, "from 2 to 0:")])
@pytest.mark.parametrize("loss", ["minimax", "non-saturating", "wgan"])
def test_a_gradient_of_0_divides_nothing(grads, words, loss):
    """A D that is sure of everything has none, and G has none then under minimax."""
    for others in ({}, {"acc_real": 1.0, "acc_fake": 1.0}):
        found = findings(rows(n=60, **grads, **others) + looks([0.5, 0.2, 0.3]), LIVE | {"loss": loss})
        said = " ".join(f.sentence for f in found)
        assert found and "nan" not in said and "inf" not in said
        if words and ("grad_D" in grads or loss == "minimax"):
            assert words in said


@pytest.mark.parametrize("loss", ["wgan", "wgan-gp"])
def test_a_sure_critic_is_no_failure_under_wasserstein(loss):
    found, = findings(rows(acc_real=1.0, acc_fake=1.0), LIVE | {"loss": loss})
    assert found.kind == "well" and "2 higher than made ones" in found.sentence


def test_every_remedy_can_be_sent_to_a_run():
    live = {"lr", *AdversarialConfig.live_fields()}
    broken = rows(acc_real=0.99, acc_fake=1.0, loss_G=float("inf")) + held_out(0.2) + looks([1.0, 2.0, 3.0], [0.0])
    remedies = [r for f in findings(broken, LIVE | {"loss": "minimax"}) for r in f.remedies]
    assert len(remedies) > 5 and {name for r in remedies for name in r.settings} <= live and all(r.about for r in remedies)


def test_a_real_run_is_read(tmp_path, monkeypatch):
    use_folders(monkeypatch, tmp_path)
    run = create_run(TrainPlan(model="dcgan", data=DataSpec(name="digits", n=64, size=16), settings={"latent_dim": 3, "width": 4}, epochs=5,
                               batch_size=16, threads=1))
    execute(run, pace=Pace(preview_s=1e9, state_s=1e9))
    found = findings(run.metrics()[0], {**live_values(run), "lr_schedule": run.plan.lr_schedule})
    assert found and all(f.sentence for f in found) and find_model("dcgan").keeps_best
