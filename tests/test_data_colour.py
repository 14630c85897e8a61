"""Colours and depths of picture files: 10 to 16 bits, profiles, CMYK, Lab, transparency; and what is said of them."""

import contextlib
import io
import struct

import numpy as np
import pytest
from colour_files import coloured, png, ramp, tiff, twelve_bits_packed
from PIL import Image, ImageCms
from sample_pictures import drawn, picture, saved
from test_cli import call

from genlab.data import DataSpec, load_dataset
from genlab.data.own import report_on
from genlab.data.picture import decode, inspect
from genlab.data.profiles import ADOBE_GAMMA, ADOBE_RGB, DISPLAY_P3, SRGB, power_curve, rgb_profile, srgb_curve, to_d50
from genlab.data.upload import read_upload, store_upload
from genlab.errors import DataError

LEAF = np.array([30, 160, 60])
COLOURS = np.array([LEAF, (200, 40, 60), (128, 128, 128), (240, 200, 180), (60, 90, 160), (255, 255, 255), (0, 0, 0), (90, 60, 40)])
SPACES = {"Adobe RGB": (ADOBE_RGB, power_curve(ADOBE_GAMMA), lambda v: v ** (1 / ADOBE_GAMMA)),
          "Display P3": (DISPLAY_P3, srgb_curve, lambda v: np.where(v <= 0.0031308, 12.92 * v, 1.055 * v.clip(0.0031308) ** (1 / 2.4) - 0.055)),
          "linear": (SRGB, power_curve(1.0), lambda v: v)}


@pytest.fixture(autouse=True)
def places(tmp_path, monkeypatch):
    monkeypatch.setenv("GENLAB_CACHE", str(tmp_path / "cache"))


def pixels(data, bits=0):
    image = decode(io.BytesIO(data), bits)
    assert image.mode == ("L" if inspect(io.BytesIO(data)).is_grey else "RGB")
    return np.asarray(image).astype(int)


def patches(colours, mode="RGB"):
    """A picture of 8 x 8 pixels of each colour."""
    return Image.fromarray(np.repeat(np.repeat(np.array(colours, np.uint8)[None], 8, axis=0), 8, axis=1), mode)


def seen(data):
    """The colours of such a picture as they are read."""
    return pixels(data)[4, 4::8]


def in_space(name):
    """The colours' numbers in another space, and its profile: worked out from the primaries, not by what reads them."""
    primaries, curve, back = SPACES[name]
    light = np.linalg.solve(to_d50(primaries), to_d50(SRGB) @ srgb_curve(COLOURS.T / 255))
    return np.rint(255 * back(light.clip(0, 1))).T.astype(np.uint8), rgb_profile(name, primaries, curve)


def as_8_bits(values, bits):
    return np.rint(values.astype(float) * 255 / ((1 << bits) - 1))


# -- depth ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("bits", [8, 10, 12, 14, 16])
@pytest.mark.parametrize("make", [png, tiff, lambda v: tiff(v, order=">")], ids=["png", "tiff", "big-endian tiff"])
def test_the_largest_value_of_the_bits_in_use_is_white(bits, make):
    assert np.array_equal(pixels(make(ramp(bits))), as_8_bits(ramp(bits), bits))
    high = coloured(bits) >> 8 if bits == 16 else as_8_bits(coloured(bits), bits)   # of all 16 the high byte, as ever
    assert np.array_equal(pixels(make(coloured(bits))), high)
    assert inspect(io.BytesIO(make(coloured(bits)))).bits == bits


