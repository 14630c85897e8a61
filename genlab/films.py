"""Frames as a file that plays anywhere: GIF, MP4, animated WebP; or some of them in a row, as a PNG."""

import io
import tempfile
from collections.abc import Sequence
from pathlib import Path

import imageio_ffmpeg
import numpy as np
from PIL import Image

from genlab.errors import LabError
from genlab.files import write_atomic
from genlab.runs.pictures import png, tile

SUFFIXES = (".gif", ".mp4", ".webp", ".png")
FPS = 60.0
SIDE = 256         # pixels: what small frames are enlarged to
STRIP = 11         # pictures of a strip
STRIP_SIDE = 128   # pixels of each
GAP = 4            # pixels between films beside each other
PALETTE_FRAMES = 16
GIF_TICKS, WEBP_TICKS = 100, 1000   # a second: delays are whole numbers of ticks
GIF_LEAST, WEBP_LEAST = 2, 11       # ticks of a frame; browsers show a shorter one for a tenth of a second


def film(films: Sequence[np.ndarray], suffix: str, *, fps: float = FPS) -> bytes:
    """Films of equal length and height as one file: beside each other, or one strip below the other for .png.

    films : uint8 (T, H, W, C) each, C is 1 or 3; small ones are enlarged by a whole factor
    fps : frames a second, 1 to 100; a GIF has 50 at most and a WebP 90, and leave out what is more, so that each film takes its time
    Raises LabError for another suffix, no frame, films that do not fit together, or an fps out of range.
    """
    check_suffix(suffix)
    _check(films, fps)
    if suffix == ".png":
        return png(strip(films))
    frames = beside(films)
    return {".gif": _gif, ".mp4": _mp4, ".webp": _webp}[suffix](frames, enlargement(frames, SIDE), fps)


def write_film(path: Path, films: Sequence[np.ndarray], *, fps: float = FPS) -> int:
    """Write `film` to a path by its suffix, whole or not at all; how many bytes. LabError also where the folder does not exist."""
    check_target(path)
    data = film(films, path.suffix.lower(), fps=fps)
    write_atomic(path, data)
    return len(data)


def check_target(path: Path, suffixes: Sequence[str] = SUFFIXES) -> None:
    """LabError where a file of one of these kinds cannot be written there: to be asked before the work is done."""
    check_suffix(path.suffix.lower(), suffixes, str(path))
    if not path.parent.is_dir():
        raise LabError(f"{path}: the folder {path.parent} does not exist")
    if path.is_dir():
        raise LabError(f"{path}: this is a folder; name a file")


def check_suffix(suffix: str, suffixes: Sequence[str] = SUFFIXES, where: str = "film") -> None:
    if suffix not in suffixes:
        raise LabError(f"{where}: ends in {suffix or 'nothing'!r}; {' or '.join(suffixes)} can be written")


def there_and_back(frames: np.ndarray) -> np.ndarray:
    """The frames, then the same backwards, so that the film can be repeated without a jump.  (T, ...) -> (2 T - 2, ...)"""
    return np.concatenate([frames, frames[-2:0:-1]])


def beside(films: Sequence[np.ndarray]) -> np.ndarray:
    """Films in colour beside each other, white between them.  (T, H, W, C) each -> uint8 (T, H, W', 3)"""
    coloured = [np.broadcast_to(frames, (*frames.shape[:3], 3)) for frames in films]
    gap = np.full((*coloured[0].shape[:2], GAP, 3), 255, np.uint8)
    parts = [part for frames in coloured for part in (frames, gap)][:-1]
    return np.concatenate(parts, axis=2)


def strip(films: Sequence[np.ndarray], columns: int = STRIP) -> np.ndarray:
    """`columns` frames of each film in a row, evenly taken, one film below the other.  (T, H, W, C) each -> uint8 (H', W', 4)"""
    shown = np.unique(np.rint(np.linspace(0, len(films[0]) - 1, min(columns, len(films[0])))).astype(int))
    x = np.concatenate([np.broadcast_to(frames[shown], (len(shown), *frames.shape[1:3], 3)) for frames in films])
    return tile(enlarged(x, enlargement(x, STRIP_SIDE)).transpose(0, 3, 1, 2), len(shown))


