"""What a training of the judge is asked to do."""

from pydantic import BaseModel, ConfigDict, Field

COMPONENTS, CALIBRATION, EVALUATION, TWINS = 1, 2, 3, 4
"""Added to a plan's seed: faces that training never draws."""


class JudgePlan(BaseModel):
    """How a judge is trained. The same plan gives the same bits on one thread."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    steps: int = Field(default=9000, ge=1, title="Steps", description="Updates of the weights.")
    batch_size: int = Field(default=128, ge=4, le=4096, title="Batch", description="Pictures in a step.")
    traits: float = Field(default=0.3, ge=0, le=10, title="Weight of traits", description="Of each trait of the person, where an attribute has 1.")
    pool: int = Field(default=16384, ge=64, title="Pool", description="Faces kept ready to be drawn from.")
    fresh: int = Field(default=12, ge=0, title="Fresh faces", description="Faces drawn anew in each step, in place of the oldest.")
    lr: float = Field(default=3e-3, gt=0, le=1, title="Learning rate", description="The highest: up for 2 % of the steps, then down as a cosine.")
    weight_decay: float = Field(default=0.05, ge=0, le=1, title="Weight decay", description="Of AdamW.")
    ema: float = Field(default=0.998, ge=0, lt=1, title="EMA", description="Share of the old weights in the running mean that is shipped.")
    widths: tuple[int, int, int, int] = Field(default=(32, 64, 96, 128), title="Widths", description="Channels at 32, 16, 8 and 4 pixels.")
    features: int = Field(default=64, ge=4, le=512, title="Features", description="Length of the feature vector.")
    seed: int = Field(default=710_001, ge=0, title="Seed", description="Of the faces and of everything drawn; no dataset of the app has it.")
    precision: str = Field(default="bf16", pattern="^(bf16|fp32)$", title="Precision", description="Of the forward and backward pass.")
