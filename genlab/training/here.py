"""What a plan comes to on the machine that trains it: what is open is filled in, what is not there is replaced, and both can be told."""

import os
import platform
import re
import warnings
from pathlib import Path

import torch

from genlab.errors import ConfigError
from genlab.training.plan import ACCELERATORS, TrainPlan, has_device, resolve_device, resolve_precision

WORDS = {"device": "on {}", "precision": "in {}", "threads": "with CPU threads: {}", "processor": "on {}", "torch": "with torch {}"}


def check_here(plan: TrainPlan) -> None:
    """Nothing where this machine has the device and the precision that a plan asks for by name; ConfigError says what it has."""
    if plan.device != "auto" and not has_device(plan.device):
        there = ", ".join(["cpu", *filter(has_device, ACCELERATORS)])
        raise ConfigError(f"TrainPlan.device = {plan.device!r}: this machine has no such device; it has {there}, and auto takes the fastest")
    if plan.precision == "bf16" and not _has_bf16(device := resolve_device(plan.device)):
        raise ConfigError(f"TrainPlan.precision = 'bf16': {device} cannot multiply in it here; fp32 is allowed, and auto takes what is fastest")


def settle(plan: TrainPlan) -> TrainPlan:
    """The plan with device, precision and threads that this process can give: what it names where that is there, else what there is.

    bf16 that was taken on a device which is not here becomes what is fast on the one that is. More threads than cores wait for each other.
    """
    is_moved = plan.device != "auto" and not has_device(plan.device)
    device = resolve_device("auto" if is_moved else plan.device)
    is_lost = plan.precision == "bf16" and (is_moved or not _has_bf16(device))
    return plan.model_copy(update={
        "device": device,
        "precision": resolve_precision("auto" if is_lost else plan.precision, device),
        "threads": plan.threads if 0 < plan.threads <= _cores() else torch.get_num_threads(),
    })


def facts(plan: TrainPlan) -> dict[str, str | int]:
    """What the bits of a settled plan depend on besides the plan: device, precision, threads (of a CPU), processor and torch's version."""
    on_cpu = {"threads": plan.threads, "processor": f"{_processor()}, {torch.backends.cpu.get_cpu_capability()}"}
    on = on_cpu if plan.device == "cpu" else {"processor": torch.cuda.get_device_name() if plan.device == "cuda" else platform.machine()}
    return {"device": plan.device, "precision": plan.precision, **on, "torch": torch.__version__}


def changes(before: dict, now: dict) -> str:
    """In words what is otherwise now, empty where nothing is; what is known of one side alone is no change."""
    names = [name for name in WORDS if name in before and name in now and before[name] != now[name]]
    if "device" in names:   # another device is another processor in any case
        names = [name for name in names if name != "processor"]
    return ", ".join(f"{WORDS[name].format(now[name])} instead of {before[name]}" for name in names)


def _has_bf16(device: str) -> bool:
    try:
        with warnings.catch_warnings(), torch.autocast(device, torch.bfloat16):
            warnings.simplefilter("ignore")
            x = torch.ones(2, 2, device=device)
            return (x @ x).dtype == torch.bfloat16
    except RuntimeError:
        return False


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _processor() -> str:
    try:
        found = re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text())
    except OSError:
        found = None
    return found[1].strip() if found else platform.processor() or platform.machine()
