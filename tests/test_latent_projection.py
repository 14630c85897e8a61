"""Maps of latent space: the same for a seed, true to their neighbourhoods, and clear about what cannot be mapped."""

import numpy as np
import pytest
from sklearn.manifold import trustworthiness

from genlab.errors import LabError
from genlab.latent.fidelity import fidelity
from genlab.latent.placing import blend, place, place_linear, settle
from genlab.latent.projection import FEWEST, project, project_aligned

RNG = np.random.default_rng(0)
CENTRES = 8 * RNG.standard_normal((3, 6))
GROUP = np.repeat(np.arange(3), 40)
Z = CENTRES[GROUP] + RNG.standard_normal((120, 6))


@pytest.fixture(scope="module", params=["umap", "pca", "tsne"])
def method(request):
    return request.param


@pytest.fixture(scope="module")
def found(method):
    shares = []
    return project(Z, method, neighbours=10, seed=3, told=shares.append), shares


def test_groups_stay_together_and_apart(found):
    xy = found[0].xy
    assert xy.shape == (120, 2) and xy.dtype == np.float32
    middle = np.stack([xy[g == GROUP].mean(0) for g in range(3)])
    nearest = np.linalg.norm(xy[:, None] - middle, axis=2).argmin(1)
    assert (nearest == GROUP).all()


def test_progress_grows_to_one(found):
    shares = found[1]
    assert shares[-1] == 1 and shares == sorted(shares) and all(0 <= share <= 1 for share in shares)


def test_same_seed_same_bits(method, found):
    np.testing.assert_array_equal(project(Z, method, neighbours=10, seed=3).xy, found[0].xy)


def test_new_points_are_placed_among_their_own(found):
    new = CENTRES + 0.3 * np.random.default_rng(5).standard_normal(CENTRES.shape)
    at, xy = found[0].transform(new), found[0].xy
    middle = np.stack([xy[g == GROUP].mean(0) for g in range(3)])
    assert (np.linalg.norm(at[:, None] - middle, axis=2).argmin(1) == np.arange(3)).all()


def test_three_dimensions(method):
    assert project(Z, method, dims=3, neighbours=10).xy.shape == (120, 3)


def test_umap_tells_of_its_epochs_and_tsne_of_its_iterations():
    for method in ("umap", "tsne"):
        shares = []
        project(Z[:60], method, neighbours=8, told=shares.append)
        assert len({round(share, 2) for share in shares}) > 2, method


def test_points_that_are_the_same_lie_on_the_same_place(method):
    doubled = np.concatenate([Z[:30], Z[:30], Z[:10]])
    xy = project(doubled, method, neighbours=5).xy
    np.testing.assert_allclose(xy[:30], xy[30:60], atol=1e-6)


def test_a_pca_map_is_the_principal_plane():
    xy = project(Z, "pca").xy.astype(float)
    variances = np.linalg.eigvalsh(np.cov(Z.T, bias=True))[::-1]
    np.testing.assert_allclose(np.cov(xy.T, bias=True), np.diag(variances[:2]), atol=1e-3)


def test_one_latent_dimension_gives_a_flat_map():
    assert not project(Z[:, :1], "pca").xy[:, 1].any()


@pytest.mark.parametrize(("z", "wants"), [
    (np.where(np.arange(120)[:, None] == 7, np.nan, Z), "1 of 120 latents hold NaN or infinity, the first is number 7"),
    (Z[: FEWEST - 1], f"N at least {FEWEST}"),
    (np.repeat(Z[:3], 20, axis=0), "60 latents lie on 3 different points"),
    (Z[:12], "neighbours = 15; 12 latents allow 2 to 11"),
])
def test_latents_that_cannot_be_mapped(z, wants):
    with pytest.raises(LabError, match=wants):
        project(z, "umap")


@pytest.mark.parametrize(("settings", "wants"), [({"method": "som"}, "umap, pca, tsne"), ({"metric": "hamming"}, "cosine"), ({"dims": 4}, "2 or 3")])
def test_settings_that_are_not_there(settings, wants):
    with pytest.raises(LabError, match=wants):
        project(Z, **settings)


def test_fidelity_is_scikit_learns_trustworthiness():
    xy = np.random.default_rng(1).standard_normal((120, 2))
    assert fidelity(Z, xy, k=7).trustworthiness == pytest.approx(trustworthiness(Z, xy, n_neighbors=7), abs=1e-12)


def test_fidelity_tells_a_true_map_from_a_random_one():
    true, random = fidelity(Z, Z), fidelity(Z, RNG.standard_normal((120, 2)))
    assert true.trustworthiness == 1 and true.agreement == 1 and true.points == 120
    assert random.agreement < 0.3 and random.trustworthiness < 0.75


def test_fidelity_of_some_points_is_near_that_of_all():
    xy = project(Z, "pca").xy
    assert abs(fidelity(Z, xy, most=60).agreement - fidelity(Z, xy).agreement) < 0.1


def test_place_keeps_known_points_and_is_near_umaps_own_transform():
    found = project(Z, "umap", neighbours=10, seed=3)
    np.testing.assert_allclose(place(Z[:9], Z, found.xy), found.xy[:9], atol=1e-5)
    new = Z[::7] + 0.1
    spread = found.xy.std()
    assert np.linalg.norm(place(new, Z, found.xy, 10) - found.transform(new), axis=1).mean() < 0.5 * spread


def test_settle_is_umaps_own_transform_from_the_points_alone():
    """A fitted mapper is not kept; what it would say is found again from where its points lie."""
    new = Z[::7] + 0.1 * np.random.default_rng(5).standard_normal((18, 6))
    found = project(Z, "umap", neighbours=10, seed=3)
    settled = settle(new, Z, found.xy, neighbours=10, seed=3)
    assert settled.dtype == np.float32 and np.array_equal(settled, settle(new, Z, found.xy, neighbours=10, seed=3))
    assert np.linalg.norm(settled - found.transform(new), axis=1).mean() < 0.1 * found.xy.std()
    assert np.array_equal(settle(Z[:4], Z, found.xy, neighbours=10, seed=3), found.xy[:4])   # what the map holds lies where it lies there


def test_a_linear_map_is_known_from_its_points():
    found, new = project(Z, "pca"), Z[:5] * 3 + 1   # far outside, where nearest points would know nothing
    np.testing.assert_allclose(place_linear(new, Z, found.xy), found.transform(new), atol=1e-3)


def test_blend_is_the_point_on_a_point_and_between_its_neighbours_elsewhere():
    xy = project(Z, "pca").xy
    np.testing.assert_allclose(blend(xy[:5], xy, Z), Z[:5], atol=1e-6)
    z = blend(xy[:1] + 0.01, xy, Z)[0]
    assert np.all(z <= Z.max(0)) and np.all(z >= Z.min(0))


def test_aligned_maps_lie_on_each_other():
    turn, _ = np.linalg.qr(np.random.default_rng(2).standard_normal((6, 6)))
    maps = project_aligned([Z @ turn, Z + 0.01], "pca")
    assert maps.shape == (2, 120, 2)
    np.testing.assert_allclose(maps[0], maps[1], atol=0.05 * np.abs(maps).max())


def test_aligned_umap_keeps_images_where_they_were():
    turn, _ = np.linalg.qr(np.random.default_rng(2).standard_normal((6, 6)))
    maps = project_aligned([Z @ turn, Z], "umap", neighbours=10)
    moved = np.linalg.norm(maps[0] - maps[1], axis=1).mean()
    assert moved < 0.5 * maps[1].std()
    with pytest.raises(LabError, match="aligned"):
        project_aligned([Z, Z], "tsne")
