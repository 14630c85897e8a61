"""Films are read back by other code than wrote them, and show what went in."""

import io
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest
from PIL import Image, ImageSequence

from genlab.errors import LabError
from genlab.films import GAP, STRIP, beside, check_target, film, strip, there_and_back, timed, write_film


def sweep(frames: int = 6, side: int = 16, channels: int = 3) -> np.ndarray:
    """A bright block that moves to the right on a dark ground, another grey in every frame."""
    x = np.full((frames, side, side, channels), 30, np.uint8)
    for t in range(frames):
        x[t, 4:12, 2 * t : 2 * t + 6] = 120 + 20 * t
    return x


def read_frames(data: bytes) -> np.ndarray:
    image = Image.open(io.BytesIO(data))
    return np.stack([np.asarray(frame.convert("RGB")) for frame in ImageSequence.Iterator(image)])


def read_mp4(data: bytes, folder: Path) -> tuple[dict, np.ndarray]:
    (folder / "read.mp4").write_bytes(data)
    reader = imageio_ffmpeg.read_frames(str(folder / "read.mp4"))
    about = next(reader)
    width, height = about["size"]
    return about, np.stack([np.frombuffer(frame, np.uint8).reshape(height, width, 3) for frame in reader])


def shrunk(frames: np.ndarray, factor: int) -> np.ndarray:
    """The middle pixel of each square."""
    return frames[:, factor // 2 :: factor, factor // 2 :: factor].astype(int)


@pytest.mark.parametrize("channels", [1, 3])
def test_a_gif_shows_every_frame_enlarged_and_repeats(channels):
    data = film([sweep(channels=channels)], ".gif", fps=25)
    image = Image.open(io.BytesIO(data))
    assert image.size == (256, 256) and image.n_frames == 6 and image.info["duration"] == 40 and image.info["loop"] == 0
    np.testing.assert_allclose(shrunk(read_frames(data), 16), np.broadcast_to(sweep(channels=channels), (6, 16, 16, 3)), atol=3)


def delays(data: bytes) -> list[int]:
    """Milliseconds of each frame."""
    image = Image.open(io.BytesIO(data))
    times = []
    for i in range(image.n_frames):
        image.seek(i)
        image.load()
        times.append(image.info["duration"])
    return times


def noise(frames: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (frames, 16, 16, 1), dtype=np.uint8)


@pytest.mark.parametrize("fps", [7, 24, 29.97, 30, 40, 45, 50, 60, 75, 100])
@pytest.mark.parametrize(("suffix", "tick", "least"), [(".gif", 10, 20), (".webp", 1, 11)])
def test_a_film_takes_its_time_however_its_delays_are_rounded(suffix, tick, least, fps):
    times = delays(film([noise(90)], suffix, fps=fps))
    assert abs(sum(times) - 1000 * 90 / fps) <= tick / 2
    assert min(times) >= least and max(times) - min(times) <= tick   # players show less for 100 ms
    assert len(times) == 90 or 1000 / fps < least
    np.testing.assert_allclose(np.cumsum(times), np.arange(1, len(times) + 1) * sum(times) / len(times), atol=tick)   # no frame early or late


def test_what_a_gif_leaves_out_is_spread_and_the_first_frame_stays():
    shown, ticks = timed(60, 60.0, 100, 2)
    assert len(shown) == 50 and shown[0] == 0 and set(np.diff(shown)) == {1, 2} and set(ticks) == {2}


def test_frames_that_are_alike_keep_their_time():
    assert sum(delays(film([noise(20).repeat(2, 0)], ".gif", fps=30))) == 1330 and delays(film([sweep(1).repeat(30, 0)], ".gif", fps=30)) == [1000]


@pytest.mark.parametrize("fps", [29.97, 33.333, 40, 60])
def test_an_mp4_takes_its_time(tmp_path, fps):
    about, frames = read_mp4(film([noise(90)], ".mp4", fps=fps), tmp_path)
    assert len(frames) == 90 and about["duration"] == pytest.approx(90 / fps, abs=0.01)


def test_a_webp_shows_every_frame(tmp_path):
    data = film([sweep()], ".webp", fps=50)
    image = Image.open(io.BytesIO(data))
    assert image.format == "WEBP" and image.n_frames == 6 and image.size == (256, 256)
    assert np.abs(shrunk(read_frames(data), 16) - sweep()).mean() < 3


@pytest.mark.parametrize("side", [16, 17, 300])
def test_an_mp4_has_even_sides_and_every_frame_at_its_time(tmp_path, side):
    about, frames = read_mp4(film([sweep(side=side)], ".mp4", fps=30), tmp_path)
    factor = max(1, 256 // side)
    even = factor * side + factor * side % 2
    assert about["codec"] == "h264" and "yuv420p" in about["pix_fmt"] and about["fps"] == 30
    assert frames.shape == (6, even, even, 3)
    assert np.abs(shrunk(frames[:, : factor * side, : factor * side], factor) - sweep(side=side)).mean() < 6


def test_one_frame_is_a_film(tmp_path):
    for suffix in (".gif", ".webp", ".png"):
        assert Image.open(io.BytesIO(film([sweep(1)], suffix))).size[1] >= 128
    assert len(read_mp4(film([sweep(1)], ".mp4"), tmp_path)[1]) == 1


def test_films_lie_beside_each_other_with_a_white_gap():
    both = beside([sweep(channels=1), sweep()])
    assert both.shape == (6, 16, 32 + GAP, 3)
    np.testing.assert_array_equal(both[:, :, :16], np.repeat(sweep(channels=1), 3, axis=3))
    np.testing.assert_array_equal(both[:, :, 16 : 16 + GAP], 255)
    np.testing.assert_array_equal(both[:, :, 16 + GAP :], sweep())


def test_a_strip_takes_both_ends_and_evenly_between_one_film_below_the_other():
    x = np.broadcast_to(np.arange(101, dtype=np.uint8)[:, None, None, None], (101, 16, 16, 1))
    sheet = strip([x, 100 - x])
    assert sheet.shape == (2 * 128 + 2, STRIP * 130 - 2, 4)
    np.testing.assert_array_equal(sheet[64, 64::130, 0], np.arange(0, 101, 10))
    np.testing.assert_array_equal(sheet[130 + 64, 64::130, 0], np.arange(100, -1, -10))
    assert strip([x[:3]]).shape == (128, 3 * 130 - 2, 4)
    png = np.asarray(Image.open(io.BytesIO(film([x, 100 - x], ".png"))))
    np.testing.assert_array_equal(png, sheet)


def test_there_and_back_repeats_without_a_frame_twice():
    np.testing.assert_array_equal(there_and_back(np.arange(4)), [0, 1, 2, 3, 2, 1])
    np.testing.assert_array_equal(there_and_back(np.arange(2)), [0, 1])


@pytest.mark.parametrize(("films", "suffix", "fps", "said"), [
    ([sweep()], ".avi", 60, "'.avi'; .gif or .mp4"),
    ([sweep()], "", 60, "'nothing'"),
    ([], ".gif", 60, "no frame"),
    ([sweep(0)], ".gif", 60, "no frame"),
    ([sweep() / 255], ".gif", 60, "float64"),
    ([sweep()[..., :2]], ".gif", 60, "(6, 16, 16, 2)"),
    ([sweep(), sweep(5)], ".gif", 60, "(5, 16, 16)"),
    ([sweep(), sweep(side=20)], ".png", 60, "(6, 20, 20)"),
    ([sweep()], ".mp4", 0, "0 frames a second"),
    ([sweep()], ".gif", float("nan"), "nan frames a second"),
])
def test_what_is_no_film_is_said(films, suffix, fps, said):
    with pytest.raises(LabError) as caught:
        film(films, suffix, fps=fps)
    assert said in str(caught.value)


def test_a_file_is_written_whole_and_the_suffix_decides(tmp_path):
    for name, kind in (("a.GIF", "GIF"), ("a.webp", "WEBP"), ("a.png", "PNG")):
        assert write_film(tmp_path / name, [sweep()]) == (tmp_path / name).stat().st_size
        assert Image.open(tmp_path / name).format == kind
    before = (tmp_path / "a.png").read_bytes()
    with pytest.raises(LabError):
        write_film(tmp_path / "a.png", [sweep(), sweep(2)])
    assert (tmp_path / "a.png").read_bytes() == before and len(list(tmp_path.iterdir())) == 3


def test_where_nothing_can_be_written_is_said_before_the_work(tmp_path):
    (tmp_path / "folder.gif").mkdir()
    for path, said in ((tmp_path / "no" / "a.gif", "does not exist"), (tmp_path / "a.txt", ".txt"), (tmp_path / "folder.gif", "is a folder")):
        with pytest.raises(LabError, match=said):
            check_target(path)
