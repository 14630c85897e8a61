"""Drawn faces: the table of factors, the stream, and a renderer that is pure, local and clear about bad values."""

import hashlib

import numpy as np
import pytest
import torch

from genlab.data import DataSpec, load_dataset
from genlab.data.faces import FACTORS, IDENTITY, NATURAL, Factors, render, sample_factors, stream
from genlab.data.faces.factors import NAMES
from genlab.data.faces.head import PIVOT_Y, SCALE
from genlab.errors import DataError

SIZE = 64
GOLDEN_SEED, GOLDEN_STEP, GOLDEN = 11, 8, "d53e0a03bf7f4cd9"    # a seed at which no mean is near a step, so that the last bit decides nothing


def column(y: float, size: int = SIZE) -> int:
    """The pixel row of a height in head units, for a head held upright."""
    return round((PIVOT_Y + SCALE * (y - 0.60) + 1) * size / 2)


def plain(n: int = 12, seed: int = 4) -> Factors:
    """Faces held upright with nothing put on."""
    return sample_factors(n, seed).with_(tilt=0, glasses=0, beard=0, moustache=0, hat=0, earrings=0, hair_style="short")


def changed(before: Factors, **values) -> np.ndarray:
    """Largest change of any channel at each pixel, (n, size, size), when factors are set to other values."""
    return np.abs(render(before.with_(**values), SIZE).astype(int) - render(before, SIZE)).max(axis=1)


class TestFactors:
    def test_names_are_unique_and_ranges_are_kept(self):
        assert len(set(NAMES + IDENTITY)) == len(FACTORS) + len(IDENTITY)
        f = sample_factors(2000, 0)
        for attribute in FACTORS:
            values = f[attribute.name]
            assert values.min() >= attribute.low and values.max() <= attribute.high
            if attribute.kind == "categorical":
                assert set(values.astype(int)) == set(range(len(attribute.choices)))

    def test_with_changes_one_column_and_leaves_the_original(self):
        f = sample_factors(5, 0)
        g = f.with_(glasses=1, hair_style="bob", smile=np.linspace(0, 1, 5))
        same = [k for k, name in enumerate(NAMES) if name not in ("glasses", "hair_style", "smile")]
        assert np.array_equal(f.attributes[:, same], g.attributes[:, same]) and np.array_equal(f.identity, g.identity)
        assert (g["glasses"] == 1).all() and (g["hair_style"] == 6).all() and g["smile"][4] == 1
        assert not (f["glasses"] == 1).all()

    @pytest.mark.parametrize("values, words", [
        ({"smile": float("nan")}, ("smile", "picture 0", "nan", "-0.5 to 1")),
        ({"yaw": [0, 0, 99]}, ("yaw", "picture 2", "99", "-25 to 25")),
        ({"glasses": 0.5}, ("glasses", "0.5", "0 or 1")),
        ({"hair_style": 1.5}, ("hair_style", "1.5", "0 (bald)")),
        ({"hair_style": "mullet"}, ("mullet", "braids")),
        ({"smile": "broad"}, ("smile", "broad", "numbers")),
        ({"smle": 1}, ("smle", "smile")),
        ({"smile": [0, 0]}, ("smile", "(2,)", "(3,)")),
        ({"smile": object()}, ("smile", "number")),
        ({"nose_width": 2}, ("nose_width", "2", "-1 to 1")),
    ])
    def test_bad_values_say_where_what_and_what_is_allowed(self, values, words):
        with pytest.raises(DataError) as error:
            sample_factors(3, 0).with_(**values)
        assert all(word in str(error.value) for word in words), error.value

    def test_tables_of_the_wrong_shape_are_refused(self):
        f = sample_factors(3, 0)
        for attributes, identity in [(f.attributes[:, 1:], f.identity), (f.attributes, f.identity[:2]), (f.attributes.astype(int), f.identity),
                                     (f.attributes.tolist(), f.identity)]:
            with pytest.raises(DataError, match="needed|as many"):
                Factors(attributes, identity)


