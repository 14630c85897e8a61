"""One run in memory: a model, its optimizers, its batches and its noise, and how all of it is captured and restored."""

import math

import torch
from torch import Tensor
from torch.optim import Optimizer

from genlab.errors import ConfigError, RunError
from genlab.models import build_model
from genlab.settings import build_config
from genlab.training.batches import Batches, Data, to_size
from genlab.training.items import State
from genlab.training.plan import TrainPlan

LR_FLOOR = 0.01   # what is left of the learning rate at the end of a cosine schedule


class Trainer:
    """Takes single steps of a resolved plan. Two trainers of one plan give the same bits on a CPU."""

    def __init__(self, plan: TrainPlan, data: Data):
        if plan.device == "cpu" and torch.get_num_threads() != plan.threads:
            torch.set_num_threads(plan.threads)   # the order of sums, hence the last bit, depends on it
        self.plan, self.lr, self.step, self.seconds = plan, plan.lr, 0, 0.0
        self.model = build_model(plan.model, plan.settings, plan.seed).to(plan.device, memory_format=torch.channels_last)
        self.model.precision = plan.precision
        self.batches = Batches(data, plan.batch_size, plan.seed, plan.device)
        self.noise = torch.Generator(plan.device).manual_seed(plan.seed + 1)
        steps = plan.epochs * self.batches.steps_per_epoch
        self.total_steps = min(steps, plan.max_steps or steps)
        self.phases = self.model.phases(self.model.config, self.total_steps)
        self._enter(0)

    def _enter(self, phase: int) -> None:
        """Begin a phase, or go back to it: with its optimizers, new."""
        self.phase = phase
        self.model.enter(phase, sum(p.steps for p in self.phases[:phase]))
        self.optimizers = self.model.optimizers(self.plan.lr)

    @property
    def size(self) -> int | None:
        """Side of the images that the phase learns from, None where it is the data's own."""
        return self.phases[self.phase].size

    @property
    def epoch(self) -> float:
        """Passes over the data so far."""
        return self.step / self.batches.steps_per_epoch

    @property
    def epoch_ended(self) -> bool:
        return self.step % self.batches.steps_per_epoch == 0

    def take_step(self) -> dict[str, Tensor]:
        """One update; its metrics, detached."""
        if self.step >= sum(p.steps for p in self.phases[: self.phase + 1]):
            self._enter(self.phase + 1)
        self._schedule()
        metrics = self.model.train_step(to_size(self.batches.batch(self.step), self.size), self.optimizers, self.noise)
        self.step += 1
        return {name: value.detach() for name, value in metrics.items()}

    def _schedule(self) -> None:
        share = 1.0
        if self.plan.lr_schedule == "cosine":
            share = LR_FLOOR + (1 - LR_FLOOR) * 0.5 * (1 + math.cos(math.pi * min(1.0, self.step / self.total_steps)))
        for optimizer in self.optimizers.values():
            for group in optimizer.param_groups:
                group["lr"] = self.lr * share * group.get("lr_scale", 1.0)

    def set_live(self, name: str, value: float | str) -> None:
        """Change the learning rate or a live setting of the model; ConfigError where that is not possible."""
        if name != "lr":
            self.model.set_live(name, value)
        elif isinstance(value, float | int) and 0 < value <= 1:
            self.lr = float(value)
        else:
            raise ConfigError(f"lr = {value!r}: a learning rate lies in (0, 1]")

    def weights(self) -> dict[str, Tensor]:
        """A copy of the model's weights and buffers on the CPU."""
        return {name: _copy(t) for name, t in self.model.state_dict().items()}

    def load_weights(self, weights: dict[str, Tensor]) -> None:
        """Take these weights and buffers; RunError where they are of another model."""
        try:
            self.model.load_state_dict(weights)
        except RuntimeError as error:
            raise RunError(f"the weights are not of this {self.plan.model}: {str(error).splitlines()[-1].strip()}") from None

    def is_finite(self) -> bool:
        """True if no weight or buffer is NaN or infinite."""
        return all(bool(t.isfinite().all()) for t in self.model.state_dict().values())

    def capture(self) -> State:
        """A copy of everything that the next step depends on."""
        tensors = {f"model/{name}": t for name, t in self.weights().items()}
        groups = {}
        for name, optimizer in self.optimizers.items():
            saved = optimizer.state_dict()
            groups[name] = saved["param_groups"]
            for i, slots in saved["state"].items():
                tensors.update({f"optim/{name}/{i}/{key}": _copy(torch.as_tensor(value)) for key, value in slots.items()})
        tensors["generator/noise"] = self.noise.get_state().clone()
        meta = {"step": self.step, "seconds": self.seconds, "lr": self.lr, "settings": self.model.config.model_dump(), "optim": groups,
                "phase": self.phase}
        return State(self.step, tensors, meta)

    def restore(self, state: State) -> None:
        """Go on from a captured state as if nothing had happened in between; RunError where it is of another model."""
        if (phase := state.meta.get("phase", 0)) != self.phase:
            self._enter(phase)   # first, since what it sets up is then as it was when the state was captured
        self.load_weights({name.removeprefix("model/"): t for name, t in state.tensors.items() if name.startswith("model/")})
        try:
            for name, optimizer in self.optimizers.items():
                self._restore_optimizer(optimizer, f"optim/{name}/", state.tensors, state.meta["optim"][name])
            self._restore_noise(state.tensors["generator/noise"], state.step)
            self.step, self.seconds, self.lr = state.step, state.meta["seconds"], state.meta["lr"]
        except (KeyError, IndexError, ValueError, RuntimeError) as error:
            raise RunError(f"the state at step {state.step} is not of this {self.plan.model}: {error}") from None
        live = {name: state.meta["settings"][name] for name in self.model.Config.live_fields() if name in state.meta["settings"]}
        self.model.config = build_config(self.model.Config, {**self.model.config.model_dump(), **live})   # as it was, whatever is asked of new runs

    def _restore_noise(self, saved: Tensor, step: int) -> None:
        """Go on with the noise; where a device of another kind drew it, its generator means nothing here, and a new one begins."""
        if saved.numel() == self.noise.get_state().numel():
            self.noise.set_state(saved)
        else:
            self.noise.manual_seed((self.plan.seed + 1) * 1_000_003 + step)

    @staticmethod
    def _restore_optimizer(optimizer: Optimizer, prefix: str, tensors: dict[str, Tensor], groups: list) -> None:
        slots: dict[int, dict[str, Tensor]] = {}
        params = [p for group in optimizer.param_groups for p in group["params"]]
        for name, value in tensors.items():
            if name.startswith(prefix):
                index, key = name.removeprefix(prefix).split("/", 1)
                # fused Adam walks memory, so a slot must lie in memory as its parameter does
                like = params[int(index)] if value.shape == params[int(index)].shape else value
                slots.setdefault(int(index), {})[key] = torch.empty_like(like, dtype=value.dtype).copy_(value)
        optimizer.load_state_dict({"state": slots, "param_groups": groups})


def _copy(t: Tensor) -> Tensor:
    return t.detach().to("cpu", copy=True).contiguous()
