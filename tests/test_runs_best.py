"""Keep-best: what is measured while a run trains, that it changes nothing, and which weights stay."""

import json

import numpy as np
import pytest
import torch
from tiny_judge import tiny_judge
from tiny_runs import use_folders

from genlab.data import DataSpec, load_dataset
from genlab.errors import LabError
from genlab.measures.looks import REPORTING, open_look, samples
from genlab.measures.suite import measure
from genlab.models import build_model
from genlab.runs import create_run, execute, load_model
from genlab.runs.best import COST, FEWEST, SHARE, N, best_row, chosen_by, first_unseen, look_epochs
from genlab.runs.card import model_card
from genlab.runs.folder import Run
from genlab.runs.ship import Recipe, ship
from genlab.runs.weights import load_weights
from genlab.server.feed import Feed
from genlab.training import Pace, Row, TrainPlan, resolve_plan

QUIET = Pace(preview_s=1e9, state_s=1e9)
GRID = [4, 8, 12, 20, 32, 48]   # epochs 1, 2, 3, 5, 8 and 12 of four steps each


@pytest.fixture(autouse=True)
def places(tmp_path, monkeypatch):
    use_folders(monkeypatch, tmp_path)


def plan(model="dcgan", epochs=12, **changes):
    return TrainPlan(model=model, data=DataSpec(name="digits", n=64, size=16), settings={"latent_dim": 3, "width": 4}, epochs=epochs,
                     batch_size=16, threads=1, **changes)


def lowest_at(step):
    """A look whose KID is known: the distance to a step."""
    return lambda plan, held_out: (lambda model: {"kid": float(abs(int(model.steps) - step))}, f"KID is lowest at step {step}.")


def rows(run):
    return [(row["step"], row["eval/kid"]) for row in run.metrics()[0] if "eval/kid" in row]


def kinds(run):
    return [event["kind"] for event in run.events()]


# -- measuring ----------------------------------------------------------------------------------------------------


def test_samples_are_measured_as_it_trains_and_no_bit_changes():
    seen, blind = create_run(plan()), create_run(plan())
    execute(seen, open_look=open_look, pace=QUIET)
    execute(blind, pace=QUIET)
    looks = [row for row in seen.metrics()[0] if "eval/kid" in row]
    assert [row["step"] for row in looks][-1] == 48 and len(looks) >= FEWEST
    assert {"eval/kid_low", "eval/kid_high", "eval/precision", "eval/recall", "eval/coverage"} <= set(looks[0])
    assert all(row["eval/kid_low"] <= row["eval/kid"] <= row["eval/kid_high"] and 0 <= row["eval/coverage"] <= 1 for row in looks)
    mine, theirs = load_weights(seen.weights_path(48)), load_weights(blind.weights_path(48))
    assert all(torch.equal(mine[name], theirs[name]) for name in theirs)
    assert rows(blind) == [] and blind.status.best_step is None
    answer = Feed(seen).since()
    assert answer["eval"]["kid"] == [pytest.approx(row["eval/kid"], rel=1e-5) for row in looks] and "kid" not in answer["train"]


def test_the_same_seed_gives_the_same_figures():
    figures = []
    for _ in range(2):
        run = create_run(plan(epochs=2))
        execute(run, open_look=open_look, pace=QUIET)
        figures.append([{k: v for k, v in row.items() if k != "seconds"} for row in run.metrics()[0] if "eval/kid" in row])
    assert figures[0] == figures[1] != []


def test_looks_cost_their_share_at_most_and_long_runs_have_more():
    for epochs, images in ((300, 1617), (80, 4000), (40, 20_000)):
        asked = plan(epochs=epochs)
        due = look_epochs(asked, images)
        assert max(due) == epochs and len(due) * 2 * N * COST <= SHARE * epochs * images and len(due) > FEWEST
    assert len(look_epochs(plan(epochs=20), 64)) == FEWEST and look_epochs(plan(epochs=1), 64) == {1}
    assert {1, 2, 3, 5, 8, 300} <= look_epochs(plan(epochs=300), 1617)


def test_a_model_that_does_not_rot_is_not_measured():
    run = create_run(plan("vae", epochs=2))
    execute(run, open_look=open_look, pace=QUIET)
    assert rows(run) == [] and kinds(run) == ["started", "finished"]


# -- keeping ------------------------------------------------------------------------------------------------------


def test_the_best_step_is_kept_marked_and_said():
    run = create_run(plan())
    execute(run, open_look=lowest_at(24), pace=QUIET)
    assert run.snapshots() == sorted([*GRID, 24]) and run.status.best_step == 24
    assert kinds(run) == ["measuring", "started", "finished", "best"] and run.events()[-1]["step"] == 24
    assert "at step 24 (epoch 6)" in run.events()[-1]["text"] and int(load_model(run, 24).steps) == 24 and int(load_model(run).steps) == 48
    assert "Best at step 24 (epoch 6), by the lowest KID: 0 on the images that it was chosen by" in model_card(run)


