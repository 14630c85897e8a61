"""What the lab runs on, as far as it may use it: limits of a container or a batch job count."""

import shutil
from dataclasses import dataclass

import psutil
import torch
from dask.system import CPU_COUNT
from distributed.system import MEMORY_LIMIT

from genlab.paths import nearest, runs_dir
from genlab.training.plan import resolve_device, resolve_precision

GB = 1e9


@dataclass(frozen=True)
class Machine:
    """device: cpu, cuda, mps...; device_name in words; precision bf16 or fp32; memory of the machine or the container, in GB."""

    device: str
    device_name: str
    precision: str
    cores: int
    memory_gb: float


@dataclass(frozen=True)
class Load:
    """What is taken now: GB of memory held by this process, GB of disk free where runs are kept."""

    server_gb: float
    disk_free_gb: float


def machine() -> Machine:
    """What there is; the same for as long as the process lives."""
    device = resolve_device("auto")
    name = torch.cuda.get_device_name() if device == "cuda" else device.upper()
    return Machine(device, name, resolve_precision("auto", device), CPU_COUNT, MEMORY_LIMIT / GB)


def load() -> Load:
    """What is taken now."""
    return Load(psutil.Process().memory_info().rss / GB, shutil.disk_usage(nearest(runs_dir())).free / GB)