def test_depth_is_judged_by_the_colours_and_transparency_kept():
    clear = np.full((*ramp(12).shape, 1), 65535, np.uint16)
    clear[:8] = 0
    for values, expected in ((coloured(12), as_8_bits(coloured(12), 12)), (ramp(12)[..., None], as_8_bits(ramp(12), 12))):
        x = pixels(png(np.concatenate([values, clear], axis=-1)))
        assert (x[:8] == 255).all() and np.array_equal(x[8:], expected[8:])
        x = pixels(png(np.concatenate([values, clear // 16], axis=-1)))   # transparency of 12 bits
        assert (x[:8] == 255).all() and np.array_equal(x[8:], expected[8:])


def test_one_clear_colour_of_16_bits_is_put_on_white():
    grey, colours = ramp(12), coloured(12)
    x = pixels(png(grey, [(b"tRNS", struct.pack(">H", grey[0, 5]))]))
    assert (x[:, 5] == 255).all() and np.array_equal(np.delete(x, 5, 1), np.delete(as_8_bits(grey, 12), 5, 1))
    x = pixels(png(colours, [(b"tRNS", struct.pack(">3H", *colours[0, 5].tolist()))]))
    assert (x[:, 5] == 255).all() and np.array_equal(np.delete(x, 5, 1), np.delete(as_8_bits(colours, 12), 5, 1))


def test_a_tiff_says_how_many_bits_it_packs():
    dark = ramp(12) // 8
    assert np.array_equal(pixels(tiff(dark, bits=12, pixels=twelve_bits_packed(dark))), as_8_bits(dark, 12))


def test_0_may_be_white():
    assert np.array_equal(pixels(tiff(ramp(12), photometric=0)), 255 - as_8_bits(ramp(12), 12))


@pytest.mark.parametrize("compression", ["tiff_lzw", "tiff_adobe_deflate"])
def test_compressed_tiffs_are_read_alike(compression):
    packed = io.BytesIO()
    Image.open(io.BytesIO(tiff(ramp(12)))).save(packed, "TIFF", compression=compression)
    assert np.array_equal(pixels(packed.getvalue()), as_8_bits(ramp(12), 12))


def test_cmyk_of_16_bits_is_scaled_too():
    ink = np.concatenate([coloured(12), np.zeros_like(ramp(12))[..., None]], axis=-1)
    assert np.array_equal(pixels(tiff(ink, photometric=5)), 255 - as_8_bits(coloured(12), 12))


def test_planes_that_would_be_read_wrong_are_refused():
    with pytest.raises(DataError, match="in a plane of its own"):
        decode(io.BytesIO(tiff(coloured(16), tags={284: (3, [2])})))


def test_a_deep_picture_is_turned_upright():
    exif = Image.Exif()
    exif[0x0112] = 6
    x = pixels(png(coloured(12), [(b"eXIf", exif.tobytes().removeprefix(b"Exif\0\0"))]))
    assert np.array_equal(x, as_8_bits(np.rot90(coloured(12), -1), 12))


DARK, BRIGHT = png(ramp(12) // 8), png(ramp(12))


def test_pictures_of_one_set_are_scaled_alike_in_a_folder_and_an_upload(tmp_path):
    (tmp_path / "scans").mkdir()
    for name, data in (("a.png", DARK), ("b.png", BRIGHT)):
        (tmp_path / "scans" / name).write_bytes(data)
    for path in (str(tmp_path / "scans"), store_upload([("a.png", DARK), ("b.png", BRIGHT)], "scans")):
        train, test = load_dataset(DataSpec(name="own", path=path, size=16, channels=1, fit="stretch"))
        assert sorted(part.x.max() // 16 for part in (train, test)) == [1, 15]
        assert report_on(path)[0].notes == ("2 pictures have room for 16 bits in each value and use 12, so 4095 was taken for white",)


def test_a_dark_picture_beside_deeper_ones_is_said_to_be_so():
    report = read_upload(store_upload([("a.png", BRIGHT), ("b.png", png(ramp(16)))], "x")).report
    assert report.notes == ("1 of 2 pictures of 16 bits use 12 or fewer, and are as dark beside the others as their values say",)
    assert read_upload(store_upload([("b.png", png(ramp(16)))], "x")).report.sentence() == "1 image kept"


# -- colour -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SPACES)
@pytest.mark.parametrize(("kind", "options"), [("PNG", {}), ("TIFF", {}), ("JPEG", {"quality": 100, "subsampling": 0}), ("WEBP", {"lossless": True}),
                                               ("AVIF", {"quality": 100, "subsampling": "4:4:4"})])
def test_the_profile_that_a_picture_brings_is_heeded(name, kind, options):
    numbers, profile = in_space(name)
    data = saved(patches(numbers), kind, icc_profile=profile, **options)
    off = np.abs(seen(data) - COLOURS)
    assert off.max() <= (20 if name == "linear" else 10) and off.mean() < 2.5 and np.abs(numbers.astype(int) - COLOURS).max() > 20
    assert inspect(io.BytesIO(data)).told == f"were converted from {name} to sRGB"


def test_the_leaf_of_an_adobe_rgb_picture_is_as_green_as_it_was():
    numbers, profile = in_space("Adobe RGB")
    assert numbers[0].tolist() == [93, 159, 70]
    assert np.abs(seen(saved(patches(numbers), icc_profile=profile))[0] - LEAF).max() <= 3


@pytest.mark.parametrize("profile", [ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes(), rgb_profile("sRGB", SRGB, srgb_curve)])
@pytest.mark.parametrize("mode", ["RGB", "L", "RGBA", "LA", "P"])
def test_a_picture_that_says_it_is_srgb_keeps_its_bits(profile, mode):
    image = drawn().convert(mode)
    tagged = saved(image, icc_profile=profile)
    assert np.array_equal(pixels(tagged), pixels(saved(image))) and inspect(io.BytesIO(tagged)).told == ""


@pytest.mark.parametrize("mode", ["RGBA", "P"])
def test_transparency_and_palettes_are_converted_too(mode):
    numbers, profile = in_space("Adobe RGB")
    image = patches(numbers).convert("RGBA")
    image.paste((0, 0, 0, 0), (0, 0, 64, 2))
    if mode == "P":
        image = patches(numbers).quantize(16)
        image.info["transparency"] = bytes([255] * 16)
    x = pixels(saved(image, icc_profile=profile))
    assert np.abs(x[4, 4::8] - COLOURS).max() <= 8 and (mode == "P" or (x[:2] == 255).all())


def test_one_entry_of_a_palette_may_be_clear():
    image = patches(COLOURS).quantize(16)
    clear = image.getpixel((4, 4))
    x = pixels(saved(image, transparency=bytes(0 if i == clear else 255 for i in range(16))))
    assert (x[4, 4] == 255).all() and np.abs(x[4, 12] - COLOURS[1]).max() <= 1


def test_a_grey_picture_stays_grey_and_heeds_its_profile():
    levels = np.arange(0, 256, 8)
    image = Image.fromarray(np.repeat(np.repeat(levels.astype(np.uint8)[None], 8, axis=0), 8, axis=1))
    linear = saved(image, icc_profile=rgb_profile("linear", SRGB, power_curve(1.0)))
    expected = 255 * SPACES["Display P3"][2](levels / 255)
    assert np.abs(pixels(linear)[4, 4::8] - expected).max() <= 6 and inspect(io.BytesIO(linear)).is_grey


def test_a_profile_that_does_not_fit_is_said_and_does_no_harm():
    _, profile = in_space("Adobe RGB")
    for broken in (b"no profile", profile[:200], profile[:40] + bytes(400)):
        data = saved(drawn(), icc_profile=broken)
        assert np.array_equal(pixels(data), np.asarray(drawn())) and "can't be used" in inspect(io.BytesIO(data)).told
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    data = saved(drawn(), icc_profile=lab)
    assert np.array_equal(pixels(data), np.asarray(drawn())) and "taken for sRGB, since the profile" in inspect(io.BytesIO(data)).told


def test_lab_is_converted():
    to_lab = ImageCms.buildTransform(ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), "RGB", "LAB")
    image = ImageCms.applyTransform(patches(COLOURS), to_lab)
    del image.info["icc_profile"]
    for options in ({}, {"icc_profile": b"no profile"}):
        data = saved(image, "TIFF", **options)
        assert np.abs(seen(data) - COLOURS).max() <= 6 and "CIE L*a*b*" in inspect(io.BytesIO(data)).told


def test_lab_of_bytes_as_the_standard_has_them():
    values = np.zeros((16, 16, 3), np.uint8)
    values[..., 0], values[..., 1] = 136, 81   # L* 53.3, a* 81, b* 70, which is sRGB red but for rounding
    values[..., 2] = 70
    x = pixels(tiff(values, bits=8, photometric=8, pixels=values.tobytes()))[8, 8]
    assert x[0] > 245 and x[1] < 40 and x[2] < 30


def test_cmyk_without_a_profile_is_read_and_said():
    data = saved(Image.new("CMYK", (20, 20), (0, 255, 0, 0)), "TIFF")
    assert np.array_equal(pixels(data)[10, 10], (255, 0, 255)) and "CMYK came without a profile" in inspect(io.BytesIO(data)).told


def cmyk_profile():
    """A profile of four inks: each grid point's L* falls with the ink, a table of 2 points each way (ICC.1, lut8Type)."""
    grid = np.stack(np.meshgrid(*[[0, 1]] * 4, indexing="ij"), axis=-1).reshape(-1, 4)
    light = np.rint(255 * (1 - grid[:, :3].mean(axis=1)) * (1 - grid[:, 3])).astype(np.uint8)
    lab = np.stack([light, np.full(16, 128), np.full(16, 128)], axis=-1).astype(np.uint8).tobytes()
    curve = bytes(range(256))
    body = b"mft1" + bytes(4) + bytes([4, 3, 2, 0]) + struct.pack(">9i", *[65536 * (i % 4 == 0) for i in range(9)]) + curve * 4 + lab + curve * 3
    text = b"three greys and a black\0"
    desc = b"desc" + bytes(4) + struct.pack(">I", len(text)) + text + bytes(78)
    desc += bytes(-len(desc) % 4)
    start = 128 + 4 + 2 * 12
    tags = struct.pack(">I", 2) + b"desc" + struct.pack(">II", start, len(desc)) + b"A2B0" + struct.pack(">II", start + len(desc), len(body))
    head = struct.pack(">I4xI4s4s4s12x4s", start + len(desc) + len(body), 0x02400000, b"prtr", b"CMYK", b"Lab ", b"acsp").ljust(68, b"\0")
    return head + struct.pack(">3i", 63190, 65536, 54061).ljust(60, b"\0") + tags + desc + body


@pytest.mark.parametrize(("kind", "options"), [("TIFF", {}), ("JPEG", {"quality": 100})])
def test_cmyk_is_converted_by_its_profile(kind, options):
    image = Image.new("CMYK", (32, 32), (255, 255, 0, 0))   # a grey of L* 33 in these inks, and blue without the profile
    data = saved(image, kind, icc_profile=cmyk_profile(), **options)
    red, green, blue = pixels(data)[16, 16]
    assert max(red, green, blue) - min(red, green, blue) <= 4 and 60 < red < 100
    assert inspect(io.BytesIO(data)).told == "were converted from three greys and a black to sRGB"


def test_cameras_say_adobe_rgb_in_exif():
    numbers, _ = in_space("Adobe RGB")
    exif = Image.Exif()
    exif[0x8769] = {0xA001: 0xFFFF, 0xA005: {1: "R03"}}
    data = saved(patches(numbers), "JPEG", exif=exif, quality=100, subsampling=0)
    assert np.abs(seen(data) - COLOURS).max() <= 8 and "Adobe RGB" in inspect(io.BytesIO(data)).told
    exif[0x8769] = {0xA001: 0xFFFF, 0xA005: {1: "R98"}}
    assert np.abs(seen(saved(patches(numbers), "JPEG", exif=exif, quality=100, subsampling=0)) - numbers).max() <= 3


def test_phones_say_display_p3_in_a_heic_without_a_profile():
    numbers, _ = in_space("Display P3")
    data = saved(patches(numbers), "HEIF", quality=100, chroma=444, color_primaries=12, transfer_characteristic=13, matrix_coefficients=6)
    off = np.abs(seen(data) - COLOURS)
    assert off.max() <= 10 and off.mean() < 2.5 and "Display P3" in inspect(io.BytesIO(data)).told


def png_of(colours, *chunks):
    return png(np.asarray(patches(colours)), chunks, depth=8)


def test_a_png_states_its_gamma_and_primaries():
    linear, adobe = in_space("linear")[0], in_space("Adobe RGB")[0]
    chrm = struct.pack(">8I", 31270, 32900, *(round(1e5 * v) for xy in ADOBE_RGB for v in xy))
    assert np.abs(seen(png_of(linear, (b"gAMA", struct.pack(">I", 100000)))) - COLOURS).mean() < 3
    assert np.abs(seen(png_of(adobe, (b"cHRM", chrm), (b"gAMA", struct.pack(">I", 45470)))) - COLOURS).max() <= 12
    usual = png_of(COLOURS, (b"gAMA", struct.pack(">I", 45455)))
    assert np.array_equal(seen(usual), COLOURS) and inspect(io.BytesIO(usual)).told == ""
    assert np.array_equal(seen(png_of(COLOURS, (b"sRGB", b"\0"), (b"gAMA", struct.pack(">I", 100000)))), COLOURS)
    assert np.array_equal(seen(png_of(COLOURS, (b"cHRM", bytes(32)))), COLOURS)


def test_the_report_counts_what_was_converted(tmp_path, capsys):
    numbers, profile = in_space("Display P3")
    (tmp_path / "phone").mkdir()
    for i in range(3):
        (tmp_path / "phone" / f"{i}.png").write_bytes(saved(patches(np.roll(numbers, i, axis=0)), icc_profile=profile))
    (tmp_path / "phone" / "plain.png").write_bytes(picture())
    note = "the colours of 3 pictures were converted from Display P3 to sRGB"
    assert report_on(str(tmp_path / "phone"))[0].notes == (note,) == report_on(str(tmp_path / "phone"))[0].notes   # looked at once, then kept
    assert call(capsys, "data", "check", str(tmp_path / "phone"))[1]["notes"] == [note]
    files = [(path.name, path.read_bytes()) for path in (tmp_path / "phone").iterdir()]
    assert read_upload(store_upload(files, "x")).report.sentence() == f"4 images kept; {note}"


@pytest.mark.filterwarnings("ignore::UserWarning", "ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize("whole", [png(coloured(12)), tiff(coloured(12)), saved(patches(COLOURS), icc_profile=in_space("Adobe RGB")[1]),
                                   saved(Image.new("CMYK", (32, 32)), "JPEG", icc_profile=cmyk_profile())], ids=["png", "tiff", "profile", "cmyk"])
def test_broken_bytes_never_raise_anything_else(whole):
    rng = np.random.default_rng(0)
    for _ in range(60):
        data = bytearray(whole[: rng.integers(len(whole) // 2, len(whole) + 1)])
        for at in rng.integers(0, min(len(data), 900), 3):
            data[at] = rng.integers(0, 256)
        with contextlib.suppress(DataError):
            pixels(bytes(data))
