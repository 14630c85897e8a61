"""Codes of a run's held-out images are those of its own encoder, measured once."""

import numpy as np
import pytest
import torch
from tiny_runs import tiny_run, use_folders

from genlab.data import load_dataset
from genlab.errors import RunError
from genlab.lens.codes import CodesCache
from genlab.lens.models import ModelCache
from genlab.runs import load_model


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        use_folders(patch, tmp_path_factory.mktemp("codes"))
        yield {"vae": tiny_run(), "autoencoder": tiny_run("autoencoder")}


@pytest.mark.parametrize("family", ["vae", "autoencoder"])
def test_codes_are_the_encoders_own(runs, family):
    run, cache = runs[family], CodesCache(ModelCache(precision="bf16"))
    codes, test_set = cache.get(run.id), load_dataset(run.plan.data)[1]
    with torch.no_grad():
        mu = load_model(run).encode(torch.from_numpy(test_set.x).float() / 255).mean.numpy()
    np.testing.assert_allclose(codes.mu, mu, atol=2e-4)
    np.testing.assert_array_equal(codes.attributes, test_set.attributes)
    assert codes.info[0].name == "digit" and (codes.logvar is None) == (family == "autoencoder")
    assert (codes.statistics.kl is None) == (family == "autoencoder") and len(codes.statistics.order) == 3
    assert cache.get(run.id) is codes and cache.get(run.id, codes.step) is codes
    assert cache.get(run.id, 4) is not codes


def test_codes_of_a_run_that_is_gone_are_not_given():
    with pytest.raises(RunError, match="not known"):
        CodesCache().get("nothing")
