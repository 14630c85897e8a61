"""How well images are rebuilt: mean squared error, PSNR, SSIM.

Z. Wang et al., "Image quality assessment: from error visibility to structural similarity", 2004, equation 13, with the paper's Gaussian
window of 11 pixels and sigma 1.5, K1 = 0.01, K2 = 0.03. Around every pixel: pictures are mirrored at their edges, as torchmetrics does.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from genlab.errors import LabError

WINDOW, SIGMA, K1, K2 = 11, 1.5, 0.01, 0.03
MOST_DB = 100.0   # of a picture without any error


def squared_error(x: Tensor, x_hat: Tensor) -> Tensor:
    """Mean squared error per pixel value of each image.  (B, C, H, W) in [0, 1] twice -> (B,)"""
    return (x - x_hat).square().flatten(1).mean(1)


def psnr(x: Tensor, x_hat: Tensor) -> Tensor:
    """Peak signal to noise ratio of each image, in dB, at most 100.  (B, C, H, W) in [0, 1] twice -> (B,)"""
    return -10 * squared_error(x, x_hat).clamp(min=10 ** (-MOST_DB / 10)).log10()


def ssim(x: Tensor, x_hat: Tensor) -> Tensor:
    """Structural similarity of each image, 1 for equal ones.  (B, C, H, W) in [0, 1] twice -> (B,); LabError below 11 px."""
    if min(x.shape[2:]) < WINDOW:
        raise LabError(f"ssim: images of {x.shape[3]} x {x.shape[2]} px; at least {WINDOW} x {WINDOW} are needed")
    b, c = x.shape[:2]
    rows, columns = (_window(side).to(x.dtype) for side in x.shape[2:])
    maps = (rows @ torch.stack([x, x_hat, x * x, x_hat * x_hat, x * x_hat]) @ columns.T).view(5, b, c, -1)
    mean_x, mean_y = maps[0], maps[1]
    var_x, var_y, cov = maps[2] - mean_x**2, maps[3] - mean_y**2, maps[4] - mean_x * mean_y
    c1, c2 = K1**2, K2**2
    value = (2 * mean_x * mean_y + c1) * (2 * cov + c2) / ((mean_x**2 + mean_y**2 + c1) * (var_x + var_y + c2))
    return value.flatten(1).mean(1)


def _window(side: int) -> Tensor:
    """The window's weighted means along a mirrored line of pixels as a matrix, many times quicker than a convolution.  -> (S, S)"""
    reach = WINDOW // 2
    weights = torch.exp(-0.5 * (torch.arange(-reach, reach + 1, dtype=torch.float64) / SIGMA).square())
    lines = F.pad(torch.eye(side, dtype=torch.float64)[None], (reach, reach), mode="reflect")[0].unfold(1, WINDOW, 1)   # (pixel, place, tap)
    return (lines @ (weights / weights.sum())).T