def test_a_step_is_chosen_by_one_kid_and_reported_with_the_other():
    """On the images that it is chosen by step 24 is best; on the others a luckier one is lower, and does not count."""
    def both(plan, held_out):
        return lambda model: {"kid": 5.0 + abs(int(model.steps) - 36), "kid_choice": float(abs(int(model.steps) - 24))}, "Two."

    run = create_run(plan())
    execute(run, open_look=both, pace=QUIET)
    assert run.status.best_step == 24 and run.snapshots() == sorted([*GRID, 24])
    event = run.events()[-1]
    assert event["kind"] == "best" and event["values"] == {"kid": 17.0} and "17 on held-out images that it was not chosen by" in event["text"]
    assert "Best at step 24 (epoch 6), by the lowest KID: 17 on held-out" in model_card(run) and best_row(run.metrics()[0])["step"] == 24
    shipped = ship(run, Recipe("tiny", "A tiny GAN", ("train",), (1, 12)))
    assert shipped.snapshots()[-1] == 24


def test_what_is_reported_knows_nothing_of_the_images_that_are_chosen_by(tmp_path):
    """Other images in the one part change its KID alone; nor are the samples the same."""
    tiny_judge(tmp_path / "checkpoints" / "judge")
    asked = resolve_plan(TrainPlan(model="dcgan", data=DataSpec(name="faces", n=32, size=16), settings={"latent_dim": 3, "width": 4}, threads=1))
    held_out = load_dataset(asked.data)[1].x[:200]
    model = build_model("dcgan", asked.settings, 0)
    other = held_out[::-1] // 2
    plain, first, second = (open_look(asked, np.concatenate(parts))[0](model) for parts in (
        (held_out[:100], held_out[100:]), (other[:100], held_out[100:]), (held_out[:100], other[100:])))
    assert {name for name in plain if plain[name] != first[name]} == {"kid_choice"}
    assert plain["kid_choice"] == second["kid_choice"] and plain["kid"] != second["kid"]
    assert (samples(model, 0, 8) != samples(model, 0, 8, noise=REPORTING)).any()


@pytest.mark.parametrize("count", [20, 99, 180, 5000])
def test_the_two_parts_share_no_image(count):
    assert 10 <= chosen_by(count) <= min(N, count - chosen_by(count))


def test_a_run_of_before_goes_on_and_opens():
    """Its rows have one KID; the new ones have two, and the best of all is found."""
    run = create_run(plan())
    with pytest.raises(KeyboardInterrupt):
        execute(run, open_look=lowest_at(16), watch=lambda item: (_ for _ in ()).throw(KeyboardInterrupt) if item.step == 30 else None,
                pace=Pace(preview_s=1e9, state_s=0.0))
    assert run.status.best_step == 16 and first_unseen(run, 16, 2000) == N and first_unseen(run, 16, 180) == 0
    execute(run, open_look=open_look, pace=QUIET)
    looks = [row for row in run.metrics()[0] if "eval/kid" in row]
    assert 0 < sum("eval/kid_choice" in row for row in looks) < len(looks)
    assert run.status.best_step == 16 in run.snapshots() and "on the images that it was chosen by" in model_card(run)   # a KID of 0
    assert first_unseen(run, 16, 2000) == N and Feed(run).since()["eval"]["kid_choice"][0] is None


def test_measures_of_the_best_step_are_of_images_that_it_was_not_chosen_by():
    run = create_run(plan())
    execute(run, open_look=open_look, pace=QUIET)
    best = run.status.best_step
    other = next(step for step in run.snapshots() if step != best)
    of_best, of_other = measure(run, ["kid"], 200, step=best)[0], measure(run, ["kid"], 200, step=other)[0]
    assert "held-out=90 from 90 of share" in of_best.protocol and "held-out=180 of share" in of_other.protocol
    assert first_unseen(run, best, 180) == 90 and first_unseen(run, None, 180) == (90 if best == 48 else 0)


def test_an_interrupted_run_comes_to_the_same_best():
    whole, torn = create_run(plan()), create_run(plan())
    execute(whole, open_look=lowest_at(24), pace=QUIET)

    def stop_at(step):
        def watch(item):
            if isinstance(item, Row) and item.step >= step:
                raise KeyboardInterrupt
        return watch

    for step, state_s in ((18, 0.0), (31, 1e9), (42, 0.0)):   # a state after each step, or none since the last start
        with pytest.raises(KeyboardInterrupt):
            execute(torn, open_look=lowest_at(24), watch=stop_at(step), pace=Pace(preview_s=1e9, state_s=state_s))
        left = [s for s in torn.snapshots() if s not in GRID]
        assert len(left) <= 1 or state_s
    execute(torn, open_look=lowest_at(24), pace=QUIET)
    assert rows(torn) == rows(whole) and torn.snapshots() == whole.snapshots() and torn.status.best_step == 24
    for step in whole.snapshots():
        assert torn.weights_path(step).read_bytes() == whole.weights_path(step).read_bytes()


