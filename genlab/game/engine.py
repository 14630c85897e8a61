"""The game itself: D and G as small networks, one update at a time. Real-time on one core."""

import copy
import math

import torch
from torch import Tensor, nn
from torch.nn.functional import leaky_relu, linear
from torch.nn.utils import get_total_norm

from genlab.errors import ConfigError, Diverged
from genlab.game.config import GameConfig
from genlab.objectives import adversarial
from genlab.objectives.updates import Adam, Descent
from genlab.settings import build_config

POOL = 2**15        # real points that batches are drawn from
SHOWN = 256         # fakes that are looked at, always of the same noise
SAVE_EVERY = 200    # updates between two states to go back to


class Game:
    """A game that goes on by step(), or by step_D() and step_G() alone. Two games of one config give the same bits.

    D: points (n, 2) -> scores (n,); G: noise (n, noise_dim) -> points (n, 2). z: the noise of the fakes that are looked at.
    real, fake: the points of D's last update, (batch, 2); None before the first.
    """

    def __init__(self, config: GameConfig):
        self.config, self.data = config, config.data
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(config.seed)
            self.G = Net(config.noise_dim, config.hidden, config.layers, 2)
            self.D = Net(2, config.hidden, config.layers, 1)
        self.pool = torch.from_numpy(self.data.sample(POOL, config.seed))
        self.generator = torch.Generator().manual_seed(config.seed + 1)
        self.seed_z = config.seed + 2
        self.steps_D = self.steps_G = 0
        self.real: Tensor | None = None
        self.fake: Tensor | None = None
        self._optimizers = {name: self._optimizer(name) for name in ("D", "G")}
        self._good = self.capture()

    # -- playing ----------------------------------------------------------------------------------------------------

    def step(self) -> dict[str, float]:
        """k updates of D and one of G; the last loss of each, as loss_D and loss_G."""
        for _ in range(self.config.k):
            loss_D = self.step_D()
        return {"loss_D": loss_D, "loss_G": self.step_G()}

    def step_D(self) -> float:
        """One update of D on new points; its loss with penalties. Diverged where it is no longer finite, after going back."""
        config = self.config
        index = torch.randint(POOL, (config.batch,), generator=self.generator)
        with torch.no_grad():
            self.real, self.fake = self.pool[index], self.G(self.draw(config.batch, self.generator))
        scores = self.D(torch.cat([self.real, self.fake])).flatten()
        loss = adversarial.loss_D(config.loss, scores[: config.batch], scores[config.batch :])
        if config.loss == "wgan-gp" and config.gp:
            loss = loss + config.gp * adversarial.gradient_penalty(self.D, self.real, self.fake, self.generator)
        if config.r1:
            loss = loss + config.r1 * adversarial.r1(self.D, self.real)
        value = self._update("D", loss)
        if config.loss == "wgan":
            adversarial.clip_weights(self.D, config.clip)
        self.steps_D += 1
        return value

    def step_G(self) -> float:
        """One update of G on new noise; its loss. Diverged where it is no longer finite, after going back."""
        self.D.requires_grad_(False)
        try:
            score = self.D(self.G(self.draw(self.config.batch, self.generator))).flatten()
            value = self._update("G", adversarial.loss_G(self.config.loss, score))
        finally:
            self.D.requires_grad_(True)
        self.steps_G += 1
        if self.steps_G % SAVE_EVERY == 0:
            self._save()
        return value

    def _update(self, name: str, loss: Tensor) -> float:
        value, optimizer = loss.item(), self._optimizers[name]
        if not math.isfinite(value):
            self._rewind(f"the loss of {name}")
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return value

    def draw(self, n: int, generator: torch.Generator) -> Tensor:
        """Noise.  -> (n, noise_dim)"""
        if self.config.noise == "normal":
            return torch.randn(n, self.config.noise_dim, generator=generator)
        return 2 * torch.rand(n, self.config.noise_dim, generator=generator) - 1

    # -- looking ----------------------------------------------------------------------------------------------------

    @torch.no_grad()
    def fakes(self, n: int = SHOWN) -> Tensor:
        """What G makes of the first n numbers of a noise that never changes, so that each point can be followed.  -> (n, 2)"""
        return self.G(self.draw(n, torch.Generator().manual_seed(self.seed_z)))

    def gradient_norm(self, name: str) -> float:
        """Length of the gradient of the last update of "D" or "G"; 0 before the first."""
        grads = [p.grad for p in getattr(self, name).parameters() if p.grad is not None]
        return float(get_total_norm(grads)) if grads else 0.0

    @torch.no_grad()
    def scores(self, n: int = 1024) -> tuple[Tensor, Tensor]:
        """D's scores of n real points and of n fakes, the same points each time.  -> (n,) twice"""
        return self.D(self.pool[:n]).flatten(), self.D(self.fakes(n)).flatten()

    def accuracy(self, n: int = 1024) -> tuple[float, float]:
        """Shares of n real points that D takes for real, and of n fakes that it takes for made."""
        real, fake = adversarial.accuracy(self.config.loss, *self.scores(n))
        return real.item(), fake.item()

    # -- changing and keeping ---------------------------------------------------------------------------------------

    def set_live(self, name: str, value: float | str) -> None:
        """Change a setting of the game as it goes; ConfigError where that needs a new game or the value is not allowed."""
        live = self.config.live_fields()
        if name not in live:
            raise ConfigError(f"{name} cannot be changed while a game goes; {', '.join(live)} can")
        self.config = build_config(GameConfig, {**self.config.model_dump(), name: value})
        if name == "optimizer":
            self._optimizers = {n: self._optimizer(n) for n in ("D", "G")}
        elif name in ("lr_D", "lr_G"):
            self._optimizers[name[-1]].param_groups[0]["lr"] = getattr(self.config, name)
        elif name in ("beta1", "beta2") and self.config.optimizer == "adam":
            for optimizer in self._optimizers.values():
                optimizer.param_groups[0]["betas"] = self.config.beta1, self.config.beta2

    def capture(self) -> dict:
        """A copy of all that the next update depends on."""
        nets = {name: getattr(self, name).state_dict() for name in ("D", "G")}
        optimizers = {name: optimizer.state_dict() for name, optimizer in self._optimizers.items()}
        return copy.deepcopy({"config": self.config, "nets": nets, "optimizers": optimizers, "generator": self.generator.get_state(),
                              "steps": (self.steps_D, self.steps_G)})

    def restore(self, state: dict) -> None:
        """Go on from a captured state of this game as if nothing had happened since."""
        state = copy.deepcopy(state)
        self.config = state["config"]
        self._optimizers = {name: self._optimizer(name) for name in ("D", "G")}
        for name in ("D", "G"):
            getattr(self, name).load_state_dict(state["nets"][name])
            self._optimizers[name].load_state_dict(state["optimizers"][name])
        self.generator.set_state(state["generator"])
        self.steps_D, self.steps_G = state["steps"]

    def _save(self) -> None:
        if not all(bool(p.isfinite().all()) for net in (self.D, self.G) for p in net.parameters()):
            self._rewind("a weight")
        self._good = self.capture()

    def _rewind(self, what: str) -> None:
        """Back to the last good weights; settings stay as they were asked for, so that what is shown is what holds."""
        broken, asked = self.steps_G, self.config
        self.restore(self._good)
        for name in self.config.live_fields():
            if getattr(asked, name) != getattr(self.config, name):
                self.set_live(name, getattr(asked, name))
        raise Diverged(f"After {broken} steps of G {what} was no longer finite; the game is back at step {self.steps_G}. Smaller learning rates "
                       f"(D {self.config.lr_D:g}, G {self.config.lr_G:g} now) or R1 usually help.")

    def _optimizer(self, name: str) -> Descent:
        parameters, lr = getattr(self, name).parameters(), getattr(self.config, f"lr_{name}")
        if self.config.optimizer == "sgd":
            return Descent(parameters, lr)
        return Adam(parameters, lr, (self.config.beta1, self.config.beta2))


class Net(nn.Module):
    """Linear layers with LeakyReLU between them.  (n, c_in) -> (n, c_out)"""

    def __init__(self, c_in: int, hidden: int, layers: int, c_out: int):
        super().__init__()
        sizes = [c_in, *[hidden] * layers, c_out]
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in zip(sizes, sizes[1:], strict=False))

    def forward(self, x: Tensor) -> Tensor:
        *inner, last = self.layers
        for layer in inner:
            x = leaky_relu(linear(x, layer.weight, layer.bias), 0.2)
        return linear(x, last.weight, last.bias)
