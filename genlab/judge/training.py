"""Training of the judge: fresh faces join a rolling pool, are made worse in many ways, and are read."""

import copy
import math
import time
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.optim import AdamW
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from genlab.data.faces import IDENTITY, render, sample_factors
from genlab.errors import RunError
from genlab.judge.calibration import calibrate
from genlab.judge.degrade import Degrade, LowRank
from genlab.judge.faces import Faces, Pool
from genlab.judge.judge import DAMAGE, Judge, JudgeConfig
from genlab.judge.loss import JudgeLoss
from genlab.judge.net import SIZE
from genlab.judge.plan import CALIBRATION, COMPONENTS, JudgePlan
from genlab.runs import Run
from genlab.runs.weights import load_state, save_state
from genlab.training import State

RANK = 512            # components of the low-rank degradation
FITTED_ON, CALIBRATED_ON = 3000, 6000   # pictures, or as many as the pool holds
ROW_EVERY = 100       # steps


class JudgeTrainer:
    """Takes single steps of a plan; can be captured and restored between any two."""

    def __init__(self, plan: JudgePlan, state: State | None = None):
        self.plan, self.step = plan, state.step if state else 0
        config = JudgeConfig(widths=plan.widths, features=plan.features)
        self.heads = config.heads()
        with torch.random.fork_rng():   # layers take their first weights from the one global generator
            torch.manual_seed(plan.seed)
            self.net = config.network().to(memory_format=torch.channels_last)
        self.ema = AveragedModel(self.net, multi_avg_fn=get_ema_multi_avg_fn(plan.ema), use_buffers=True)
        decayed = [p for p in self.net.parameters() if p.ndim > 1]
        others = [p for p in self.net.parameters() if p.ndim <= 1]
        groups = [{"params": decayed, "weight_decay": plan.weight_decay}, {"params": others, "weight_decay": 0.0}]
        self.optimizer = AdamW(groups, lr=plan.lr, fused=True)
        self.loss = JudgeLoss(self.heads, dict.fromkeys((*IDENTITY, DAMAGE.name), plan.traits))
        if state:
            self._restore(state)

    @cached_property
    def pool(self) -> Pool:
        return Pool(self.plan.seed, self.plan.pool, self.step * self.plan.fresh)

    @cached_property
    def degrade(self) -> Degrade:
        drawn = sample_factors(min(FITTED_ON, self.plan.pool), self.plan.seed + COMPONENTS)
        fitted = torch.from_numpy(render(drawn, SIZE)).float() / 255
        return Degrade(LowRank.fit(fitted, min(RANK, len(fitted) // 4)))

    @property
    def done(self) -> bool:
        return self.step >= self.plan.steps

    def run(self, folder: Path, seconds: float = math.inf, state_s: float = 120.0) -> Iterator[dict]:
        """Train until the plan or the time is over; a row every ROW_EVERY steps. The state is in `folder` every state_s seconds and at the end."""
        began = saved = time.monotonic()
        losses, parts = [], []
        while not self.done and time.monotonic() - began < seconds:
            loss, part = self.take_step()
            losses.append(loss)
            parts.append(part)
            if self.step % ROW_EVERY == 0 or self.done:
                names = [h.attribute.name for h in self.heads]
                yield {"step": self.step, "seconds": time.monotonic() - began, "loss": float(np.mean(losses)),
                       "parts": dict(zip(names, torch.stack(parts).mean(0).tolist(), strict=True))}
                losses, parts = [], []
            if time.monotonic() - saved > state_s:
                save_state(Run(folder).state_path, self.capture(), {})
                saved = time.monotonic()
        save_state(Run(folder).state_path, self.capture(), {})

    def take_step(self) -> tuple[float, Tensor]:
        """One update: its loss, and the loss of each attribute (K,)."""
        generator = torch.Generator().manual_seed(self.plan.seed * 1_000_003 + self.step)
        index = torch.randint(self.plan.pool, (self.plan.batch_size,), generator=generator)
        x, truth = self.pool.spoilt(index, self.degrade, generator)
        self._schedule()
        self.net.train()
        with torch.autocast("cpu", torch.bfloat16, enabled=self.plan.precision == "bf16"):
            outputs = self.net(x)[1]
        loss, parts = self.loss(outputs, truth)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        self.ema.update_parameters(self.net)
        self.step += 1
        self.pool.add(self.step * self.plan.fresh + self.plan.pool - self.plan.fresh, self.plan.fresh)
        return loss.item(), parts

    def _schedule(self) -> None:
        share = self.step / self.plan.steps
        rate = self.plan.lr * min(1.0, (share + 1e-4) / 0.02) * 0.5 * (1 + math.cos(math.pi * share))
        for group in self.optimizer.param_groups:
            group["lr"] = rate

    def capture(self) -> State:
        """Everything that the next step depends on, the pool aside, which is drawn again."""
        tensors = {f"net/{n}": t for n, t in self.net.state_dict().items()} | {f"ema/{n}": t for n, t in self.ema.state_dict().items()}
        for i, slots in self.optimizer.state_dict()["state"].items():
            tensors |= {f"optim/{i}/{key}": value for key, value in slots.items()}
        copies = {n: t.detach().clone().contiguous() for n, t in tensors.items()}
        return State(self.step, copies, {"step": self.step, "plan": self.plan.model_dump()})

    def _restore(self, state: State) -> None:
        if JudgePlan(**state.meta["plan"]) != self.plan:
            raise RunError(f"the judge's state at step {state.step} is of another plan; go on with that plan, or begin anew with --anew")
        for prefix, module in (("net/", self.net), ("ema/", self.ema)):
            module.load_state_dict({n.removeprefix(prefix): t for n, t in state.tensors.items() if n.startswith(prefix)})
        params = [p for group in self.optimizer.param_groups for p in group["params"]]
        slots: dict[int, dict[str, Tensor]] = {}
        for name, value in state.tensors.items():
            if name.startswith("optim/"):
                _, i, key = name.split("/")
                # fused AdamW walks memory, so a slot must lie in memory as its parameter does
                like = params[int(i)] if value.shape == params[int(i)].shape else value
                slots.setdefault(int(i), {})[key] = torch.empty_like(like, dtype=value.dtype).copy_(value)
        self.optimizer.load_state_dict({"state": slots, "param_groups": self.optimizer.state_dict()["param_groups"]})

    def judge(self, command: str) -> Judge:
        """The running mean of the weights, calibrated on faces that no step has seen, spoilt as in training."""
        plan = self.plan
        config = JudgeConfig(widths=plan.widths, features=plan.features, command=command, training={**plan.model_dump(), "step": self.step})
        net = copy.deepcopy(self.ema.module)
        generator = torch.Generator().manual_seed(plan.seed + CALIBRATION)
        n = min(CALIBRATED_ON, plan.pool)
        calibrate(net, self.heads, *Faces(plan.seed + CALIBRATION, 0, n).spoilt(torch.arange(n), self.degrade, generator))
        return Judge(config, net)


def resume(plan: JudgePlan, folder: Path) -> JudgeTrainer:
    """A trainer that goes on from the state in `folder`, or begins where there is none; RunError where it is of another plan."""
    folder.mkdir(parents=True, exist_ok=True)
    return JudgeTrainer(plan, load_state(Run(folder)))
