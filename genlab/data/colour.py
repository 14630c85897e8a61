"""Colours as sRGB, whatever space a picture file keeps them in: by the profile that it brings, or by what it says of itself.

What is close to sRGB by its profile stays as it is, bit for bit. White in the file is white here (relative colorimetric, black point compensated).
"""

import io
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from PIL import ExifTags, Image, ImageCms

from genlab.data.profiles import ADOBE_GAMMA, ADOBE_RGB, D65, DISPLAY_P3, SRGB, power_curve, rgb_profile, srgb_curve

CLOSE = 2   # levels of 255 at most by which a space differs from sRGB that is taken for it
GAMMA, NEAR_GAMMA = 1 / 2.2, 0.02   # what programs write that mean sRGB
MODES = {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK", "Lab": "LAB"}   # of pictures, by the colour space of their profile
BROKEN = (ImageCms.PyCMSError, OSError, ValueError, TypeError, LookupError, ArithmeticError, RuntimeError)


@dataclass(frozen=True)
class Space:
    """What a picture's numbers mean.

    profile : of ICC, b"" for sRGB or where nothing is known; told : what its colours were taken for or converted to, or ""
    """

    profile: bytes = b""
    told: str = ""


def space_of(image: Image.Image, mode: str) -> Space:
    """The colour space of an opened picture of this colour mode, by its profile, else by its other marks."""
    profile = image.info.get("icc_profile")
    if isinstance(profile, bytes) and profile:
        name, change = described(profile, mode)
        if change == "unusable":
            named = {"LAB": "CIE L*a*b*", "CMYK": "plain CMYK"}.get(mode, "sRGB")
            told = f"were taken for {named}, since the profile {name!r} can't be used for them"
            return Space(_lab_profile() if mode == "LAB" else b"", told)
        return Space() if change == "close" else Space(profile, f"were converted from {name} to sRGB")
    if mode == "LAB":
        return Space(_lab_profile(), "were converted from CIE L*a*b* to sRGB")
    if mode == "CMYK":
        return Space(told="are approximate, since CMYK came without a profile")
    name, profile = _marked(image)
    if not profile or described(profile, mode)[1] != "convert":
        return Space()
    return Space(profile, f"were converted from {name} to sRGB")


def as_srgb(image: Image.Image, mode: str, space: Space) -> Image.Image:
    """A picture of 8 bits without transparency in sRGB, mode L or RGB: one of colour mode L stays grey."""
    if not space.profile:
        return image.convert("L" if mode == "L" else "RGB")
    transform, source = _transform(space.profile, mode)
    converted = ImageCms.applyTransform(image.convert(source), transform)
    return converted.convert("L") if mode == "L" else converted


def colour_mode(mode: str) -> str:
    """L, RGB, CMYK or LAB: what a picture of this mode is once its palette and its transparency are away."""
    if mode in ("CMYK", "LAB"):
        return mode
    return "L" if mode in ("1", "L", "LA", "La") or mode.startswith("I;16") else "RGB"


@lru_cache(maxsize=64)
def described(profile: bytes, mode: str) -> tuple[str, str]:
    """A profile's name, and what it does to pictures of a mode: "convert" them, leave them as they are ("close"), or "unusable"."""
    try:
        name = " ".join(ImageCms.getProfileDescription(io.BytesIO(profile)).split())
        name = "".join(c for c in name if c.isprintable())[:60] or "an unnamed space"
    except BROKEN:
        name = "damaged"
    try:
        transform, source = _transform(profile, mode)
        if mode in ("CMYK", "LAB"):
            return name, "convert"
        probe = _probe(mode)
        seen = ImageCms.applyTransform(probe.convert(source), transform).convert(mode)
    except BROKEN:
        return name, "unusable"
    return name, "close" if np.abs(np.asarray(seen, np.int16) - np.asarray(probe, np.int16)).max() <= CLOSE else "convert"


@lru_cache(maxsize=64)
def _transform(profile: bytes, mode: str) -> tuple[ImageCms.ImageCmsTransform, str]:
    """The way to sRGB, and the mode in which it takes pictures; ValueError for a profile of other pictures."""
    opened = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    source = MODES.get(opened.profile.xcolor_space.strip(), "")
    if source != mode and (source, mode) != ("RGB", "L"):   # grey pictures are often saved with a profile of coloured ones
        raise ValueError(f"a profile of {source or 'other'} pictures")
    flags = ImageCms.Flags.BLACKPOINTCOMPENSATION
    intent = ImageCms.Intent.RELATIVE_COLORIMETRIC
    return ImageCms.buildTransform(opened, ImageCms.createProfile("sRGB"), source, "RGB", renderingIntent=intent, flags=flags), source


def _probe(mode: str) -> Image.Image:
    """Every grey level, or 17 levels of each colour with each other."""
    if mode == "L":
        return Image.fromarray(np.arange(256, dtype=np.uint8)[None])
    levels = np.rint(np.linspace(0, 255, 17)).astype(np.uint8)
    return Image.fromarray(np.stack(np.meshgrid(levels, levels, levels), axis=-1).reshape(17, -1, 3))


@lru_cache(maxsize=1)
def _lab_profile() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()   # of D50, as in TIFF


def _marked(image: Image.Image) -> tuple[str, bytes]:
    """The space that a file without a profile names in some other way, and its profile; b"" for sRGB or none."""
    nclx = image.info.get("nclx_profile")
    if isinstance(nclx, dict) and nclx.get("color_primaries") == 12:
        return "Display P3", _display_p3()
    if _exif_says_adobe(image):
        return "Adobe RGB", _adobe_rgb()
    gamma, places = image.info.get("gamma"), image.info.get("chromaticity")
    if image.format != "PNG" or "srgb" in image.info or not (gamma or places):
        return "", b""
    return "the primaries and the gamma that the file states", _of_png(gamma or 0.0, tuple(places or ()))


def _exif_says_adobe(image: Image.Image) -> bool:
    """What cameras write that are set to Adobe RGB."""
    if image.format == "PNG" and "exif" not in image.info:   # Pillow would read the whole file to look for it
        return False
    try:
        exif = image.getexif()
        details = exif.get_ifd(ExifTags.IFD.Exif) if exif else {}
        colour_space = details.get(ExifTags.Base.ColorSpace)
        return colour_space == 2 or colour_space == 0xFFFF and str(exif.get_ifd(ExifTags.IFD.Interop).get(1, ""))[:3] == "R03"
    except (*BROKEN, SyntaxError, EOFError):
        return False


@lru_cache(maxsize=1)
def _adobe_rgb() -> bytes:
    return rgb_profile("Adobe RGB", ADOBE_RGB, power_curve(ADOBE_GAMMA))


@lru_cache(maxsize=1)
def _display_p3() -> bytes:
    return rgb_profile("Display P3", DISPLAY_P3, srgb_curve)


@lru_cache(maxsize=64)
def _of_png(gamma: float, places: tuple[float, ...]) -> bytes:
    """The profile of what gAMA and cHRM state: a file's gamma is 1 / 2.2 where a screen's is 2.2."""
    white, *primaries = zip(places[::2], places[1::2], strict=True) if len(places) == 8 else (D65, *SRGB)
    is_usual = not gamma or abs(gamma - GAMMA) < NEAR_GAMMA
    try:
        return rgb_profile("stated", tuple(primaries), srgb_curve if is_usual else power_curve(1 / gamma), white)
    except (ValueError, OverflowError):
        return b""