def enlargement(frames: np.ndarray, side: int) -> int:
    """The whole factor by which frames come closest to a height from below, at least 1."""
    return max(1, side // frames.shape[1])


def enlarged(frames: np.ndarray, factor: int) -> np.ndarray:
    """Every pixel as a square of `factor` pixels.  (T, H, W, C) -> (T, factor H, factor W, C)"""
    return frames.repeat(factor, axis=1).repeat(factor, axis=2)


def timed(n: int, fps: float, ticks: int, least: int) -> tuple[np.ndarray, list[int]]:
    """Which of n frames are shown, and for how many ticks each, `least` or more; all together as long as n frames take, to half a tick.

    Rounding each delay alone would make a film of 40 frames/s a fourth longer as a GIF; here what one is short of, a later one has.
    """
    total = max(round(n * ticks / fps), least)
    shown = min(n, total // least)
    return np.arange(shown) * n // shown, np.diff(np.arange(shown + 1) * total // shown).tolist()


def _gif(frames: np.ndarray, factor: int, fps: float) -> bytes:
    shown, delays = timed(len(frames), fps, GIF_TICKS, GIF_LEAST)
    frames = frames[shown]
    # one palette for all, so that no colour flickers; chosen on small frames, so that a pixel stays one square of one colour
    some = frames[np.unique(np.linspace(0, len(frames) - 1, PALETTE_FRAMES).round().astype(int))]
    palette = Image.fromarray(some.reshape(-1, *some.shape[2:])).quantize(256)
    images = [Image.fromarray(frame).quantize(palette=palette, dither=Image.Dither.NONE) for frame in frames]
    images = [image.resize((factor * image.width, factor * image.height), Image.Resampling.NEAREST) for image in images]
    return _saved(images, "GIF", duration=[10 * delay for delay in delays])


def _webp(frames: np.ndarray, factor: int, fps: float) -> bytes:
    shown, delays = timed(len(frames), fps, WEBP_TICKS, WEBP_LEAST)
    images = [Image.fromarray(frame) for frame in enlarged(frames[shown], factor)]
    return _saved(images, "WEBP", duration=delays, quality=90, method=0)


def _saved(images: list[Image.Image], kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    images[0].save(buffer, kind, save_all=True, append_images=images[1:], loop=0, **options)
    return buffer.getvalue()


def _mp4(frames: np.ndarray, factor: int, fps: float) -> bytes:
    frames = enlarged(frames, factor)
    frames = np.pad(frames, [(0, 0), (0, frames.shape[1] % 2), (0, frames.shape[2] % 2), (0, 0)], mode="edge")   # yuv420p halves both sides
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "film.mp4"
        writer = imageio_ffmpeg.write_frames(
            str(path), (frames.shape[2], frames.shape[1]), fps=fps, codec="libx264", pix_fmt_in="rgb24", pix_fmt_out="yuv420p",
            macro_block_size=2, quality=None, ffmpeg_log_level="error",
            output_params=["-crf", "16", "-preset", "veryfast", "-movflags", "+faststart"])
        writer.send(None)
        for frame in frames:
            writer.send(np.ascontiguousarray(frame))
        writer.close()
        return path.read_bytes()


def _check(films: Sequence[np.ndarray], fps: float) -> None:
    if not films or not len(films[0]):
        raise LabError("film: holds no frame; at least one is needed")
    for frames in films:
        if frames.dtype != np.uint8 or frames.ndim != 4 or frames.shape[3] not in (1, 3):
            raise LabError(f"film: frames are {frames.dtype} of shape {frames.shape}; uint8 (T, H, W, 1 or 3) is needed")
        if frames.shape[:3] != films[0].shape[:3]:
            raise LabError(f"film: frames of shape {films[0].shape[:3]} and {frames.shape[:3]}; films beside each other are of one size and length")
    if not 1 <= fps <= 100:   # false for NaN too
        raise LabError(f"film: {fps:g} frames a second; 1 to 100 can be played")
