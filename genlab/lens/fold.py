"""Batch norm folded into the convolution before it: the same pixels with one pass less over every feature map."""

from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval


def fold_batch_norm(model: nn.Module) -> int:
    """Fold every batch norm that directly follows a convolution in a Sequential, in place; how many that were.

    y = gamma (conv(x) - mean) / sqrt(var + eps) + beta is again a convolution: its kernels scaled, its bias moved. For
    models that only serve: the running statistics are gone afterwards. A batch norm anywhere else stays as it is.
    """
    folded = 0
    for layers in [m for m in model.modules() if isinstance(m, nn.Sequential)]:
        for i in range(len(layers) - 1):
            if _folds(layers[i], layers[i + 1]):
                layers[i] = fuse_conv_bn_eval(layers[i], layers[i + 1], transpose=isinstance(layers[i], nn.ConvTranspose2d))
                layers[i + 1] = nn.Identity()
                folded += 1
    return folded


def _folds(conv: nn.Module, norm: nn.Module) -> bool:
    if not isinstance(norm, nn.BatchNorm2d) or norm.running_var is None:
        return False
    # the kernels of a grouped transposed convolution lie in another order than the fusion expects
    return isinstance(conv, nn.Conv2d) or (isinstance(conv, nn.ConvTranspose2d) and conv.groups == 1)
