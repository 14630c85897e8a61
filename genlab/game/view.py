"""What is drawn of a game: D over the plane, what each fake feels, and the sheet that G makes of its noise. float32 arrays."""

import numpy as np
import torch

from genlab.data.shapes2d import EXTENT
from genlab.game.engine import SHOWN, Game
from genlab.objectives import adversarial


@torch.no_grad()
def heat_map(game: Game, cells: int = 48) -> np.ndarray:
    """D in the middle of each of cells x cells squares of [-EXTENT, EXTENT]^2, from the bottom row up.  -> (cells, cells)

    The probability that a point is real under the logistic losses, the bare score under the others.
    """
    at = (torch.arange(cells) + 0.5) * (2 * EXTENT / cells) - EXTENT
    y, x = torch.meshgrid(at, at, indexing="ij")
    score = game.D(torch.stack([x, y], dim=-1).reshape(-1, 2)).reshape(cells, cells)
    return (torch.sigmoid(score) if game.config.loss in adversarial.LOGISTIC else score).numpy()


@torch.no_grad()
def shades(game: Game, scores: tuple[torch.Tensor, torch.Tensor], cells: int = 48) -> tuple[np.ndarray, float, float]:
    """The heat map as uint8 around D's border between real and fake, at 127; scores are Game.scores.  -> (cells, cells), border, reach

    254 stands for border + reach and 0 for border - reach: probabilities from 0 to 1, targets from 0 to 1 under least squares,
    and for a critic, whose scores have no scale, the farthest that it goes from its border within the plane.
    """
    heat, loss = np.nan_to_num(heat_map(game, cells)), game.config.loss
    border = reach = 0.5
    if loss in adversarial.WASSERSTEIN:
        border = float(torch.nan_to_num(scores[0].mean() + scores[1].mean())) / 2
        reach = float(np.abs(heat - border).max()) or 1.0
    return np.rint(127 + 127 * np.clip((heat - border) / reach, -1, 1)).astype(np.uint8), border, reach


def arrows(game: Game, n: int = SHOWN) -> tuple[np.ndarray, np.ndarray]:
    """Fakes, and for each the way in which it would lower its own share of G's loss: minus that loss's gradient.  -> (n, 2) twice"""
    x = game.fakes(n).requires_grad_()
    felt, = torch.autograd.grad(n * adversarial.loss_G(game.config.loss, game.D(x).flatten()), x)
    return x.detach().numpy(), -felt.numpy()


@torch.no_grad()
def warped_grid(game: Game, lines: int = 17) -> np.ndarray:
    """Where G puts the crossings of a grid over its noise, each mesh of which is drawn equally often.  -> (lines, lines, 2)

    Only the first two numbers of noise vary, the others are at their middle; (lines, 1, 2), a curve, where there is but one.
    """
    share = torch.linspace(0.5, lines - 0.5, lines) / lines
    at = torch.special.ndtri(share) if game.config.noise == "normal" else 2 * share - 1
    first, second = torch.meshgrid(at, at if game.config.noise_dim > 1 else torch.zeros(1), indexing="ij")
    z = torch.zeros(first.numel(), game.config.noise_dim)
    for i, column in enumerate((first, second)[: game.config.noise_dim]):
        z[:, i] = column.flatten()
    return game.G(z).reshape(*first.shape, 2).numpy()
