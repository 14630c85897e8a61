"""The judge's network: 64 x 64 pictures to one feature vector, and from it, linearly, whatever can be said about a picture."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from genlab.data import Attribute

SIZE = 64      # pixels, the side of the pictures that it sees
PERSON = 96    # numbers that the traits are read from


@dataclass(frozen=True)
class Head:
    """Where an attribute's outputs lie: its logits, or its mean (in units of half its range) and its log variance."""

    attribute: Attribute
    columns: slice

    def scale(self, value: Tensor) -> Tensor:
        """The attribute's own units -> [-1, 1]."""
        return (2 * value - self.attribute.low - self.attribute.high) / (self.attribute.high - self.attribute.low)


def lay_out(attributes: tuple[Attribute, ...]) -> tuple[Head, ...]:
    """One head for each attribute, side by side: 1 logit for a binary, 2 numbers for a continuous one, a logit for each choice."""
    heads, start = [], 0
    for attribute in attributes:
        width = {"binary": 1, "continuous": 2, "categorical": len(attribute.choices)}[attribute.kind]
        heads.append(Head(attribute, slice(start, start + width)))
        start += width
    return tuple(heads)


def convolution(c_in: int, c_out: int, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(c_in, c_out, 3, stride, 1, bias=False), nn.BatchNorm2d(c_out))


def dense(c_in: int, c_out: int) -> nn.Sequential:
    return nn.Sequential(nn.Linear(c_in, c_out, bias=False), nn.BatchNorm1d(c_out), nn.SiLU())


class Residual(nn.Module):
    """Two convolutions beside a straight connection (He et al. 2016, figure 2)."""

    def __init__(self, c: int):
        super().__init__()
        self.first, self.second = convolution(c, c), convolution(c, c)

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(x + self.second(torch.relu(self.first(x))))


class JudgeNet(nn.Module):
    """Pictures in [0, 1] -> features and outputs.  (B, 3, 64, 64) -> (B, F), (B, O + I)

    The features feed the first O outputs, of the attributes, through one linear layer. The last I, of the person's traits, have a
    layer of their own, so that the features need not tell people apart. The buffers are what calibration.py fits.
    """

    def __init__(self, outputs: int, traits: int, widths: tuple[int, int, int, int], features: int):
        super().__init__()
        a, b, c, d = widths
        self.layers = nn.Sequential(
            nn.PixelUnshuffle(2),                                                     # 12 x 32 x 32: nothing is thrown away
            convolution(12, a), nn.ReLU(inplace=True), Residual(a),
            convolution(a, b, 2), nn.ReLU(inplace=True), Residual(b),                 # 16 x 16
            convolution(b, c, 2), nn.ReLU(inplace=True), Residual(c),                 # 8 x 8
            convolution(c, d, 2), nn.ReLU(inplace=True), nn.Flatten())                # 4 x 4
        self.to_features, self.to_outputs = dense(16 * d, features), nn.Linear(features, outputs)
        self.to_person, self.to_traits = dense(16 * d, PERSON), nn.Linear(PERSON, traits)
        self.register_buffer("temperature", torch.ones(outputs + traits))
        self.register_buffer("widening", torch.ones(outputs + traits))
        self.register_buffer("feature_mean", torch.zeros(features))
        self.register_buffer("feature_std", torch.ones(features))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        h = self.layers((2 * x - 1).contiguous(memory_format=torch.channels_last))
        features = self.to_features(h)
        outputs = torch.cat([self.to_outputs(features), self.to_traits(self.to_person(h))], dim=1)
        return features.float(), outputs.float()

    def calibrated(self, outputs: Tensor) -> Tensor:
        """Logits over their temperature; log variances with spreads times theirs; means as they are.  (B, O + I) -> (B, O + I)"""
        return outputs / self.temperature + 2 * self.widening.log()
