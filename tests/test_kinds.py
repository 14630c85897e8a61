"""Models of every kind go through the contract, training, resume, fork, export and decoding, without a line of the lab that knows them."""

import io
import zipfile

import numpy as np
import pytest
import torch
from kinds import KINDS
from tiny_runs import use_folders

from genlab.data import DataSpec, load_dataset
from genlab.errors import LabError
from genlab.lens.models import ServedModel
from genlab.models import MODELS, build_model
from genlab.runs import create_run, execute, fork, load_model
from genlab.runs.transfer import export_zip, import_zip
from genlab.runs.weights import load_state
from genlab.training import Command, Pace, Preview, Row, State, TrainPlan, columns_for, resolve_plan, train

QUIET = Pace(preview_s=1e9, state_s=1e9)
DATA = DataSpec(name="faces", size=16, channels=1, n=48)


@pytest.fixture(autouse=True)
def kinds(tmp_path, monkeypatch):
    use_folders(monkeypatch, tmp_path)
    for name, Model in KINDS.items():
        monkeypatch.setitem(MODELS, name, Model)


def plan(name):
    settings = {} if name == "translating" else {"latent_dim": 4, "width": 4}
    return TrainPlan(model=name, data=DATA, settings=settings, epochs=4, batch_size=8, threads=1)


@pytest.fixture(scope="module")
def faces():
    return load_dataset(DATA)


def went(name, faces, stop=0, state=None):
    """All items of a training; stopped after the row of a step where one is given."""
    p, heard = resolve_plan(plan(name)), []
    data, held_out = (columns_for(p, images) for images in faces)
    items = []
    for item in train(p, data, held_out, commands=lambda: [heard.pop()] if heard else [], state=state, pace=QUIET):
        items.append(item)
        if isinstance(item, Row) and item.step == stop and "train/loss" in item.metrics:
            heard.append(Command("stop"))
    return items


def last_state(items):
    return [i for i in items if isinstance(i, State)][-1]


@pytest.mark.parametrize("name", KINDS)
def test_k_steps_a_resume_and_the_rest_are_the_bits_of_all_in_every_phase(name, faces):
    whole = last_state(went(name, faces))
    for k in (1, whole.step // 2 - 1, whole.step // 2, whole.step // 2 + 1):
        half = last_state(went(name, faces, stop=k))
        assert half.step == k
        again = last_state(went(name, faces, state=half))
        assert again.step == whole.step and again.tensors.keys() == whole.tensors.keys()
        assert [n for n, t in whole.tensors.items() if not torch.equal(t, again.tensors[n])] == [], k


@pytest.mark.parametrize("name", KINDS)
def test_what_it_reports_is_described_and_every_part_learns(name, faces):
    items, Model = went(name, faces), KINDS[name]
    rows = [i.metrics for i in items if isinstance(i, Row)]
    said = {n.partition("/")[2] for row in rows for n in row if "/" in n}
    assert said == set(Model.metrics) and all(m.title for m in Model.metrics.values())
    p = resolve_plan(plan(name))
    new, final = build_model(name, p.settings, p.seed).state_dict(), last_state(items).tensors
    assert [n for n in dict(build_model(name, p.settings).named_parameters()) if torch.equal(new[n], final[f"model/{n}"])] == []


def test_a_phase_learns_from_images_of_its_size_with_optimizers_of_its_own(faces, monkeypatch):
    seen = []
    step = KINDS["growing"].train_step
    monkeypatch.setattr(KINDS["growing"], "train_step", lambda self, batch, optimizers, noise: seen.append(
        (batch["x"].shape[-1], len(optimizers["model"].param_groups[0]["params"]))) or step(self, batch, optimizers, noise))
    states = [i for i in went("growing", faces) if isinstance(i, State)]
    assert seen == [(8, 8)] * 12 + [(16, 10)] * 12 and states[-1].meta["phase"] == 1


def test_two_domains_are_told_apart_by_an_attribute_and_shuffled_apart(faces):
    p = resolve_plan(plan("translating"))
    data = columns_for(p, faces[0])
    man = faces[0].attributes[:, faces[0].attribute_names.index("man")]
    assert np.array_equal(data["a"], faces[0].x[man == 0]) and np.array_equal(data["b"], faces[0].x[man == 1])
    with pytest.raises(LabError, match="domain = 'no such'"):
        columns_for(p.model_copy(update={"settings": {"domain": "no such"}}), faces[0])


@pytest.mark.parametrize("name", KINDS)
def test_previews_have_named_panels_of_whole_pictures(name, faces):
    panels = next(i for i in went(name, faces) if isinstance(i, Preview)).panels
    assert all(x.shape[1:] == (1, 16, 16) and x.dtype == np.uint8 for x in panels.values())
    expected = {"translating": ["original", "translated", "there and back"], "styles": ["made up"]}.get(name, ["original", "rebuilt", "made up"])
    assert list(panels) == expected


@pytest.mark.parametrize("name", KINDS)
def test_a_run_is_recorded_resumed_forked_exported_and_imported(name):
    run = create_run(plan(name))
    execute(run, pace=QUIET)
    assert run.status.state == "finished" and run.preview_path("live-recon").exists() is (name != "styles")
    assert run.preview_path("live-samples").exists() is (name != "translating")
    child = fork(run, changes={"epochs": 1})
    execute(child, pace=QUIET)
    assert child.status.state == "finished" and child.status.step == (2 if name == "translating" else 6)
    with zipfile.ZipFile(io.BytesIO(export_zip(run))) as archive:
        assert "MODEL_CARD.md" in archive.namelist()
    home = import_zip(export_zip(run, with_state=True))
    assert load_state(home).meta["phase"] == (1 if name == "growing" else 0)
    same = zip(load_model(run).state_dict().values(), load_model(home).state_dict().values(), strict=True)
    assert all(torch.equal(a, b) for a, b in same)


@pytest.mark.parametrize("name", KINDS)
def test_it_is_served_by_rows_of_numbers_whatever_shape_its_latents_have(name, faces):
    p = resolve_plan(plan(name))
    model = build_model(name, p.settings)
    if name == "translating":
        served = ServedModel(model, "r", 1)
        with pytest.raises(LabError, match="no latents"):
            served.prior(2, 0)
        with pytest.raises(LabError, match="no latents"):
            served.decode(np.zeros((1, 1), np.float32))
        return
    expected = model.decode(model.sample(3, torch.Generator().manual_seed(0)))
    served = ServedModel(model, "r", 1)
    z = served.prior(3, 0)
    assert z.shape == (3, served.latent_dim) and z.dtype == np.float32
    np.testing.assert_allclose(served.decode(z)[..., 0], expected[:, 0].detach().numpy() * 255, atol=0.51)
    if served.can_encode:
        mu, logvar = served.posterior(faces[1].x[:2])
        assert mu.shape == (2, served.latent_dim) and (logvar is None) is not served.is_probabilistic
    if name == "codes":
        with pytest.raises(LabError, match="0 to 7"):
            served.decode(np.full((1, 4), 8.0, np.float32))
