"""Models ready to decode: loaded once, folded, in bf16 where the hardware has it, and dropped when others need the room."""

import copy
import hashlib
import os
import threading
import time
from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from genlab.errors import LabError
from genlab.latent.laws import LAWS, NORMAL
from genlab.lens.fold import fold_batch_norm
from genlab.lens.sources import NEWEST, Source, source_of
from genlab.models import GenerativeModel
from genlab.runs import Run, find_run, load_model, send
from genlab.runs.weights import drop_all_but_decoder, load_live_model
from genlab.training.plan import resolve_device, resolve_precision

BUDGET = int(os.environ.get("GENLAB_SERVING_MB", 256)) * 2**20
LARGEST_Z = 1000.0       # beyond it nothing changes but the risk of an overflow
BF16_TOLERANCE = 1.5     # grey levels, of the worst pixel of a few draws
GREY_LEVELS = 255
CHECK_S = 0.1            # a model at hand is trusted for so long before its file is looked at again
LIVE_S = 3.0             # a run that trains is asked for its weights so often while somebody looks at the newest


class ServedModel:
    """A model that works on arrays. Safe to use from several threads at once.

    A latent is one row of numbers here, whatever its shape in the model: D of them, 0 where the model has no latents. All but decode need
    an exact one: what bf16 does to a picture no one sees, but codes are measured.
    """

    def __init__(self, model: GenerativeModel, run_id: str, step: int, *, device: str = "cpu", precision: str = "fp32"):
        self.run_id, self.step, self.device = run_id, step, device
        self.space = model.space() if model.spaces(model.config) else None
        self.latent_dim, self.size, self.channels = self.space.dim if self.space else 0, model.config.size, model.config.channels
        self.can_encode, self.is_probabilistic = model.can_encode, model.is_probabilistic
        self.law = LAWS[self.space.noise] if self.space else NORMAL
        self._is_exact = precision == "fp32"
        if not self._is_exact or not self.can_encode:
            drop_all_but_decoder(model)
        fold_batch_norm(model)
        model = model.to(device, memory_format=torch.channels_last).requires_grad_(False)
        self._model, self._dtype = (model, torch.float32) if self._is_exact else _lightest(model)
        self.bytes = sum(t.numel() * t.element_size() for t in self._model.state_dict().values())

    @torch.inference_mode()
    def decode(self, z: np.ndarray) -> np.ndarray:
        """Images of latents.  (n, D) -> uint8 (n, H, W, C); LabError where z has another D or is not finite."""
        z = self.check(z)
        if not len(z):
            return np.empty((0, self.size, self.size, self.channels), np.uint8)
        return _to_pixels(self._model.decode(self._shaped(torch.from_numpy(z).to(self.device, self._dtype))))

    def paint(self, z: Tensor) -> Tensor:
        """Images of latents as numbers that a gradient flows through.  (n, D) -> float32 (n, C, H, W) in [0, 1]"""
        return self._exact().decode(self._shaped(z))

    @torch.inference_mode()
    def prior(self, n: int, seed: int) -> np.ndarray:
        """n draws from the prior, the same for a seed.  -> float32 (n, D)"""
        self._require_latents()
        return _row(self._exact().sample(n, torch.Generator().manual_seed(seed)))

    @torch.inference_mode()
    def encode(self, x: np.ndarray) -> np.ndarray:
        """Mean codes of images.  uint8 (n, C, H, W) -> float32 (n, D); LabError where the model has no encoder."""
        return _row(self._exact().encode(self._images(x)).mean)

    @torch.inference_mode()
    def sample_posterior(self, x: np.ndarray, seed: int) -> np.ndarray:
        """One draw of each image's code, the same for a seed.  uint8 (n, C, H, W) -> float32 (n, D)"""
        return _row(self._exact().encode(self._images(x)).sample(torch.Generator().manual_seed(seed)))

    @torch.inference_mode()
    def posterior(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
        """Mean and log variance of each image's code; None for a model without a spread.  uint8 (n, C, H, W) -> (n, D) twice"""
        q = self._exact().encode(self._images(x))
        return _row(q.mean), None if q.logvar is None else _row(q.logvar)

    @cached_property
    def digest(self) -> str:
        """What the weights are, in 16 letters: what others made of a latent is another picture."""
        found = hashlib.blake2b(digest_size=8)
        for name, tensor in self._exact().state_dict().items():
            found.update(name.encode() + tensor.cpu().contiguous().numpy().tobytes())
        return found.hexdigest()

    def _exact(self) -> GenerativeModel:
        if not self._is_exact:
            raise RuntimeError(f"{self.run_id}: this one only decodes; get(..., exact=True) gives one for codes")
        return self._model

    def _images(self, x: np.ndarray) -> Tensor:
        expected = (self.channels, self.size, self.size)
        if not self.can_encode:
            raise LabError(f"{self.run_id}: this model has no encoder; start from a seed, or find the image in its space first "
                           "(`python -m genlab invert`)")
        if x.dtype != np.uint8 or x.shape[1:] != expected:
            raise LabError(f"{self.run_id}: images are {x.dtype} of shape {x.shape}; uint8 (n, {', '.join(map(str, expected))}) is needed")
        return torch.from_numpy(x).to(self.device, torch.float32, memory_format=torch.channels_last).div_(GREY_LEVELS)

    def check(self, z: np.ndarray) -> np.ndarray:
        """z as float32 (n, D); LabError where it cannot be decoded."""
        self._require_latents()
        z = np.ascontiguousarray(z, np.float32)
        if z.ndim != 2 or z.shape[1] != self.latent_dim:
            raise LabError(f"{self.run_id}: z has shape {z.shape}; (n, {self.latent_dim}) is needed")
        if not (np.abs(z) <= LARGEST_Z).all():   # false for NaN too
            raise LabError(f"{self.run_id}: z holds NaN or a number beyond {LARGEST_Z:g}; a prior draw lies within {min(self.law.bound, 5):g}")
        if self.space.kind == "index" and z.size and not (z.min() >= 0 and z.max() <= self.space.levels - 1 and (z == np.rint(z)).all()):
            raise LabError(f"{self.run_id}: z holds {z.min():g} to {z.max():g}; whole numbers from 0 to {self.space.levels - 1} are its codes")
        return z

    def _require_latents(self) -> None:
        if self.space is None:
            raise LabError(f"{self.run_id}: this model has no latents: it turns images into images")

    def _shaped(self, z: Tensor) -> Tensor:
        """Rows as the model takes them.  (n, D) -> (n, *shape)"""
        z = z.unflatten(1, self.space.shape)
        return z.long() if self.space.kind == "index" else z


def _row(z: Tensor) -> np.ndarray:
    """Latents as rows of numbers.  (n, *shape) -> float32 (n, D)"""
    return z.flatten(1).float().cpu().numpy()


def _to_pixels(x: Tensor) -> np.ndarray:
    return x.float().mul(GREY_LEVELS).round_().clamp_(0, GREY_LEVELS).to(torch.uint8).permute(0, 2, 3, 1).contiguous().cpu().numpy()


@torch.inference_mode()
def _lightest(model: GenerativeModel) -> tuple[GenerativeModel, torch.dtype]:
    """The model in bf16 where its pictures stay the same to the eye, else as it is."""
    if not model.spaces(model.config) or model.space().kind != "real":
        return model, torch.float32
    light = copy.deepcopy(model).bfloat16()
    z = model.sample(8, torch.Generator().manual_seed(0))
    try:
        off = (light.decode(z.bfloat16()).float() - model.decode(z)).abs().max().item() * GREY_LEVELS
    except RuntimeError:   # a decoder that mixes in numbers of its own in float32
        return model, torch.float32
    return (light, torch.bfloat16) if off <= BF16_TOLERANCE else (model, torch.float32)


@dataclass
class _Entry:
    source: Source
    model: ServedModel
    checked: float   # time.monotonic() when the file was last looked at


Key = tuple[str, int, bool]   # run, step, exact


class ModelCache:
    """Served models by run and step: the least recently used leaves when together they take more than `budget` bytes."""

    def __init__(self, budget: int = BUDGET, device: str = "auto", precision: str = "auto"):
        self.budget = budget
        self.device = resolve_device(device)
        self.precision = resolve_precision(precision, self.device)
        self._entries: OrderedDict[Key, _Entry] = OrderedDict()
        self._lock = threading.Lock()
        self._loading: dict[Key, threading.Lock] = {}
        self._asked: dict[str, float] = {}   # when a run was last asked for newer weights

    def get(self, run_id: str, step: int = NEWEST, *, exact: bool = False) -> ServedModel:
        """The run's model at a kept step, or its newest weights; loaded where it is not at hand or its file has changed.

        An exact one computes in float32 and also encodes; the others only decode, in bf16 where the hardware has it. Raises
        RunError where the run or the step is not there, or what is there cannot be read.
        """
        key = (run_id, step, exact or self.precision == "fp32")
        model = self._at_hand(key)
        if model:
            return model
        run = find_run(run_id)
        source = source_of(run, step)
        if step == NEWEST:
            self._ask_for_newer(run)
        with self._lock:
            loading = self._loading.setdefault(key, threading.Lock())
        with loading:   # who comes second finds the model loaded
            return self._at_hand(key, source) or self._load(key, run, source)

    def _ask_for_newer(self, run: Run) -> None:
        """Let a run that trains write down its weights, for the next look at it: one scrubs a model as it learns."""
        now = time.monotonic()
        if now - self._asked.get(run.id, -LIVE_S) < LIVE_S:
            return
        self._asked[run.id] = now
        if not run.is_shipped and run.status.state == "running":
            with suppress(PermissionError):   # somebody else's run, on a shared disk
                send(run, "save")

    @property
    def bytes(self) -> int:
        """What all models at hand take together."""
        with self._lock:
            return self._sum()

    def _sum(self) -> int:
        return sum(entry.model.bytes for entry in self._entries.values())

    def _at_hand(self, key: Key, source: Source | None = None) -> ServedModel | None:
        """The model of this key if its file was looked at just now, or is known to be this source."""
        with self._lock:
            entry = self._entries.get(key)
            if entry is None:
                return None
            now = time.monotonic()
            if source == entry.source:
                entry.checked = now
            elif now - entry.checked > CHECK_S:
                return None
            self._entries.move_to_end(key)
            return entry.model

    def _load(self, key: Key, run: Run, source: Source) -> ServedModel:
        if source.is_state:
            model, step = load_live_model(run)
        else:
            step = int(source.path.stem)
            model = load_model(run, step)
        served = ServedModel(model, run.id, step, device=self.device, precision="fp32" if key[2] else self.precision)
        with self._lock:
            self._entries[key] = _Entry(source, served, time.monotonic())
            self._entries.move_to_end(key)
            while len(self._entries) > 1 and self._sum() > self.budget:
                self._loading.pop(self._entries.popitem(last=False)[0], None)
        return served


MODELS = ModelCache()
"""The server's own cache, shared by the decode socket, the thumbnails and the pages."""
