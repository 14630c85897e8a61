"""What every benchmark prints and writes: medians, and ratios taken round by round."""

import json
import os
import platform
import statistics
from pathlib import Path

import torch

OUT = Path(__file__).resolve().parent / "results"


def machine() -> dict:
    """What the figures were measured on, without naming a machine."""
    load = os.getloadavg()[0]
    return {"cores": os.cpu_count(), "threads": torch.get_num_threads(), "torch": torch.__version__, "python": platform.python_version(),
            "accelerator": str(torch.accelerator.current_accelerator()) if torch.accelerator.is_available() else None, "load_before": round(load, 2)}


def ratios(rounds: dict[str, list[float]], mine: str) -> dict[str, float]:
    """Median over rounds of mine / other, for each other."""
    return {name: statistics.median(a / b for a, b in zip(rounds[mine], values, strict=True)) for name, values in rounds.items() if name != mine}


def show(title: str, columns: list[str], rows: list[list]) -> None:
    """Print a table."""
    cells = [columns, *[[f"{c:.3g}" if isinstance(c, float) else str(c) for c in row] for row in rows]]
    widths = [max(len(row[i]) for row in cells) for i in range(len(columns))]
    print(f"\n{title}")
    for row in cells:
        print("  " + "  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)))


def write(name: str, values: dict) -> None:
    """Write benchmarks/results/<name>.json."""
    OUT.mkdir(exist_ok=True)
    (OUT / f"{name}.json").write_text(json.dumps({"machine": machine(), **values}, indent=1))
    print(f"written to benchmarks/results/{name}.json")
