"""What the measures of one run are computed from, each thing made once and no earlier than it is asked for."""

from collections.abc import Iterator
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from genlab.data import DataSpec, ImageSet, find_dataset, resolve
from genlab.data.base import Facts
from genlab.data.opened import Opened, opened, read_images
from genlab.data.streams import HELD_OUT, TEST
from genlab.errors import LabError
from genlab.judge.features import FeatureSpace, as_vectors, feature_space
from genlab.latent.pca import PCA, fit_pca
from genlab.measures.mixture import Mixture, fit_mixture
from genlab.models import GenerativeModel
from genlab.runs import Run, load_model
from genlab.runs.best import first_unseen
from genlab.training.batches import to_float, to_uint8

SAMPLERS = {"prior": "draws of the prior", "mixture": "draws of a Gaussian mixture fitted to the codes of its training images",
            "pca": "draws of the Gaussian of as many principal components of its training images"}
AT_ONCE = 50         # images in a forward pass
FITTED_ON = 4000     # training images that PCA and the mixture are fitted on, at most
FACTOR_IMAGES, DRAWN_AT_ONCE = 10_000, 500   # drawn for the scores that compare latents with factors


class Material:
    """A run at a snapshot, n images of each kind, and a seed.

    n : samples, and held-out images where there are as many; sampler : one of SAMPLERS; step : a kept snapshot, by default the newest
    first : the first held-out image that is used, by default the first that had no part in choosing this step
    """

    def __init__(self, run: Run, n: int, seed: int, sampler: str = "prior", step: int | None = None, first: int | None = None):
        if n < 2:
            raise LabError(f"evaluate: n = {n}; at least 2 images are needed")
        if sampler not in SAMPLERS:
            raise LabError(f"evaluate: sampler {sampler!r} is not known; there are {', '.join(SAMPLERS)}")
        self.run, self.n, self.seed, self.sampler = run, n, seed, sampler
        self.step = step
        if first is not None:
            self.first = first
        self.spec = resolve(run.plan.data)

    # -- the run ------------------------------------------------------------------------------------------------

    @cached_property
    def model(self) -> GenerativeModel:
        return load_model(self.run, self.step).requires_grad_(False)

    @property
    def encoder(self) -> GenerativeModel:
        """The model, if it can encode; LabError where it cannot."""
        if not self.model.can_encode:
            raise LabError(f"{self.run.id}: this measure encodes images, and there is no encoder"
                           + (f" at step {self.step}; the newest snapshot may have one" if self.step is not None else " in this model"))
        return self.model

    def require_spread(self) -> None:
        """LabError where the model's codes have no spread, as a plain autoencoder's."""
        if not self.encoder.is_probabilistic:
            raise LabError(f"{self.run.id}: this measure needs q(z|x), and the codes of this {self.model.title.lower()} have no spread; a VAE's have")

    @property
    def likelihood(self) -> str:
        """What p(x|z) is, in words; LabError where the model has none or its codes have no spread, so that there is no evidence to bound."""
        self.require_spread()
        if not self.model.likelihood:
            raise LabError(f"{self.run.id}: this measure needs log p(x|z), which this {self.model.title.lower()} does not give")
        return self.model.likelihood

    # -- images -------------------------------------------------------------------------------------------------

    @cached_property
    def _opened(self) -> Opened:
        return opened(self.spec, read_images(self.spec))

    def _part(self, part: str, most: int | None, first: int = 0) -> ImageSet:
        count = len(self._opened.at[part])
        return self._opened.take(part, list(range(first, count if most is None else min(first + most, count))))

    @cached_property
    def first(self) -> int:
        """The first held-out image that is measured with: those before it had a part in choosing this very step as the best."""
        return first_unseen(self.run, self.step, len(self._opened.at["test"]))

    @cached_property
    def held_out(self) -> ImageSet:
        """n held-out images, or all there are, that the step was not chosen by; LabError where they are the training images or one picture."""
        found = self._part("test", self.n, self.first)
        if np.array_equal(self._opened.at["train"], self._opened.at["test"]):
            raise LabError(f"{self.run.id}: its one image is both trained on and held out; measures need images it was not trained on")
        if len(found) > 1 and (found.x == found.x[0]).all():
            raise LabError(f"{self.run.id}: all {len(found)} held-out images are the same; different ones are needed to measure anything")
        return found

    @cached_property
    def train(self) -> ImageSet:
        """Every training image."""
        return self._part("train", None)

    @cached_property
    def samples(self) -> np.ndarray:
        """n samples as pictures: rounded to grey levels, as the real ones are.  uint8 (n, C, S, S)"""
        return self.pictures(self.sample(self.n, self.seed))

    @property
    def is_one_picture(self) -> bool:
        """Whether all samples are the same."""
        return bool((self.samples == self.samples[0]).all())

    def sample(self, n: int, seed: int) -> np.ndarray:
        """Decoded draws of the sampler.  -> float32 (n, C, S, S) in [0, 1]"""
        shape = (n, self.spec.channels, self.spec.size, self.spec.size)
        if self.sampler == "pca":
            return self.pca.sample(n, np.random.default_rng(seed)).reshape(shape).clip(0, 1).astype(np.float32)
        return self.decode(self.latents(n, seed))

    def latents(self, n: int, seed: int) -> Tensor:
        """Draws of the prior or of the mixture.  -> float32 (n, D)"""
        if self.sampler == "mixture":
            return torch.from_numpy(self.mixture.sample(n, np.random.default_rng(seed))).float()
        with torch.inference_mode():
            return self.model.sample(n, torch.Generator().manual_seed(seed)).clone()

    @torch.inference_mode()
    def decode(self, z: Tensor) -> np.ndarray:
        """Images of latents, checked.  (n, D) -> float32 (n, C, S, S) in [0, 1]; LabError where one is not finite."""
        x = torch.cat([self.model.decode(part) for part in z.split(AT_ONCE)])
        return self.checked(x).contiguous().numpy()

    def checked(self, x: Tensor) -> Tensor:
        """The images, if all are finite."""
        if bad := int((~x.isfinite().flatten(1).all(1)).sum()):
            raise LabError(f"{self.run.id}: {bad} of {len(x)} decoded images hold NaN or infinity; the weights may be damaged, choose another step")
        return x

    def pictures(self, x: np.ndarray) -> np.ndarray:
        """[0, 1] -> uint8"""
        return to_uint8(torch.from_numpy(x))

    def batches(self, x: np.ndarray) -> Iterator[Tensor]:
        """uint8 images in [0, 1], a few at a time."""
        for start in range(0, len(x), AT_ONCE):
            yield to_float(torch.from_numpy(x[start : start + AT_ONCE]))

    # -- codes --------------------------------------------------------------------------------------------------

    @torch.inference_mode()
    def posterior(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
        """Mean and log variance of each image's code, None for a model without a spread.  uint8 (N, ...) -> (N, D) twice"""
        posteriors = [self.encoder.encode(b) for b in self.batches(x)]
        mu = torch.cat([q.mean for q in posteriors]).numpy()
        return mu, torch.cat([q.logvar for q in posteriors]).numpy() if self.model.is_probabilistic else None

    @cached_property
    def codes(self) -> tuple[np.ndarray, np.ndarray | None]:
        """Mean and log variance of the held-out images' codes."""
        return self.posterior(self.held_out.x)

    @cached_property
    def mixture(self) -> Mixture:
        """Fitted to a draw of each training image's code, which is the code itself where it has no spread."""
        return fit_mixture(self.drawn(*self.posterior(self._part("train", FITTED_ON).x)), self.seed)

    def drawn(self, mu: np.ndarray, logvar: np.ndarray | None) -> np.ndarray:
        """A draw of each code; the code itself where it has no spread.  (N, D), (N, D) or None -> (N, D)"""
        if logvar is None:
            return mu
        return mu + np.exp(0.5 * logvar) * np.random.default_rng(self.seed).standard_normal(mu.shape)

    @cached_property
    def pca(self) -> PCA:
        """As many principal components of the training images as the model has latents."""
        return fit_pca(as_vectors(self._part("train", FITTED_ON).x), self.model.space().dim)

    # -- features -----------------------------------------------------------------------------------------------

    @cached_property
    def space(self) -> FeatureSpace:
        return feature_space(self.spec, self._part("test", self.n).x)

    @cached_property
    def real_features(self) -> np.ndarray:
        return self.space.of(self.held_out.x)

    @cached_property
    def fake_features(self) -> np.ndarray:
        return self.space.of(self.samples)

    @cached_property
    def train_features(self) -> np.ndarray:
        return self.space.of(self.train.x)

    # -- factors ------------------------------------------------------------------------------------------------

    @cached_property
    def factored(self) -> tuple[np.ndarray, Facts]:
        """Codes of 10 000 drawn images and their factors, known and independent, far from all training images; LabError for other data."""
        stream = find_dataset(self.spec.name).stream
        if stream is None:
            raise LabError(f"{self.run.id}: the factors of {self.spec.name} are not known; this measure needs drawn images, faces or scenes")
        spec = self.spec.model_copy(update={"correlations": ()})
        parts = [stream(spec, HELD_OUT + TEST + start, DRAWN_AT_ONCE) for start in range(0, FACTOR_IMAGES, DRAWN_AT_ONCE)]
        codes = np.concatenate([self.posterior(images.x)[0] for images in parts])
        return codes, Facts(np.concatenate([images.attributes for images in parts]), parts[0].attribute_info)

    def reference(self) -> str:
        """The held-out images in a protocol's words: all that chooses them."""
        s: DataSpec = self.spec
        tied = "".join(f" {a}~{b}={rho:g}" for a, b, rho in s.correlations)
        where = (f" path={s.path}" if s.path else "") + (f" fit={s.fit}" if s.fit != "crop" else "")
        others = f" from {self.first}" if self.first else ""
        return f"{s.name} {s.size}px x{s.channels} seed={s.seed} held-out={len(self.held_out)}{others} of share {s.test_share:g}{where}{tied}"
