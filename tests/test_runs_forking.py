"""Forks: whatever a fork changes is what trains, and what could not start is refused before it is made."""

import pytest
import torch
from safetensors.torch import load_file, save_file
from streamlit.testing.v1 import AppTest
from tiny_runs import tiny_run, use_folders

from genlab.data import DataSpec
from genlab.errors import LabError, RunError
from genlab.models import MODELS, find_model
from genlab.runs import Run, delete, execute, fork, list_runs
from genlab.runs.weights import load_state
from genlab.training import Pace, TrainPlan
from genlab.ui.shell.form import choices, limits

QUIET = Pace(preview_s=1e9, state_s=1e9)
BESIDE = {"gp": {"loss": "wgan-gp"}, "clip": {"loss": "wgan"}, "r1_every": {"r1": 1.0}}   # what a setting needs to matter
NORMS = {"r1": {"norm_D": "none"}, "gp": {"norm_D": "none"}, "r1_every": {"norm_D": "none"}, "loss": {"norm_D": "none"}}
PLAN = {"model": "autoencoder", "settings": {"beta": 3.0}, "data": DataSpec(name="digits", n=64, size=16, seed=1), "epochs": 1, "max_steps": 2,
        "batch_size": 8, "lr": 1e-2, "lr_schedule": "cosine", "seed": 5, "snapshot_epochs": (4,), "precision": "bf16", "device": "cpu", "threads": 2}
NO_BITS = {"epochs", "max_steps", "snapshot_epochs", "device", "threads"}   # these change how long it trains and what is kept


