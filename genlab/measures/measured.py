"""A measured number with all that makes it mean something, and tables that say when two numbers cannot be compared."""

from dataclasses import dataclass, field
from typing import Literal

from genlab.latent.intervals import Estimate

Better = Literal["lower", "higher", ""]


@dataclass(frozen=True)
class Measured:
    """One measure of one run.

    value, low, high : in `unit`, with the ends of a 95 % interval; n : images it was measured on; seed : of all that was drawn
    protocol : what must be equal for two values to be comparable; better : which way is better, "" where neither is
    sentence : one line for people; parts : figures that explain the value
    """

    name: str
    value: float
    low: float
    high: float
    n: int
    seed: int
    protocol: str
    sentence: str
    unit: str = ""
    better: Better = ""
    parts: dict[str, float] = field(default_factory=dict)

    @classmethod
    def of(cls, name: str, found: Estimate, *, n: int, seed: int, protocol: str, sentence: str, unit: str = "", better: Better = "") -> "Measured":
        return cls(name, found.value, found.low, found.high, n, seed, protocol, sentence, unit, better, dict(found.parts))


def cell(m: Measured) -> str:
    """The value with its interval, to four digits."""
    return f"{m.value:.4g} [{m.low:.4g}, {m.high:.4g}]"


def table(columns: dict[str, list[Measured]]) -> list[str]:
    """Markdown lines: a row for each measure, a column for each run, and below it a note for each row whose protocols differ."""
    names = list(dict.fromkeys(m.name for column in columns.values() for m in column))
    found = {title: {m.name: m for m in column} for title, column in columns.items()}
    lines = ["| measure | unit | " + " | ".join(columns) + " | n | better |", "|---|---|" + "---|" * (len(columns) + 2)]
    for name in names:
        row = [found[title].get(name) for title in columns]
        there = [m for m in row if m]
        ns = ", ".join(dict.fromkeys(str(m.n) for m in there))
        lines.append(f"| {name} | {there[0].unit} | " + " | ".join(cell(m) if m else "" for m in row) + f" | {ns} | {there[0].better} |")
    return [*lines, *differing(columns)]


def differing(columns: dict[str, list[Measured]]) -> list[str]:
    """A sentence for each measure whose protocols differ between runs: those values must not be compared."""
    protocols: dict[str, dict[str, str]] = {}
    for title, column in columns.items():
        for m in column:
            protocols.setdefault(m.name, {})[title] = m.protocol
    return [f"{name} cannot be compared, its protocols differ: " + "; ".join(f"{title}: {p}" for title, p in by_run.items())
            for name, by_run in protocols.items() if len(set(by_run.values())) > 1]