def test_a_fall_back_to_an_earlier_state_finds_the_best_of_that_time():
    """A better step after the last state must not cost the one that was best when the state was saved."""
    run = create_run(plan())
    with pytest.raises(KeyboardInterrupt):
        execute(run, open_look=lowest_at(24), watch=lambda item: (_ for _ in ()).throw(KeyboardInterrupt) if item.step == 19 else None,
                pace=Pace(preview_s=1e9, state_s=0.0))
    state, best = run.state_path.read_bytes(), run.status.best_step
    assert best == 16 and best in run.snapshots()
    with pytest.raises(KeyboardInterrupt):
        execute(run, open_look=lowest_at(24), watch=lambda item: (_ for _ in ()).throw(KeyboardInterrupt) if item.step == 30 else None, pace=QUIET)
    assert run.state_path.read_bytes() == state and {16, 24} <= set(run.snapshots())


def test_shipping_makes_the_best_the_newest_whole_snapshot():
    run = create_run(plan())
    execute(run, open_look=lowest_at(24), pace=QUIET)
    shipped = ship(run, Recipe("tiny", "A tiny GAN", ("train",), (1, 5, 8, 12)))
    assert shipped.snapshots() == [4, 20, 24] and int(load_model(shipped).steps) == 24 and hasattr(load_model(shipped), "D")
    assert not hasattr(load_model(shipped, 20), "D") and shipped.status.best_step == 24
    assert shipped.preview_path("live-samples").read_bytes() == run.preview_path("24-samples").read_bytes()
    assert shipped.preview_path("48-samples").exists() and rows(shipped) == rows(run)


# -- what cannot be measured --------------------------------------------------------------------------------------


def test_faces_without_a_judge_train_on_and_say_why():
    run = create_run(TrainPlan(model="dcgan", data=DataSpec(name="faces", n=32, size=16), settings={"latent_dim": 3, "width": 4}, epochs=1,
                               batch_size=16, threads=1))
    assert execute(run, open_look=open_look, pace=QUIET).state == "finished"
    assert run.events()[0]["kind"] == "unmeasured" and "judge" in run.events()[0]["text"] and rows(run) == []


def test_faces_are_measured_with_the_judge(tmp_path):
    tiny_judge(tmp_path / "checkpoints" / "judge")
    asked = resolve_plan(TrainPlan(model="dcgan", data=DataSpec(name="faces", n=32, size=16), settings={"latent_dim": 3, "width": 4}, threads=1))
    held_out = load_dataset(asked.data)[1].x
    look, about = open_look(asked, held_out)
    assert about == "KID of 1000 samples against 1000 held-out images in the judge's features; the best step is chosen by 1000 others."
    assert look(build_model("dcgan", asked.settings, 0))["kid"] > 0


def test_too_few_held_out_images_are_named():
    for count in (4, 19):
        with pytest.raises(LabError, match=f"{count} images are held out; at least 20"):
            open_look(resolve_plan(plan()), np.zeros((count, 1, 16, 16), np.uint8))


def test_a_look_that_fails_is_said_and_the_run_goes_on():
    def shaky(plan, held_out):
        def look(model):
            if int(model.steps) == 8:
                raise LabError("1000 of 1000 samples hold NaN or infinity")
            return {"kid": 1.0}
        return look, "KID."

    run = create_run(plan(epochs=3))
    assert execute(run, open_look=shaky, pace=QUIET).state == "finished"
    assert [step for step, _ in rows(run)] == [4, 12] and run.status.best_step == 4
    assert any("at step 8: 1000 of 1000 samples hold NaN" in event["text"] for event in run.events())


def test_broken_and_collapsed_generators_are_told_apart():
    asked = resolve_plan(plan())
    look, about = open_look(asked, load_dataset(asked.data)[1].x)
    assert "KID of 1000 samples against 90 held-out images" in about
    model = build_model("dcgan", asked.settings, 0)
    fresh = look(model)
    with torch.no_grad():
        [p.zero_() for p in model.G_ema.parameters()]
    assert (samples(model, 0) == samples(model, 0)[0]).all()
    collapsed = look(model)
    assert collapsed["coverage"] <= fresh["coverage"] + 0.05 and collapsed["recall"] == 0 and np.isfinite(collapsed["kid"])
    with torch.no_grad():
        next(model.G_ema.parameters()).fill_(float("nan"))
    with pytest.raises(LabError, match="1000 of 1000 samples hold NaN"):
        look(model)


def test_status_of_an_older_run_still_reads(tmp_path):
    run = create_run(plan(epochs=1))
    values = json.loads((run.path / "status.json").read_text())
    values.pop("best_step")
    (run.path / "status.json").write_text(json.dumps(values))
    assert Run(run.path).status.best_step is None
