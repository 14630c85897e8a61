"""The latent whose picture is nearest to an image: from an encoder's guess on by gradient descent.

J. Zhu, P. Krahenbuhl, E. Shechtman and A. Efros, "Generative Visual Manipulation on the Natural Image Manifold", 2016, arXiv 1609.03552,
section 3.1: the hybrid method, a feed-forward guess refined by optimisation. A pull towards the prior keeps the latent where G has been.
"""

import math
from dataclasses import dataclass

import numpy as np
import torch

from genlab.data import Progress
from genlab.errors import LabError
from genlab.lens.inversion.encoder import InverseEncoder, cost, encoder_of
from genlab.lens.models import ServedModel
from genlab.objectives.updates import Adam

LR, LR_END = 0.08, 0.01   # in spreads of the prior
PULL = 5e-4               # a latent as long as a draw from the prior costs as much as a mean squared error of this
FEWEST, MOST = 40, 200    # steps
SEARCHING = 2.5e10        # floating point operations of G that a search may take, each with a gradient: a second or two of a core


@dataclass(frozen=True)
class Inversion:
    """An image in a model's space.

    z : float32 (D,); x_hat : uint8 (C, S, S), what the model makes of it
    mse : mean squared error of x_hat, grey levels in [0, 1]; path : float32 (T,), the same at the encoder's guess and after each step
    """

    z: np.ndarray
    x_hat: np.ndarray
    mse: float
    path: np.ndarray

    @property
    def psnr(self) -> float:
        """Peak signal-to-noise ratio in decibels; infinity where nothing is lost."""
        return math.inf if self.mse == 0 else -10 * math.log10(self.mse)


def find(model: ServedModel, x: np.ndarray, seed: int = 0, progress: Progress = lambda share, what: None) -> Inversion:
    """An image in a model's space: by its own encoder where it has one, else searched for.  uint8 (C, S, S)

    The same for a seed. Raises LabError for images of another size, or a model whose pictures are not finite.
    """
    check_image(model, x)
    if model.can_encode:
        z = model.encode(x[None])[0]
        return _ended(model, z, x, np.zeros(0, np.float32))
    encoder = encoder_of(model, seed, progress)
    progress(1.0, "searching")
    return refine(model, encoder, x)


def refine(model: ServedModel, encoder: InverseEncoder, x: np.ndarray) -> Inversion:
    """From the encoder's guess to the latent with the least error and pull that Adam comes by.  uint8 (C, S, S)"""
    check_image(model, x)
    goal = torch.tensor(x)[None].float() / 255
    z = encoder(goal).to(model.device).clamp_(-model.law.bound, model.law.bound).requires_grad_(True)
    goal, steps = goal.to(model.device), int(min(max(SEARCHING / cost(model), FEWEST), MOST))
    optimizer = Adam([z], LR, (0.9, 0.99))
    best, least, path = z.detach().clone(), math.inf, []
    for step in range(steps + 1):
        mse = (model.paint(z) - goal).square().mean()
        loss = mse + PULL / model.law.std**2 * z.square().mean()
        path.append(mse.item())
        if not math.isfinite(loss.item()):
            raise LabError(f"{model.run_id}: what it makes of latents is not finite; its weights are damaged, choose another run or step")
        if loss.item() < least:
            best, least = z.detach().clone(), loss.item()
        if step < steps:
            optimizer.param_groups[0]["lr"] = model.law.std * (LR_END + (LR - LR_END) * 0.5 * (1 + math.cos(math.pi * step / steps)))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            with torch.no_grad():
                z.clamp_(-model.law.bound, model.law.bound)   # G has never been beyond
    return _ended(model, best[0].cpu().numpy(), x, np.array(path, np.float32))


def _ended(model: ServedModel, z: np.ndarray, x: np.ndarray, path: np.ndarray) -> Inversion:
    x_hat = model.decode(z[None])[0].transpose(2, 0, 1)
    mse = float(np.square((x_hat.astype(np.float32) - x) / 255).mean())
    return Inversion(z, x_hat, mse, path if len(path) else np.array([mse], np.float32))


def check_image(model: ServedModel, x: np.ndarray) -> None:
    """LabError where an image is not as the model's pictures are."""
    expected = (model.channels, model.size, model.size)
    if not isinstance(x, np.ndarray) or x.dtype != np.uint8 or x.shape != expected:
        found = f"{x.dtype} of shape {x.shape}" if isinstance(x, np.ndarray) else type(x).__name__
        raise LabError(f"{model.run_id}: the image is {found}; uint8 {expected} is needed")
