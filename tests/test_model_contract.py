"""The contract, over every model in MODELS at tiny size."""

import pytest
import torch

from genlab.errors import ConfigError
from genlab.models import MODELS, build_model
from genlab.settings import build_config

TINY = {"size": 16, "channels": 1, "width": 4}
CASES = [(name, d) for name in MODELS for d in (1, 2, 7)]
ENCODERS = [name for name, Model in MODELS.items() if Model.can_encode]


def make(name, latent_dim, seed=0, **settings):
    return build_model(name, {**TINY, "latent_dim": latent_dim, **settings}, seed)


def images(n=6, size=16, channels=1, seed=0):
    return torch.rand(n, channels, size, size, generator=torch.Generator().manual_seed(seed))


def steps(model, n=3, seed=0):
    optimizers, generator = model.optimizers(1e-3), torch.Generator().manual_seed(seed)
    return [model.train_step({"x": images()}, optimizers, generator) for _ in range(n)]


@pytest.mark.parametrize(("name", "latent_dim"), CASES)
def test_shapes_and_ranges(name, latent_dim):
    model, x = make(name, latent_dim), images()
    z = model.sample(6, torch.Generator().manual_seed(0))
    assert z.shape == (6, latent_dim) and z.dtype == torch.float32
    x_hat = model.decode(z)
    assert x_hat.shape == x.shape and x_hat.dtype == torch.float32 and x_hat.min() >= 0 and x_hat.max() <= 1
    if model.can_encode:
        q = model.encode(x)
        assert q.mean.shape == q.sample(torch.Generator().manual_seed(0)).shape == (6, latent_dim) and q.mean.dtype == torch.float32


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize(("size", "channels"), [(16, 3), (32, 1), (64, 3), (128, 1)])
def test_sizes_16_to_128(name, size, channels):
    model, x = make(name, 2, size=size, channels=channels), images(2, size, channels)
    z = model.encode(x).mean if model.can_encode else model.sample(2, torch.Generator().manual_seed(0))
    assert model.decode(z).shape == x.shape


@pytest.mark.parametrize(("name", "latent_dim"), CASES)
def test_every_parameter_moves_and_metrics_keep_their_names(name, latent_dim):
    model = make(name, latent_dim)
    before = {n: p.detach().clone() for n, p in model.named_parameters()}
    rows = steps(model)
    assert [n for n, p in model.named_parameters() if torch.equal(p, before[n])] == []
    assert len({tuple(r) for r in rows}) == 1
    assert all(v.isfinite().all() for r in rows for v in r.values())


@pytest.mark.parametrize("name", MODELS)
def test_same_seed_same_bits_another_seed_others(name):
    a, b, c = make(name, 2), make(name, 2), make(name, 2, seed=1)
    for model in (a, b, c):
        steps(model)
    assert all(torch.equal(a.state_dict()[n], t) for n, t in b.state_dict().items())
    assert any(not torch.equal(a.state_dict()[n], t) for n, t in c.state_dict().items())


@pytest.mark.parametrize("name", MODELS)
def test_train_and_eval_from_outside_change_nothing(name):
    model, x, z = make(name, 2), images(), torch.randn(6, 2, generator=torch.Generator().manual_seed(0))
    steps(model)
    noise = [torch.Generator().manual_seed(1) for _ in range(2)]
    x_hat, measured, mu = model.decode(z), model.measure({"x": x}, noise[0]), model.encode(x).mean if model.can_encode else None
    model.train()
    again = model.measure({"x": x}, noise[1])
    assert torch.equal(model.decode(z), x_hat) and all(torch.equal(again[n], v) for n, v in measured.items())
    assert mu is None or torch.equal(model.encode(x).mean, mu)
    assert torch.equal(model.eval().decode(z), x_hat)


