"""The recipe menu: every plan can be carried out with what is on any machine, and finds a run that shows what it gives."""

import pytest
from tiny_runs import use_folders

from genlab.data import find_dataset
from genlab.recipes import RECIPES, closest_run
from genlab.runs import create_run
from genlab.training import resolve_plan


@pytest.fixture(autouse=True)
def places(tmp_path, monkeypatch):
    use_folders(monkeypatch, tmp_path)


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda r: r.key)
def test_a_recipe_can_be_started_anywhere(recipe):
    plan = resolve_plan(recipe.plan)
    assert find_dataset(plan.data.name).is_local()
    assert recipe.about.endswith(".") and len(recipe.about) < 90 and len(recipe.title) < 40


def test_recipes_are_told_apart():
    for names in ([r.key for r in RECIPES], [r.title for r in RECIPES]):
        assert len(set(names)) == len(names)


def test_the_report_is_the_report():
    """Xu and Weng: 3 -> 64 -> 128 -> 256, latent 50, Adam 1e-3, batch 128, squared error + KL, 64 pixels."""
    plan = resolve_plan(next(r for r in RECIPES if r.key == "report").plan)
    settings = plan.settings
    assert (settings["width"], settings["latent_dim"], settings["size"], settings["channels"]) == (64, 50, 64, 3)
    assert (plan.lr, plan.batch_size, settings["beta"], round(settings["sigma"] ** 2, 6)) == (1e-3, 128, 1, 0.5)


def test_a_recipe_finds_the_run_that_shows_its_outcome():
    vae, plain = RECIPES[0], RECIPES[1]
    runs = [create_run(r.plan.model_copy(update={"epochs": 3})) for r in (plain, vae)]
    assert closest_run(vae, runs) == runs[1]
    assert closest_run(plain, runs) == runs[0]
    assert closest_run(RECIPES[2], runs) is None
