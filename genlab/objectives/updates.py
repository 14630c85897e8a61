"""Adam and gradient descent for what the server itself optimizes: torch's own kernels, called without torch.optim.Optimizer.

The first step of any Optimizer imports all of torch.compile: 71 MB and a second, for a game of a few hundred weights or one latent.
The updates are bit for bit those of torch.optim.Adam and torch.optim.SGD (fused).
"""

from collections.abc import Iterable

import torch
from torch import Tensor
from torch.optim.adam import adam
from torch.optim.sgd import sgd

EPS = 1e-8


class Descent:
    """Gradient descent. param_groups holds the one group's parameters and lr, which may be changed between steps."""

    def __init__(self, params: Iterable[Tensor], lr: float):
        self.params = list(params)
        self.param_groups = [{"params": self.params, "lr": lr}]

    def zero_grad(self) -> None:
        for p in self.params:
            p.grad = None

    @torch.no_grad()
    def step(self) -> None:
        sgd(self.params, [p.grad for p in self.params], [None] * len(self.params), fused=True, weight_decay=0.0, momentum=0.0,
            lr=self.param_groups[0]["lr"], dampening=0.0, nesterov=False, maximize=False)

    def state_dict(self) -> dict:
        """All but the parameters."""
        return {name: value for name, value in self.param_groups[0].items() if name != "params"}

    def load_state_dict(self, state: dict) -> None:
        self.param_groups[0] |= state


class Adam(Descent):
    """D. Kingma and J. Ba, "Adam: a method for stochastic optimization", 2015, arXiv 1412.6980, algorithm 1; betas may be changed like lr."""

    def __init__(self, params: Iterable[Tensor], lr: float, betas: tuple[float, float]):
        super().__init__(params, lr)
        self.param_groups[0]["betas"] = betas
        self.m, self.v = ([torch.zeros_like(p, requires_grad=False) for p in self.params] for _ in range(2))
        self.steps = [torch.zeros((), device=p.device) for p in self.params]   # the kernel wants them where the parameters are

    @torch.no_grad()
    def step(self) -> None:
        group = self.param_groups[0]
        adam(self.params, [p.grad for p in self.params], self.m, self.v, [], self.steps, fused=True, foreach=False, amsgrad=False,
             beta1=group["betas"][0], beta2=group["betas"][1], lr=group["lr"], eps=EPS, weight_decay=0.0, maximize=False, capturable=False,
             differentiable=False, grad_scale=None, found_inf=None)

    def state_dict(self) -> dict:
        return {**super().state_dict(), "m": self.m, "v": self.v, "steps": self.steps}

    def load_state_dict(self, state: dict) -> None:
        state = dict(state)
        self.m, self.v, self.steps = (state.pop(name) for name in ("m", "v", "steps"))
        super().load_state_dict(state)