@pytest.mark.parametrize("name", ENCODERS)
def test_a_posterior_gives_its_mean_and_draws(name):
    model, x = make(name, 2), images()
    draw = [model.encode(x).sample(torch.Generator().manual_seed(s)) for s in (0, 0, 1)]
    assert torch.equal(model.encode(x).mean, model.encode(x).mean) and torch.equal(draw[0], draw[1])
    assert torch.equal(draw[0], draw[2]) is not model.is_probabilistic


@pytest.mark.parametrize("name", MODELS)
def test_building_leaves_the_global_generator_alone(name):
    torch.manual_seed(5)
    expected = torch.rand(1)
    torch.manual_seed(5)
    make(name, 2)
    assert torch.equal(torch.rand(1), expected)


def test_ae_and_vae_start_equal_where_they_share():
    ae, vae = make("autoencoder", 3).state_dict(), make("vae", 3).state_dict()
    shared = set(ae) & set(vae)
    assert len(shared) > 20 and all(torch.equal(ae[n], vae[n]) for n in shared)


def test_the_report_network_has_its_layers():
    model = build_model("vae", {})
    convs = [m for m in model.encoder.modules() if isinstance(m, torch.nn.Conv2d)]
    assert [(c.in_channels, c.out_channels, c.kernel_size, c.stride, c.padding) for c in convs] == [
        (a, b, (4, 4), (2, 2), (1, 1)) for a, b in [(3, 64), (64, 128), (128, 256)]]
    ups = [m for m in model.decoder.modules() if isinstance(m, torch.nn.ConvTranspose2d)]
    assert [(c.in_channels, c.out_channels) for c in ups] == [(256, 128), (128, 64), (64, 3)]
    assert model.to_mu.in_features == 256 * 8 * 8 and model.to_mu.out_features == 50


def test_warm_up_counts_steps_and_beta_can_change_live():
    model = make("vae", 2, warmup_steps=4, beta=2.0)
    betas = []
    for _ in range(5):
        betas.append(model.beta_now)
        steps(model, 1)
    assert betas == [0.0, 0.5, 1.0, 1.5, 2.0]
    model.set_live("beta", 0.5)
    assert model.beta_now == 0.5


def test_a_calibrated_sigma_is_that_of_the_batch():
    model = make("vae", 2, calibrated=True)
    metrics = steps(model, 1)[0]
    assert metrics["sigma"].item() == pytest.approx(metrics["mse"].sqrt().item(), rel=1e-5)


def test_elbo_has_no_beta_in_it():
    row = steps(make("vae", 3, beta=7.0), 1)[0]
    assert row["elbo"].item() == pytest.approx(-(row["recon"] + row["kl"]).item())
    assert row["loss"].item() == pytest.approx((row["recon"] + 7 * row["kl"]).item(), rel=1e-6)
    assert row["kl"].item() == pytest.approx(row["kl_dims"].sum().item())


@pytest.mark.parametrize(("settings", "words"), [
    ({"latent_dims": 3}, "no field 'latent_dims'"), ({"latent_dim": 0}, "latent_dim = 0"), ({"size": 20}, "size = 20"),
    ({"channels": 2}, "1 (grey) or 3"), ({"beta": -1}, "beta = -1"), ({"beta": float("nan")}, "beta"), ({"latent_dim": "many"}, "'many'")])
def test_bad_settings_are_named(settings, words):
    with pytest.raises(ConfigError) as error:
        build_model("vae", {**TINY, **settings})
    assert words in str(error.value)


def test_unknown_names_are_met_with_the_nearest():
    with pytest.raises(ConfigError, match="did you mean 'vae'"):
        build_model("vea", {})
    with pytest.raises(ConfigError, match="beta"):
        make("vae", 2).set_live("latent_dim", 4)


def test_help_texts_exist_for_every_setting():
    for Model in MODELS.values():
        bare = [n for n, f in Model.Config.model_fields.items() if not (f.title and f.description)]
        assert bare == [] and build_config(Model.Config, {}) is not None