class TestSampling:
    def test_a_face_depends_on_its_seed_and_number_alone(self):
        many = sample_factors(700, 7)
        for first, n in [(0, 1), (0, 14), (250, 70), (699, 1)]:
            some = sample_factors(n, 7, first)
            assert np.array_equal(some.attributes, many.attributes[first : first + n])
            assert np.array_equal(some.identity, many.identity[first : first + n])
        assert not np.array_equal(sample_factors(14, 8).identity, many.identity[:14])
        assert len(sample_factors(3, 7, first=10**15)) == 3

    def test_everything_is_independent_by_default(self):
        f = sample_factors(4000, 1)
        c = np.corrcoef(np.concatenate([f.attributes, f.identity], axis=1).T)
        assert np.abs(c - np.eye(len(c))).max() < 0.07

    def test_chosen_correlations_change_only_what_they_name(self):
        f, g = sample_factors(4000, 1), sample_factors(4000, 1, correlations={("glasses", "man"): 0.8, ("age", "smile"): -0.5})
        c = np.corrcoef(g.attributes.T)
        at = NAMES.index
        assert c[at("glasses"), at("man")] == pytest.approx(2 / np.pi * np.arcsin(0.8), abs=0.05)
        assert c[at("age"), at("smile")] == pytest.approx(6 / np.pi * np.arcsin(-0.25), abs=0.05)   # Spearman's rho of a Gaussian copula
        assert abs(c[at("glasses"), at("age")]) < 0.06
        assert np.abs(g["glasses"].mean() - f["glasses"].mean()) < 0.03
        assert np.array_equal(f.identity, g.identity)
        assert np.allclose(f["yaw"], g["yaw"], atol=1e-3)

    def test_natural_correlations_are_possible(self):
        f = sample_factors(2000, 0, correlations=NATURAL)
        assert f["beard"][f["man"] == 0].mean() < 0.05 < f["beard"][f["man"] == 1].mean()

    @pytest.mark.parametrize("correlations, word", [
        ({("glasses", "man"): 1.5}, "1.5"),
        ({("glasses", "man"): float("nan")}, "nan"),
        ({("glases", "man"): 0.5}, "glasses"),
        ({("glasses", "jaw"): 0.5}, "jaw"),
        ({("man", "man"): 0.5}, "two different"),
        ({("man", "hat"): 0.9, ("man", "beard"): 0.9, ("hat", "beard"): -0.9}, "contradict"),
    ])
    def test_impossible_correlations_are_refused(self, correlations, word):
        with pytest.raises(DataError, match=word):
            sample_factors(3, 0, correlations=correlations)

    @pytest.mark.parametrize("arguments", [(0, 0), (-1, 0), (2.5, 0), (3, -1), (3, 0, -1)])
    def test_bad_counts_are_refused(self, arguments):
        with pytest.raises(DataError, match="whole number"):
            sample_factors(*arguments)


class TestRender:
    @pytest.mark.parametrize("size", [16, 33, 256])
    def test_any_size_gives_the_same_picture(self, size):
        f = sample_factors(3, 0)
        x = render(f, size)
        assert x.shape == (3, 3, size, size) and x.dtype == np.uint8
        means = x.mean(axis=(2, 3)), render(f, SIZE).mean(axis=(2, 3))
        assert np.abs(means[0] - means[1]).max() < 6

    @pytest.mark.parametrize("size", [15, 257, 64.0, "64"])
    def test_other_sizes_are_refused(self, size):
        with pytest.raises(DataError, match="16 to 256"):
            render(sample_factors(1, 0), size)

    def test_a_face_does_not_depend_on_its_neighbours(self):
        f = sample_factors(70, 3)
        together = render(f, 32)
        assert np.array_equal(render(f, 32), together)
        order = np.random.default_rng(0).permutation(70)
        assert np.array_equal(render(f.take(order), 32), together[order])
        for i in (0, 13, 69):
            assert np.array_equal(render(f.take(slice(i, i + 1)), 32)[0], together[i])

    def test_threads_are_left_as_they_were(self):
        before = torch.get_num_threads()
        try:
            torch.set_num_threads(2)
            two = render(sample_factors(5, 0), 32)
            assert torch.get_num_threads() == 2
            torch.set_num_threads(1)
            assert np.array_equal(render(sample_factors(5, 0), 32), two)
        finally:
            torch.set_num_threads(before)

    @pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
    def test_devices_agree_within_one_grey_level(self):
        f = sample_factors(64, 0)
        assert np.abs(render(f, SIZE).astype(int) - render(f, SIZE, "cuda")).max() <= 1

    def test_coarse_statistics_are_those_of_the_first_day(self):
        means = render(sample_factors(4, GOLDEN_SEED), 32).reshape(4, 3, 4, 8, 4, 8).mean(axis=(3, 5))
        assert hashlib.sha256(np.round(means / GOLDEN_STEP).astype(np.uint8).tobytes()).hexdigest()[:16] == GOLDEN


