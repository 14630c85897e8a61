"""What a map is made of, and how: everything that fixes its bits besides the weights."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

MOST = 20_000   # images of one map


class MapPlan(BaseModel):
    """A map that can be asked for. Same plan, weights and machine, same map."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    method: Literal["umap", "pca", "tsne"] = Field(default="umap", title="Method",
                                                   description="UMAP keeps neighbourhoods, PCA straight lines, t-SNE clumps.")
    dims: Literal[2, 3] = Field(default=2, title="Dimensions", description="2 for a map, 3 for a look around.")
    n: int = Field(default=2000, ge=5, le=MOST, title="Images", description="Held-out images first, then training images.")
    neighbours: int = Field(default=15, ge=2, le=200, title="Neighbours",
                            description="Few show detail, many the whole; the perplexity of t-SNE.")
    min_dist: float = Field(default=0.1, ge=0, le=0.99, title="Smallest distance",
                            description="How close UMAP may put points; small makes tight clumps.")
    metric: Literal["euclidean", "cosine", "correlation", "manhattan"] = Field(default="euclidean", title="Metric",
                                                                               description="What near means; PCA knows only the first.")
    seed: int = Field(default=0, ge=0, lt=2**31, title="Seed", description="The same seed is the same map.")
    prior: int = Field(default=500, ge=0, le=5000, title="Prior draws",
                       description="Draws from the prior, mapped together with the images.")
