"""One picture file: what is taken, how it comes out, and the sentence with which the rest is refused."""

import io

import numpy as np
import pytest
from PIL import Image

from genlab.data.picture import decode, inspect
from genlab.errors import DataError
from tests.sample_pictures import animated, drawn, half_transparent, picture, png_of_stated_size, saved, sideways, sixteen_bit


def read(data):
    header, image = inspect(io.BytesIO(data)), decode(io.BytesIO(data))
    assert image.mode == ("L" if header.is_grey else "RGB")
    return np.asarray(image)


@pytest.mark.parametrize("kind", ["PNG", "BMP", "TIFF"])
def test_lossless_pictures_come_out_as_they_went_in(kind):
    assert np.array_equal(read(picture(kind)), np.asarray(drawn()))


@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "AVIF", "GIF", "HEIF"])
def test_lossy_pictures_come_out_nearly_so(kind):
    assert np.abs(read(picture(kind)).astype(int) - np.asarray(drawn())).mean() < 12


def test_sixteen_bits_keep_their_range():
    ramp = read(sixteen_bit())
    assert ramp[0, 0] == 0 and ramp[0, -1] == 255 and 120 < ramp[0, 20] < 136


def test_cmyk_keeps_its_colours():
    magenta = read(saved(Image.new("CMYK", (20, 20), (0, 255, 0, 0)), "TIFF"))
    assert np.array_equal(magenta[10, 10], (255, 0, 255))


def test_transparency_is_put_on_white():
    x = read(half_transparent())
    assert np.array_equal(x[5, 2], (0, 0, 255)) and np.array_equal(x[5, 15], (255, 255, 255))


def test_one_transparent_grey_level_is_put_on_white():
    assert (read(saved(Image.new("L", (20, 20), 7), transparency=7)) == 255).all()


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_of_an_animation_the_first_frame_is_taken(kind):
    red, green, blue = read(animated(kind))[10, 10]
    assert red > 240 and green < 10 and blue < 10


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP"])
def test_exif_orientation_is_honoured(kind):
    x = read(sideways(kind))[..., :1] if kind == "WEBP" else read(sideways(kind))
    assert x.shape[:2] == (60, 30)
    assert x[:25].mean() > 250 and x[35:].mean() < 5


def test_a_large_jpeg_is_decoded_small():
    image = decode(io.BytesIO(picture("JPEG", width=4000, height=3000)))
    assert 512 <= min(image.size) < 1024 and abs(image.width / image.height - 4 / 3) < 0.01


REFUSED = {
    "empty": (b"", "is no picture that can be read (JPEG, PNG, WEBP, GIF, BMP, TIFF, AVIF, HEIF)"),
    "text": (b"hello, I am a letter", "is no picture that can be read"),
    "postscript": (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 40 40\n", "is no picture that can be read"),
    "cut png": (picture()[:-200], "is cut short or damaged"),
    "cut jpeg": (picture("JPEG")[:-100], "is cut short or damaged"),
    "cut gif": (picture("GIF")[:-200], "is cut short or damaged"),
    "cut tiff": (picture("TIFF")[:-100], "is cut short or damaged"),
    "cut webp": (picture("WEBP")[:-20], "can't be opened"),
    "header alone": (picture()[:40], "is no picture that can be read"),
    "corrupt png": (picture()[:60] + b"\xff" * 60 + picture()[120:], "is cut short or damaged"),
    "bomb": (png_of_stated_size(100_000, 100_000), "is too large; at most 40 megapixels are read"),
    "large": (png_of_stated_size(7_000, 7_000), "is 7000 x 7000 pixels; at most 40 megapixels are read"),
    "one pixel": (picture(width=1, height=1), "is 1 x 1 pixels; at least 8 x 8 are needed"),
    "one row": (picture(width=300, height=1), "is 300 x 1 pixels; at least 8 x 8 are needed"),
    "floats": (saved(Image.new("F", (20, 20)), "TIFF"), "holds 32-bit pixels; 8 or 16 bits are read"),
    "32 bits": (saved(Image.new("I", (20, 20)), "TIFF"), "holds 32-bit pixels; 8 or 16 bits are read"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused_is_refused_with_its_reason(case):
    data, reason = REFUSED[case]
    with pytest.raises(DataError) as told:
        read(data)
    assert str(told.value).startswith(reason)


@pytest.mark.filterwarnings("ignore::UserWarning", "ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP", "AVIF", "HEIF"])
def test_broken_bytes_never_raise_anything_else(kind):
    rng, whole, refused = np.random.default_rng(0), picture(kind), 0
    for _ in range(100):
        data = bytearray(whole[: rng.integers(1, len(whole) + 1)])
        for at in rng.integers(0, len(data), 3):
            data[at] = rng.integers(0, 256)
        try:
            assert read(bytes(data)).dtype == np.uint8
        except DataError:
            refused += 1
    assert refused > 0
