"""What a run is asked to do: everything that fixes its bits, and nothing else."""

from typing import Literal

import torch
from pydantic import BaseModel, ConfigDict, Field, model_validator

from genlab.data import DataSpec, resolve
from genlab.errors import ConfigError
from genlab.models import MODELS, find_model
from genlab.settings import build_config

ACCELERATORS = {"cuda": torch.cuda.is_available, "mps": torch.backends.mps.is_available}


class TrainPlan(BaseModel):
    """A training run, from data to last step. Same plan and machine, same bits on a CPU."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: str = Field(default="vae", title="Model")
    settings: dict = Field(default_factory=dict, title="Model settings", description="Fields of the model's config; the rest is default.")
    data: DataSpec = Field(default_factory=DataSpec)
    epochs: int = Field(default=30, ge=1, le=100_000, title="Epochs", description="Passes over the training images.")
    max_steps: int | None = Field(default=None, ge=1, title="Steps at most", description="Ends the run early; empty means no such bound.")
    batch_size: int = Field(default=128, ge=1, le=4096, title="Batch size", description="Images per step.", json_schema_extra={"unit": "images"})
    lr: float = Field(default=1e-3, gt=0, le=1, title="Learning rate", description="Adam's step size. Each model has its own default.",
                      json_schema_extra={"live": True})
    lr_schedule: Literal["constant", "cosine"] = Field(default="constant", title="Learning-rate schedule",
                                                       description="cosine falls smoothly to a hundredth at the end.")
    seed: int = Field(default=0, ge=0, lt=2**31, title="Seed", description="Fixes the first weights, the order of images and the noise.")
    snapshot_epochs: tuple[int, ...] = Field(default=(), title="Extra snapshots", description="Epochs to keep besides the growing grid.")
    precision: Literal["auto", "bf16", "fp32"] = Field(default="auto", title="Precision",
                                                       description="auto takes bf16 where the hardware has it; losses stay in fp32.")
    device: Literal["auto", "cpu", "cuda", "mps"] = Field(default="auto", title="Device")
    threads: int = Field(default=0, ge=0, le=256, title="CPU threads", description="0 takes what the process may use; bits depend on it.")

    @model_validator(mode="before")
    @classmethod
    def _lr_of_the_model(cls, values: dict) -> dict:
        model = MODELS.get(values.get("model")) if isinstance(values, dict) else None
        return {"lr": model.lr, **values} if model else values


def resolve_plan(plan: TrainPlan) -> TrainPlan:
    """The plan with nothing left open: data size and channels, every model setting, device, precision and threads.

    Raises ConfigError or DataError, naming the field, where the plan cannot be carried out.
    """
    data = resolve(plan.data)
    values = {**plan.settings, "size": data.size, "channels": data.channels}
    config = build_config(find_model(plan.model).Config, values)
    device = resolve_device(plan.device)
    return plan.model_copy(update={
        "data": data,
        "settings": config.model_dump(),
        "device": device,
        "precision": resolve_precision(plan.precision, device),
        "threads": plan.threads or torch.get_num_threads(),
    })


def has_device(device: str) -> bool:
    """Whether torch finds this device here."""
    return device == "cpu" or device in ACCELERATORS and ACCELERATORS[device]()


def refuse_faults(plan: TrainPlan) -> None:
    """ConfigError where settings of a new run do not go together: see ModelConfig.fault."""
    if fault := build_config(find_model(plan.model).Config, plan.settings).fault:
        raise ConfigError(f"{plan.model}: {fault}")


def resolve_device(asked: str) -> str:
    """The accelerator where there is one that a plan can name and "auto" is asked; else what is asked, or "cpu"."""
    return asked if asked != "auto" else next(filter(has_device, ACCELERATORS), "cpu")


def resolve_precision(asked: str, device: str) -> str:
    """bf16 for "auto" where the hardware multiplies it natively; emulation is slower than fp32."""
    if asked != "auto":
        return asked
    if device == "cuda":
        native = torch.cuda.is_bf16_supported(including_emulation=False)
    else:
        native = device == "cpu" and (torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())
    return "bf16" if native else "fp32"


def grid_epochs(epochs: int, extra: tuple[int, ...] = ()) -> frozenset[int]:
    """Epochs at whose end a snapshot is kept: 1, 2, 3, 5, 8, 13, ... (each about 1.6 times the last), extra and the last."""
    grid, a, b = {epochs, *(e for e in extra if 1 <= e <= epochs)}, 1, 2
    while a <= epochs:
        grid.add(a)
        a, b = b, a + b
    return frozenset(grid)
