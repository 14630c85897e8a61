"""A form made from a config: its fields' ranges, units, texts and choices become widgets, keyed `<form>.<field>`."""

import math
import types
import typing
from collections.abc import Iterable, Mapping
from types import MappingProxyType

import streamlit as st
from pydantic import BaseModel
from pydantic.fields import FieldInfo

SHOWN = 3   # a config names what matters first


def split_fields(Config: type[BaseModel], shown: int = SHOWN) -> tuple[list[str], list[str]]:
    """Names of the fields to have in view and of those to fold away. Fields that the data decides (from_data) are in neither."""
    names = [n for n, f in Config.model_fields.items() if not _extra(f).get("from_data")]
    first = [n for n in names if not _extra(Config.model_fields[n]).get("advanced")][:shown]
    return first, [n for n in names if n not in first]


def field_widgets(Config: type[BaseModel], names: Iterable[str], *, key: str, offered: Mapping[str, tuple] = MappingProxyType({})) -> dict:
    """A widget for each of these fields, wherever the caller draws, and the values that stand in them, by field.

    A field says what it is by its title, description, bounds and unit; numbers, switches and choices can be asked for.
    offered : of a field's choices those that can be had here, all where it is not named
    """
    return {name: _widget(Config, name, key=f"{key}.{name}", offered=offered.get(name)) for name in names}


def prefill(values: dict, *, key: str) -> None:
    """Make the form show these values when it is drawn next."""
    for name, value in values.items():
        st.session_state[f"{key}.{name}"] = value


def _widget(Config: type[BaseModel], name: str, *, key: str, offered: tuple | None = None) -> object:
    """The widget of one field, and what stands in it."""
    field = Config.model_fields[name]
    kind, optional = _kind(field.annotation)
    label, help_text = label_of(field, name), field.description
    keep = {"key": key, "help": help_text, "persist_state": "session"}
    if key not in st.session_state:
        st.session_state[key] = field.default   # not value=: a form may be filled in before it is drawn
    if kind is bool:
        return st.toggle(label, **keep)
    if choices(field):
        return st.segmented_control(label, offered or choices(field), required=True, on_change=_take_preset, args=(field, key), **keep)
    low, high, step = limits(field)
    cast = int if kind is int else float
    if st.session_state[key] is not None:
        st.session_state[key] = cast(min(max(st.session_state[key], low), high))   # another model's field of this name may reach further
    return st.number_input(label, cast(low), cast(high), step=cast(step), format=None if kind is int else "%.4g", width=150,
                           placeholder="all" if optional else None, **keep)


def _take_preset(field: FieldInfo, key: str) -> None:
    """What a choice brings with it (json_schema_extra["presets"]: values of other fields, by choice) goes into the form."""
    if presets := _extra(field).get("presets"):
        prefill(presets[st.session_state[key]], key=key.rpartition(".")[0])


def choices(field: FieldInfo) -> tuple:
    """What a field of fixed choices may be; empty for any other."""
    kind, _ = _kind(field.annotation)
    return typing.get_args(kind) if typing.get_origin(kind) is typing.Literal else ()


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
