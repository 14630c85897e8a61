"""A form made from a config: its fields' ranges, units, texts and choices become widgets, keyed `<form>.<field>`."""

import math
import types
import typing
from collections.abc import Iterable

import streamlit as st
from pydantic import BaseModel
from pydantic.fields import FieldInfo

SHOWN = 3   # a config names what matters first; the rest is folded away


def settings_form(Config: type[BaseModel], *, key: str, names: Iterable[str] | None = None, shown: int = SHOWN) -> dict:
    """The values a person chose, by field: the first fields in view, the others behind "More settings".

    names picks and orders the fields; by default all but those that the data decides (from_data). A field says what it is by its
    title, description, bounds and unit. Only fields that a widget can show are asked for: numbers, switches and choices.
    """
    names = [n for n in names or Config.model_fields if not _extra(Config.model_fields[n]).get("from_data")]
    first = [n for n in names if not _extra(Config.model_fields[n]).get("advanced")][:shown]
    values = _widgets(Config, first, key)
    if rest := [n for n in names if n not in first]:
        with st.expander("More settings", key=f"{key}.more-{Config.__name__}"):
            values |= _widgets(Config, rest, key)
    return values


def prefill(values: dict, *, key: str) -> None:
    """Make the form show these values when it is drawn next."""
    for name, value in values.items():
        st.session_state[f"{key}.{name}"] = value


def _widgets(Config: type[BaseModel], names: list[str], key: str) -> dict:
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        return {name: field_widget(Config.model_fields[name], name, key=f"{key}.{name}") for name in names}


def field_widget(field: FieldInfo, name: str, *, key: str) -> object:
    """The widget of one field, and what stands in it."""
    kind, optional = _kind(field.annotation)
    label, help_text = label_of(field, name), field.description
    keep = {"key": key, "help": help_text, "persist_state": "session"}
    if key not in st.session_state:
        st.session_state[key] = field.default   # not value=: a form may be filled in before it is drawn
    if kind is bool:
        return st.toggle(label, **keep)
    if typing.get_origin(kind) is typing.Literal:
        return st.segmented_control(label, typing.get_args(kind), required=True, **keep)
    low, high, step = limits(field)
    cast = int if kind is int else float
    if st.session_state[key] is not None:
        st.session_state[key] = cast(min(max(st.session_state[key], low), high))   # another model's field of this name may reach further
    return st.number_input(label, cast(low), cast(high), step=cast(step), format=None if kind is int else "%g", width=150,
                           placeholder="all" if optional else None, **keep)


def label_of(field: FieldInfo, name: str) -> str:
    """The field's title with its unit."""
    unit = _extra(field).get("unit")
    return f"{field.title or name} ({unit})" if unit else field.title or name


def limits(field: FieldInfo) -> tuple[float, float, float]:
    """Smallest and largest value, and a step worth taking from the default. An open bound is moved in by a thousandth of the step."""
    bounds = {name: getattr(m, name) for m in field.metadata for name in ("ge", "gt", "le", "lt", "multiple_of") if hasattr(m, name)}
    step = bounds.get("multiple_of") or _step(field)
    low = bounds.get("ge", bounds["gt"] + step / 1000 if "gt" in bounds else -2**53 + 1)
    high = bounds.get("le", bounds["lt"] - (1 if _kind(field.annotation)[0] is int else step / 1000) if "lt" in bounds else 2**53 - 1)
    return low, high, step


def _step(field: FieldInfo) -> float:
    """1 for whole numbers; for others half the power of ten below the default."""
    if _kind(field.annotation)[0] is int:
        return 1
    return 10 ** math.floor(math.log10(field.default)) / 2 if field.default else 0.1


def ladder(field: FieldInfo, *values: float) -> list[float]:
    """Steps 1, 2, 5, 10 ... of a positive quantity, three powers of ten around its default, with 0 where it is allowed and these values."""
    low, high, _ = limits(field)
    middle = math.floor(math.log10(field.default or 0.1))
    rungs = {float(f"{m}e{power}") for power in range(middle - 2, middle + 3) for m in (1, 2, 5)}
    return sorted({v for v in rungs if low <= v <= high} | {float(v) for v in values} | ({0.0} if low == 0 else set()))


def _kind(annotation: object) -> tuple[object, bool]:
    """What a field holds, and whether it may also be left empty."""
    if isinstance(annotation, types.UnionType):
        kinds = [a for a in typing.get_args(annotation) if a is not types.NoneType]
        return kinds[0], True
    return annotation, False


def _extra(field: FieldInfo) -> dict:
    return field.json_schema_extra or {}
