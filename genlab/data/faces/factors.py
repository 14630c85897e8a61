"""What can be said about a face: the attributes that a picture shows, and the identity that stays when they change."""

from genlab.data.base import Attribute
from genlab.data.factors import FactorTable

HAIR_COLOURS = ("black", "brown", "auburn", "ginger", "blond")
HAIR_STYLES = ("bald", "buzz", "short", "quiff", "fringe", "curly", "bob", "wavy", "long", "braids")
BACKGROUNDS = ("sand", "terracotta", "sage", "teal", "blue", "plum")

FACTORS: tuple[Attribute, ...] = (
    Attribute("man"),
    Attribute("glasses"),
    Attribute("beard"),
    Attribute("moustache"),
    Attribute("hat"),
    Attribute("earrings"),
    Attribute("smile", "continuous", -0.5, 1.0),
    Attribute("mouth_open", "continuous", 0.0, 1.0),
    Attribute("eyes_open", "continuous", 0.3, 1.0),
    Attribute("age", "continuous", 20.0, 80.0),
    Attribute("skin_tone", "continuous", 0.0, 1.0),
    Attribute("yaw", "continuous", -25.0, 25.0),
    Attribute("tilt", "continuous", -15.0, 15.0),
    Attribute("gaze", "continuous", -1.0, 1.0),
    Attribute("light", "continuous", -60.0, 60.0),
    Attribute("hair_colour", "categorical", 0, len(HAIR_COLOURS) - 1, HAIR_COLOURS),
    Attribute("hair_style", "categorical", 0, len(HAIR_STYLES) - 1, HAIR_STYLES),
    Attribute("background", "categorical", 0, len(BACKGROUNDS) - 1, BACKGROUNDS),
)
"""The columns of a face's attributes. Angles (yaw, tilt, light) in degrees, positive to the viewer's right; age in years."""

SHARES = {"man": 0.5, "glasses": 0.4, "beard": 0.25, "moustache": 0.25, "hat": 0.25, "earrings": 0.35}
"""Share of faces that have each binary attribute; categories are equally likely, continuous ones uniform in their range."""

PROPORTIONS = (
    "face_width", "face_length", "jaw", "chin", "cheekbones", "forehead", "eye_size", "eye_distance", "eye_slant", "eye_colour",
    "brow_thickness", "brow_arch", "brow_height", "nose_length", "nose_width", "nose_tip", "mouth_width", "mouth_height", "lip_fullness", "ear_size",
)
WARDROBE = (
    "hair_volume", "hair_parting", "beard_length", "glasses_shape", "glasses_colour", "hat_shape", "hat_colour",
    "earring_shape", "earring_colour", "clothes_cut", "clothes_colour",
)
IDENTITY: tuple[str, ...] = PROPORTIONS + WARDROBE
"""The columns of a face's identity, each uniform in [-1, 1]: proportions, then what this person would wear."""

NAMES = tuple(a.name for a in FACTORS)


class Factors(FactorTable):
    """Everything that fixes n portraits: attributes (n, K) by FACTORS, identity (n, I) by IDENTITY."""

    DATASET = "faces"
    INFO = FACTORS
    IDENTITY = IDENTITY