class TestLocality:
    """What a factor may change, by image differences on heads held upright."""

    @pytest.mark.parametrize("values, top, bottom", [
        ({"glasses": 1}, -0.16, 0.18),
        ({"hat": 1}, -1.0, -0.16),
        ({"beard": 1}, 0.04, 0.70),
        ({"moustache": 1}, 0.15, 0.44),
        ({"earrings": 1}, 0.15, 0.36),
        ({"gaze": 1.0}, -0.13, 0.08),
        ({"eyes_open": 1.0}, -0.22, 0.08),
        ({"smile": 1.0}, -0.22, 0.50),
        ({"mouth_open": 1.0}, -0.01, 0.66),
        ({"hair_colour": "ginger"}, -0.80, 0.15),
        ({"hair_style": "bald"}, -0.80, 0.15),
        ({"age": 80.0}, -0.80, 0.62),
    ])
    def test_rows(self, values, top, bottom):
        rows = changed(plain(), **values).max(axis=(0, 2)) > 1
        assert rows.any()
        assert not rows[: max(column(top), 0)].any() and not rows[column(bottom) + 1 :].any(), np.flatnonzero(rows)

    def test_earrings_hang_at_the_sides(self):
        columns = changed(plain().with_(yaw=0), earrings=1).max(axis=(0, 1)) > 1
        assert columns.any() and not columns[SIZE // 2 - 10 : SIZE // 2 + 10].any()

    def test_the_background_changes_no_skin(self):
        difference = changed(plain().with_(yaw=0, background="sand"), background="plum")
        assert difference[:, column(-0.05) : column(0.30), 24:40].max() == 0
        assert (difference[:, :10, :10] > 20).all()

    @pytest.mark.parametrize("name, value", [("skin_tone", 1.0), ("man", 1), ("age", 80.0), ("smile", 1.0), ("yaw", 25.0),
                                             ("hair_colour", "blond"), ("nose_width", 1.0)])
    def test_the_corners_belong_to_the_background(self, name, value):
        difference = changed(plain(), **{name: value})
        assert difference[:, :8, :8].max() == 0 and difference[:, :8, -8:].max() == 0

    @pytest.mark.parametrize("attribute", FACTORS, ids=lambda a: a.name)
    def test_every_factor_shows_in_every_face(self, attribute):
        f = sample_factors(24, 11)
        low, high = (render(f.with_(**{attribute.name: v}), SIZE).astype(int) for v in (attribute.low, attribute.high))
        difference = np.abs(high - low).max(axis=1)
        assert (difference > 24).sum(axis=(1, 2)).min() >= 8

    @pytest.mark.parametrize("name", IDENTITY)
    def test_every_part_of_the_identity_shows(self, name):
        f = sample_factors(12, 2).with_(glasses=1, hat=name.startswith("hat"), beard=name.startswith("beard"), earrings=1, hair_style="short", tilt=0)
        assert (changed(f.with_(**{name: -1.0}), **{name: 1.0}) > 8).sum(axis=(1, 2)).min() >= 4

    def test_identity_changes_the_face_and_not_the_attributes(self):
        f = plain(8)
        other = Factors(f.attributes, sample_factors(8, 99).identity)
        assert (np.abs(render(f, SIZE).astype(int) - render(other, SIZE)).max(axis=1) > 24).sum(axis=(1, 2)).min() > 100


class TestStream:
    def test_the_first_faces_are_the_same_for_any_n_and_so_are_those_held_out(self):
        spec = DataSpec(name="faces", size=16, seed=5)
        few, test = load_dataset(spec.model_copy(update={"n": 1}))
        more, same_test = load_dataset(spec.model_copy(update={"n": 600}))
        assert len(few) == 1 and len(more) == 600 and len(test) == 2000
        assert np.array_equal(few.x[0], more.x[0]) and np.array_equal(test.x, same_test.x)
        assert more.attribute_info == FACTORS
        assert np.array_equal(more.attributes, sample_factors(600, 5).attributes)
        assert not {row.tobytes() for row in more.attributes} & {row.tobytes() for row in test.attributes}

    def test_any_stretch_at_any_place(self):
        spec = DataSpec(name="faces", size=16, channels=3)
        assert np.array_equal(stream(spec, 300, 4).x, stream(spec, 0, 310).x[300:304])
        assert len(stream(spec, 10**12, 2)) == 2

    def test_grey_faces(self):
        spec = DataSpec(name="faces", size=16, channels=1)
        assert stream(spec, 0, 3).x.shape == (3, 1, 16, 16)

    def test_progress_runs_from_0_to_1(self):
        shares = []
        load_dataset(DataSpec(name="faces", size=16, n=20), lambda share, what: shares.append(share))
        assert shares == sorted(shares) and shares[-1] == 1


def test_more_than_fits_into_memory_is_refused_before_anything_is_drawn():
    with pytest.raises(DataError, match="at most 4 GB"):
        load_dataset(DataSpec(name="faces", n=10_000_000))
