"""Evenness of a film: in pixels, or as the judge of faces sees it."""

import numpy as np
import pytest
from tiny_judge import tiny_judge
from tiny_runs import use_folders

from genlab.data.faces import render, sample_factors
from genlab.measures.smoothness import UNRELATED, smoothness


@pytest.fixture(autouse=True)
def places(tmp_path, monkeypatch):
    use_folders(monkeypatch, tmp_path)
    return tmp_path


def greys(*levels):
    return np.array(levels, np.uint8)[:, None, None, None] * np.ones((1, 8, 8, 1), np.uint8)


def test_even_steps_are_1_and_a_jump_is_as_many_as_there_are():
    even = smoothness(greys(0, 10, 20, 30), "digits")
    assert even.steps.tolist() == [10, 10, 10] and even.unit == "grey levels" and even.unevenness == 1 and even.note == ""
    jump = smoothness(greys(0, 0, 30, 30), "digits")
    assert jump.steps.tolist() == [0, 30, 0] and (jump.mean, jump.largest, jump.unevenness) == (10, 30, 3)


def test_a_loop_also_counts_the_step_back_and_stillness_is_even():
    assert smoothness(greys(0, 10, 20), "digits", closed=True).steps.tolist() == [10, 10, 20]
    assert smoothness(greys(5, 5), "digits").unevenness == 1


@pytest.fixture
def faces():
    return render(sample_factors(40, 5)).transpose(0, 2, 3, 1)


def test_faces_are_measured_as_the_judge_sees_them(places, faces):
    judge = tiny_judge(places / "checkpoints" / "judge")
    found, features = smoothness(faces, "faces"), judge.features(faces.transpose(0, 3, 1, 2))
    np.testing.assert_allclose(found.steps, np.sqrt(np.square(np.diff(features, axis=0)).mean(1)), rtol=1e-4)
    assert found.unit == "σ of the judge's features" and found.note == ""


def test_without_a_judge_faces_are_measured_in_pixels_and_it_is_said(faces):
    found = smoothness(faces, "faces")
    assert found.unit == "grey levels" and "judge train" in found.note and found.largest > 1


def test_unrelated_draws_lie_root_two_apart():
    features = np.random.default_rng(0).standard_normal((2, 100_000))
    assert np.sqrt(np.square(features[0] - features[1]).mean()) == pytest.approx(UNRELATED, rel=0.02)