@pytest.fixture(scope="module", autouse=True)
def places(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        use_folders(patch, tmp_path_factory.mktemp("forks"))
        yield


@pytest.fixture(scope="module")
def parents():
    found = {}

    def parent(model: str, settings: dict) -> Run:
        key = (model, *sorted(settings.items()))
        if key not in found:
            found[key] = tiny_run(model, settings=settings)
        return found[key]

    return parent


def another(field, value):
    """A value that the field may have and does not have."""
    if isinstance(value, bool):
        return not value
    if options := choices(field):
        return next(option for option in options if option not in (value, "auto", "wgan-gp"))
    if field.title == "Channels":
        return 4 - value   # grey or colour, with nothing between
    low, high, step = limits(field)
    if isinstance(value, int):
        return value + int(step) if value + step <= high else value - int(step)
    return next(v for v in (0.25, 0.3, value / 2) if low <= v <= high and v != value)


def trained(parent: Run, **changes) -> Run:
    child = fork(parent, changes={"epochs": 3, "threads": 1, "precision": "fp32", **changes})
    execute(child, pace=QUIET)
    return child


def bits(run: Run) -> dict:
    return load_state(run).tensors


def is_same(a: dict, b: dict) -> bool:
    return a.keys() == b.keys() and all(torch.equal(t, b[name]) for name, t in a.items())


FIELDS = [(model, name) for model in MODELS for name in find_model(model).Config.model_fields]


@pytest.mark.parametrize(("model", "name"), FIELDS)
def test_every_setting_that_a_fork_changes_is_what_trains_or_is_refused(parents, model, name):
    Config = find_model(model).Config
    settings = BESIDE.get(name, {}) | (NORMS.get(name, {}) if model == "dcgan" else {})
    parent = parents(model, settings)
    value = another(Config.model_fields[name], parent.plan.settings[name])
    before = len(list_runs())
    if name in Config.network_fields():
        with pytest.raises(RunError, match=f"{name} = .*a fork keeps its parent's network"):
            fork(parent, changes={"settings": {name: value}})
        assert len(list_runs()) == before
        return
    child, plain, again = trained(parent, settings={name: value}), trained(parent), trained(parent)
    assert child.plan.settings == {**parent.plan.settings, name: value}
    assert is_same(bits(plain), bits(again)) and not is_same(bits(plain), bits(child))


@pytest.mark.parametrize("name", TrainPlan.model_fields)
def test_every_field_of_the_plan_that_a_fork_changes_is_what_trains_or_is_refused(parents, name):
    parent, value = parents("vae", {}), PLAN[name]
    if name == "model":
        with pytest.raises(RunError, match="model = 'autoencoder'; a fork keeps its parent's network"):
            fork(parent, changes={name: value})
        return
    child, plain = trained(parent, **{name: value}), trained(parent)
    if name != "settings":
        assert getattr(child.plan, name) == value or name == "data" and child.plan.data.seed == 1
    assert child.status.step == {"epochs": 4, "max_steps": 2, "batch_size": 24}.get(name, 12)
    if name not in NO_BITS:
        assert not is_same(bits(plain), bits(child))


@pytest.mark.parametrize("calibrated", [False, True])
def test_a_fork_has_the_sigma_of_its_plan_in_its_first_row(parents, calibrated):
    parent = parents("vae", {"calibrated": calibrated})
    rows = trained(parent, settings={"calibrated": False, "sigma": 0.1}).metrics()[0]
    sigmas = [row[name] for row in rows for name in ("train/sigma", "test/sigma") if name in row]
    assert sigmas == pytest.approx([0.1] * len(sigmas)) and len(sigmas) > 3


def test_a_fork_that_calibrates_begins_with_what_it_measures(parents):
    row = trained(parents("vae", {}), settings={"calibrated": True}).metrics()[0][0]
    assert row["train/sigma"] == pytest.approx(row["train/mse"] ** 0.5, rel=1e-3)


def test_a_fork_without_changes_has_its_parents_plan_and_goes_on_from_its_weights(parents):
    parent = parents("vae", {})
    child = trained(parent)
    assert child.plan.settings == parent.plan.settings
    assert child.metrics()[0][0]["train/mse"] < parent.metrics()[0][0]["train/mse"]


@pytest.mark.parametrize(("changes", "words"), [
    ({"settings": {"latent_dim": 5}}, "latent_dim = 5; a fork keeps its parent's network, whose latent_dim is 3"),
    ({"settings": {"size": 32}}, "size = 32"),
    ({"settings": {"colour": 1}}, "has no field 'colour'"),
    ({"data": {"name": "digits", "size": 32}}, "size = 32"),
    ({"data": {"name": "digits", "size": 16, "channels": 3}}, "channels = 3"),
    ({"data": {"name": "digits", "size": 16, "n": 5000}}, "5000 images asked for; it holds 1617"),
    ({"data": {"name": "own", "size": 16, "channels": 1, "path": "/no/such/folder"}}, "neither a folder on this machine"),
    ({"epochs": 0}, "epochs = 0"),
])
def test_a_fork_that_could_not_start_is_refused_before_it_is_made(parents, changes, words):
    parent, before = parents("vae", {}), len(list_runs())
    with pytest.raises(LabError) as error:
        fork(parent, changes=changes)
    assert words in str(error.value) and len(list_runs()) == before


@pytest.mark.parametrize(("changes", "words"), [
    ({"spectral": True}, "spectral = True"), ({"norm_D": "layer"}, "norm_D = 'layer'"), ({"norm_D": "auto", "r1": 1.0}, "norm_D = 'none'"),
    ({"loss": "wgan-gp"}, "judges each image by itself"), ({"width": 8}, "width = 8")])
def test_a_game_keeps_its_networks(parents, changes, words):
    parent, before = parents("dcgan", {}), len(list_runs())
    with pytest.raises(LabError) as error:
        fork(parent, changes={"settings": changes})
    assert words in str(error.value) and len(list_runs()) == before


def test_weights_that_are_not_the_plans_are_refused_before_a_fork_is_made():
    parent = tiny_run()
    path = parent.weights_path(12)
    tensors = load_file(path)
    del tensors["to_mu.bias"]
    save_file(tensors, path)
    with pytest.raises(RunError, match="to_mu.bias is missing"):
        fork(parent)
    delete(parent)


DIALOG = """
import streamlit as st
from genlab.runs import find_run
from genlab.ui.train.rundialog import _fork
_fork(find_run(st.query_params["run"]))
"""


@pytest.mark.parametrize("model", MODELS)
def test_the_form_offers_what_a_fork_can_be_and_nothing_else(parents, model):
    parent = parents(model, {})
    app = AppTest.from_string(DIALOG, default_timeout=60)
    app.query_params["run"] = parent.id
    app.run()
    assert not app.exception
    key, Config = f"runs.fork-{parent.id}", find_model(model).Config
    shown = {str(w.key).removeprefix(f"{key}.") for kind in ("toggle", "number_input", "button_group") for w in app.get(kind)}
    assert shown & set(Config.model_fields) == set(Config.model_fields) - set(Config.network_fields())
    for name in shown & set(Config.model_fields):
        if not (options := choices(Config.model_fields[name])):
            continue
        for option in app.button_group(key=f"{key}.{name}").options:
            value = next(o for o in options if o == getattr(option, "content", option))
            assert fork(parent, changes={"settings": {name: value}}).plan.settings[name] == value
