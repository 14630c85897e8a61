"""The colours of the set: one warm palette, chosen so that any two parts that touch can be told apart."""

import torch
from torch import Tensor


def rgb(*codes: str) -> Tensor:
    """Hex colours -> float (n, 3) in [0, 1]."""
    return torch.tensor([[int(code[i : i + 2], 16) / 255 for i in (0, 2, 4)] for code in codes])


SKIN = rgb("FFE1CE", "F7CBA9", "E5AC80", "C58A5C", "965E3C", "633C2A")          # evenly spaced from tone 0 to 1
HAIR = rgb("2E2529", "5F3D2B", "8E3D27", "CB6527", "DDB366")                    # HAIR_COLOURS
BACKGROUND = rgb("EFDCBD", "E09E7E", "B4C49B", "86BDB4", "93AACB", "A78DB0")    # BACKGROUNDS
CLOTHES = rgb("D8604A", "2F5D73", "E8B04A", "5B7F62", "F0E6D6", "6B4A6E", "36384C", "C98A8F")
GLASSES = rgb("26242B", "7A3F22", "B8302F", "2B5C9E", "1F7A6B", "C2902F")
HATS = rgb("B8433A", "2C4A63", "D9A441", "4F6B4A", "5A3E56", "8A5A3C")
EARRINGS = rgb("F2C14E", "E9EEF2", "E4573D", "2FA39A")
IRIS = rgb("5A3620", "7A5A2E", "4E7A48", "3F78A8", "6F8796")
LIPS = rgb("B4564F", "C2394B")                                                  # bare, and with colour on them
GREY, SCLERA, INK, TEETH, MOUTH, TONGUE = rgb("CBC8C9", "FBF6EF", "1E1619", "FFFBF3", "571A20", "D0666A")


def one(colour: Tensor, like: Tensor) -> Tensor:
    """A single colour, shaped and placed to be mixed with another -> (1, 3, 1, 1)."""
    return colour.to(like.device).view(1, 3, 1, 1)


def pick(colours: Tensor, which: Tensor) -> Tensor:
    """Rows of a palette by index (B,) -> (B, 3, 1, 1)."""
    return colours.to(which.device)[which][:, :, None, None]


def pick_share(colours: Tensor, share: Tensor) -> Tensor:
    """Rows of a palette by a number in [-1, 1] (B,), cut into equal parts -> (B, 3, 1, 1)."""
    return pick(colours, choice(share, len(colours)))


def choice(share: Tensor, n: int) -> Tensor:
    """A number in [-1, 1] -> one of n equal parts, as an index."""
    return ((share + 1) * (n / 2)).long().clamp(0, n - 1)


def along(colours: Tensor, t: Tensor) -> Tensor:
    """Colours at t in [0, 1] (B,) along an evenly spaced ramp -> (B, 3, 1, 1)."""
    colours = colours.to(t.device)
    place = t * (len(colours) - 1)
    low = place.long().clamp(0, len(colours) - 2)
    return torch.lerp(colours[low], colours[low + 1], (place - low)[:, None])[:, :, None, None]


def tint(colour: Tensor, *factors: float) -> Tensor:
    """A colour with its channels multiplied, kept in [0, 1]."""
    return (colour * torch.tensor(factors, device=colour.device).view(1, 3, 1, 1)).clamp(0, 1)


def lighten(colour: Tensor, share: float) -> Tensor:
    """A share of the way from a colour to a warm white."""
    return torch.lerp(colour, torch.tensor([1.0, 0.97, 0.91], device=colour.device).view(1, 3, 1, 1), share)
