"""One drawn person with a control for every factor: the browser asks for pictures at every move, Python hears where it ends."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import streamlit as st

from genlab.data.base import Attribute, DataSpec
from genlab.data.faces import FACTORS, IDENTITY, Factors, facts, render, sample_factors
from genlab.errors import DataError
from genlab.runs.pictures import png
from genlab.server.token import new_token
from genlab.ui.shell.components import component

GROUPS = {
    "": ("man", "glasses", "hat", "earrings", "beard", "moustache", "smile", "mouth_open", "eyes_open", "gaze", "age", "skin_tone",
         "yaw", "tilt", "light", "hair_colour", "hair_style", "background"),
    "Identity: proportions and wardrobe": IDENTITY,
}
NO_AND_YES = {"man": ("woman", "man")}
UNITS = {"age": " years", "yaw": "°", "tilt": "°", "light": "°"}
IDENTITY_INFO = tuple(Attribute(name, "continuous", -1.0, 1.0) for name in IDENTITY)
INFO = {a.name: a for a in FACTORS + IDENTITY_INFO}

_portrait = component("portrait", html="data/portrait/portrait.html", css="data/portrait/portrait.css", js="data/portrait/portrait.js")


@dataclass(frozen=True)
class Person:
    """Person number `number` of the stream that `seed` names, with some factors changed, seen at `size` pixels.

    Checked when made: DataError for a factor that is unknown or a value not allowed. strip names the factor shown from end to end.
    """

    number: int = 0
    seed: int = 0
    size: int = 256
    strip: str = "smile"
    changes: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self):
        for what, value, low, high in (("person", self.number, 0, 2**53), ("seed", self.seed, 0, 2**53), ("size", self.size, 16, 256)):
            if not isinstance(value, int) or not low <= value <= high:
                raise DataError(f"faces: {what} is {str(value)[:20]}; a whole number from {low} to {high} is needed")
        if not isinstance(self.strip, str) or self.strip not in INFO:
            raise DataError(f"faces: strip is {str(self.strip)[:20]}; the name of a factor is needed")
        factors = self.factors
        object.__setattr__(self, "changes", {name: float(factors[name][0]) for name in self.changes})   # a category's name becomes its number

    @cached_property
    def own(self) -> Factors:
        """This person without the changes."""
        return sample_factors(1, self.seed, self.number)

    @cached_property
    def factors(self) -> Factors:
        return self.own.with_(**self.changes)

    def png(self) -> bytes:
        """The portrait as a file."""
        return png(render(self.factors, self.size)[0].transpose(1, 2, 0))

    def table(self) -> dict[str, float | str]:
        """Every factor by name, categories by theirs."""
        return {name: value_of(INFO[name], float(self.factors[name][0])) for name in INFO}

    def query(self) -> dict[str, str | int]:
        """What stands in the address of this person's page."""
        rest = {"seed": self.seed, "size": self.size, "strip": self.strip}
        plain = Person(self.number)
        shown = {name: value for name, value in rest.items() if value != getattr(plain, name)}
        return {"person": self.number, **shown, **{name: _short(value_of(INFO[name], v)) for name, v in self.changes.items()}}


def value_of(attribute: Attribute, value: float) -> float | str:
    """A value as a person writes it: a category by its name, any other number with what float32 can hold."""
    return attribute.choices[int(value)] if attribute.kind == "categorical" else float(f"{value:.7g}")


def _short(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:.7g}"


def person_from(query: Mapping[str, str]) -> Person | None:
    """The person that an address names, None where it names none; DataError where it is damaged."""
    if "person" not in query:
        return None
    changes = {name: query[name] if INFO[name].kind == "categorical" else _number(name, query[name]) for name in INFO if name in query}
    numbers = {name: int(_number(name, query[name])) for name in ("seed", "size") if name in query}
    return Person(int(_number("person", query["person"])), **numbers, strip=query.get("strip", "smile"), changes=changes)


def _number(name: str, text: str) -> float:
    try:
        return float(text) if name in INFO else int(text)
    except ValueError:
        raise DataError(f"faces: {name}={text[:20]} in the address; a number is needed") from None


def face_of(spec: DataSpec, number: int) -> Person:
    """Face number `number` of a choice of faces, with the attributes that it has there."""
    tied = facts(spec, number, 1).attributes[0] if spec.correlations else ()
    return Person(number, spec.seed, changes={a.name: float(v) for a, v in zip(FACTORS, tied, strict=False)})


def show_portrait(person: Person, *, key: str) -> Person:
    """The person with a control for every factor; who it is where the hand was last taken away.

    `person` is who is there at first. Later runs of the page change nothing that is on the screen.
    """
    own = np.concatenate([person.own.attributes[0], person.own.identity[0]])
    result = _portrait(key=key, height="content", on_left_change=lambda: None, data={
        "face": {"seed": person.seed, "person": person.number, "size": person.size, "changes": dict(person.changes)}, "strip": person.strip,
        "own": dict(zip(INFO, map(float, own), strict=True)), "columns": list(INFO), "attributes": [a.name for a in FACTORS],
        "groups": list(GROUPS), "factors": [_control(group, INFO[name]) for group, names in GROUPS.items() for name in names],
        "token": st.session_state.setdefault("faces.token", new_token()),
    })
    return _left(result.left, person)


def _control(group: str, a: Attribute) -> dict:
    step = 1.0 if a.high - a.low >= 20 else 0.01
    label = a.name.replace("_", " ")
    choices = a.choices or NO_AND_YES.get(a.name, (f"no {label}", label))
    return {"name": a.name, "label": label, "kind": a.kind, "low": a.low, "high": a.high, "step": step,
            "unit": UNITS.get(a.name, ""), "choices": choices, "group": group}


def _left(left: object, person: Person) -> Person:
    """What the browser says, checked like anything from outside."""
    if not isinstance(left, dict):
        return person
    try:
        return replace(person, number=left["person"], size=left["size"], strip=left["strip"], changes=left["changes"])
    except (KeyError, TypeError, AttributeError):
        raise DataError("faces: the page sent what is no person; reload it") from None
