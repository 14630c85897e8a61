"""The one place that imports torchvision: `from genlab.data.vision import torchvision`.

Where pip finds a CPU build of torch, the torchvision wheel beside it may carry CUDA operators only. Its import then fails, since it
describes two operators that nobody has declared. Declared first, everything but those two works; we use neither.
"""

import torch

BOXES = "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"
UNDECLARED = {"torchvision::nms": BOXES, "torchvision::qnms": BOXES}

try:
    import torchvision
except RuntimeError as error:
    if "operator torchvision::" not in str(error):
        raise
    for name, schema in UNDECLARED.items():
        torch.library.define(name, schema)
    import torchvision

__all__ = ["torchvision"]
