"""Waypoints mean the same everywhere, and runs stand beside each other where that means something."""

import numpy as np
import pytest
from tiny_runs import tiny_run, use_folders

from genlab.data import DataSpec, load_dataset
from genlab.errors import LabError
from genlab.lens.models import MODELS
from genlab.lens.waypoints import MOST_FRAMES, Waypoint, can_follow, code, decoded, draw, image, path
from genlab.runs import create_run
from genlab.training import TrainPlan


@pytest.fixture(scope="module", autouse=True)
def places(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        use_folders(patch, tmp_path_factory.mktemp("waypoints"))
        yield


@pytest.fixture(scope="module")
def run():
    return tiny_run(epochs=1)


@pytest.fixture(scope="module")
def model(run):
    return MODELS.get(run.id, exact=True)


def planned(model="vae", size=16, latent_dim=3, **data):
    """A run that nobody has trained."""
    return create_run(TrainPlan(model=model, data=DataSpec(name="digits", n=64, size=size, **data), settings={"latent_dim": latent_dim, "width": 4}))


def test_codes_of_images_draws_and_latents(run, model):
    test = load_dataset(run.plan.data)[1]
    np.testing.assert_array_equal(code(model, image(run.plan.data, 3)), model.encode(test.x[3:4])[0])
    np.testing.assert_array_equal(code(model, draw(7)), model.prior(1, 7)[0])
    np.testing.assert_array_equal(code(model, Waypoint("z", z=np.arange(3))), [0, 1, 2])


def test_a_path_is_what_the_socket_is_sent_and_decodes_in_parts_as_in_one(run, model):
    z = path(model, [image(run.plan.data, 0), draw(1)], "slerp", 70)
    assert z.shape == (70, 3) and z.dtype == np.float32
    assert np.abs(decoded(model, z).astype(int) - model.decode(z)).max() <= 1
    np.testing.assert_array_equal(path(model, [draw(1)], "walk", 30, seed=5), path(model, [draw(1)], "walk", 30, seed=5))


def test_pictures_are_followed_by_every_run_that_encodes_such(run):
    images = [image(run.plan.data, i) for i in (0, 1)]
    assert can_follow(planned("autoencoder", latent_dim=5), run, images, "slerp")
    assert not can_follow(planned("autoencoder", size=32), run, images, "slerp")
    assert not can_follow(planned(channels=3), run, images, "slerp")


def test_draws_and_walks_are_followed_by_runs_of_the_same_length_alone(run):
    images, draws = [image(run.plan.data, 0)], [image(run.plan.data, 0), draw(1)]
    for waypoints, kind in ((draws, "slerp"), (images, "walk")):
        assert can_follow(planned("autoencoder"), run, waypoints, kind)
        assert not can_follow(planned("autoencoder", latent_dim=5), run, waypoints, kind)


def test_a_bare_latent_is_followed_by_nobody(run):
    assert not can_follow(planned("autoencoder"), run, [Waypoint("z", z=np.zeros(3)), image(run.plan.data, 0)], "slerp")


@pytest.mark.parametrize(("make", "said"), [
    (lambda run, model: path(model, [draw(1), draw(2)], "slerp", 1), "1 frames"),
    (lambda run, model: path(model, [draw(1), draw(2)], "slerp", MOST_FRAMES + 1), f"2 to {MOST_FRAMES}"),
    (lambda run, model: path(model, [], "walk", 10), "at least 1"),
    (lambda run, model: draw(-1), "seed -1"),
    (lambda run, model: image(run.plan.data, 9999), "image 9999"),
    (lambda run, model: code(model, Waypoint("z", z=np.zeros(4))), "is needed"),
    (lambda run, model: code(model, Waypoint("z", z=np.array([0, np.nan, 0]))), "NaN"),
])
def test_what_is_no_waypoint_or_path_is_said(run, model, make, said):
    with pytest.raises(LabError) as caught:
        make(run, model)
    assert said in str(caught.value)
