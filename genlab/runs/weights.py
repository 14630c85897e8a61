"""Weights and states on disk: safetensors only, checked on the way in. No code runs on load."""

import json
import os
import shutil
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from genlab.errors import RunError
from genlab.files import replacing
from genlab.models import GenerativeModel, build_model
from genlab.runs.folder import Run
from genlab.training import State, resolve_plan


def save_weights(path: Path, weights: dict[str, Tensor], *, half: bool = True) -> None:
    """Write weights, by default matrices and kernels in half precision; vectors (biases, batch statistics) stay whole.

    Half precision keeps a picture within a grey level and half the disk; the full precision is in the run's state.
    """
    if half:
        weights = {n: t.half() if t.ndim > 1 and t.is_floating_point() else t for n, t in weights.items()}
    with replacing(path) as temporary:
        _save(weights, temporary, {})


def beside_path(path: Path) -> Path:
    """Where the parts beside the decoder lie of a snapshot that is shipped in two files."""
    return path.with_name(f"{path.stem}.beside.safetensors")


def split_weights(source: Path, target: Path, beside: tuple[str, ...]) -> None:
    """Copy a snapshot into two files, the decoder and what is beside it: a large one then stays below what a file may have."""
    tensors, _ = _load(source)
    with replacing(beside_path(target)) as temporary:
        _save({n: t for n, t in tensors.items() if n.split(".")[0] in beside}, temporary, {"parts": "beside"})
    keep_decoder(source, target, beside)


def copy_weights(source: Path, target: Path) -> None:
    """Copy a snapshot, into one file whether it lies in one or two."""
    if not beside_path(source).exists():
        shutil.copyfile(source, target)
        return
    with replacing(target) as temporary:
        _save(_whole(source), temporary, {})


def keep_decoder(source: Path, target: Path, beside: tuple[str, ...]) -> None:
    """Copy a snapshot without the parts beside the decoder: enough to show what the model painted at that time."""
    tensors, _ = _load(source)
    kept = {n: t for n, t in tensors.items() if n.split(".")[0] not in beside}
    with replacing(target) as temporary:
        _save(kept, temporary, {"parts": "decoder"})


def load_weights(path: Path) -> dict[str, Tensor]:
    """Weights by name, floats as float32; RunError where the file is missing, damaged or holds a number that is not finite."""
    tensors = _whole(path)
    weights = {n: t.float() if t.is_floating_point() else t for n, t in tensors.items()}
    bad = [n for n, t in weights.items() if not t.isfinite().all()]
    if bad:
        raise RunError(f"{path.name}: {bad[0]} holds numbers that are not finite; the weights are of no use")
    return weights


def save_state(path: Path, state: State, extra: dict) -> None:
    """Write a state and its meta data as one file, so that they can never be of different steps."""
    with replacing(path) as temporary:
        _save(state.tensors, temporary, {**state.meta, **extra})


def load_state(run: Run) -> State | None:
    """The last state of a run, None where there is none; meta holds what was saved beside it."""
    if not run.state_path.exists():
        return None
    tensors, meta = _load(run.state_path)
    if "step" not in meta:
        raise RunError(f"{run.id}: state.safetensors holds no step; it is not a state")
    return State(meta["step"], tensors, meta)


def load_model(run: Run, step: int | None = None, device: str = "cpu") -> GenerativeModel:
    """The run's model as it was at a kept snapshot, by default the newest, ready to encode and decode.

    Older snapshots of shipped runs hold the decoder alone; can_encode is then False.
    Raises RunError where there is no such snapshot or the weights do not fit the config.
    """
    steps = run.snapshots()
    if step is None and not steps:
        raise RunError(f"{run.id}: no weights are kept yet; wait for the end of its first epoch")
    step = steps[-1] if step is None else step
    if step not in steps:
        raise RunError(f"{run.id}: no weights at step {step}; kept are {', '.join(map(str, steps)) or 'none'}")
    path = run.weights_path(step)
    return _built(run, load_weights(path), step, device, is_decoder=not is_whole(path))


def whole_steps(run: Run) -> list[int]:
    """The kept steps whose weights hold the whole model, not the decoder alone."""
    return [step for step in run.snapshots() if is_whole(run.weights_path(step))]


def is_whole(path: Path) -> bool:
    """Whether a snapshot holds the encoder too; reads the file's header alone."""
    return _meta(path).get("parts") != "decoder" or beside_path(path).exists()


def state_step(run: Run) -> int | None:
    """Step of the last state, None where there is none; reads the file's header alone."""
    return _meta(run.state_path).get("step") if run.state_path.exists() else None


def load_live_model(run: Run, device: str = "cpu") -> tuple[GenerativeModel, int]:
    """The run's model as of its last state, and the step of it: newer than the newest snapshot while the run trains."""
    state = load_state(run)
    if state is None:
        raise RunError(f"{run.id}: it has no state yet")
    weights = {name.removeprefix("model/"): t for name, t in state.tensors.items() if name.startswith("model/")}
    return _built(run, weights, state.step, device), state.step


def drop_all_but_decoder(model: GenerativeModel) -> None:
    """Take out what decode does without: pictures stay as they are, in half the memory or less."""
    for name in model.beside_decoder:
        if hasattr(model, name):   # an older snapshot of a shipped run never had them
            delattr(model, name)
    model.can_encode = False


def _built(run: Run, weights: dict[str, Tensor], step: int, device: str, *, is_decoder: bool = False) -> GenerativeModel:
    plan = run.plan
    model = build_model(plan.model, resolve_plan(plan).settings, plan.seed)
    if is_decoder:
        drop_all_but_decoder(model)
    fit_weights(model, weights, f"{run.id}, step {step}")
    return model.to(device, memory_format=torch.channels_last)


def fit_weights(model: GenerativeModel, weights: dict[str, Tensor], where: str) -> None:
    """Put weights into a model; RunError names the first that is missing, unknown or of another shape."""
    own = model.state_dict()
    for name in {**own, **weights}:
        if name not in weights or name not in own:
            raise RunError(f"{where}: {name} is {'missing' if name not in weights else 'not part of this model'}")
        if own[name].shape != weights[name].shape:
            raise RunError(f"{where}: {name} has shape {tuple(weights[name].shape)}; {tuple(own[name].shape)} is needed")
    model.load_state_dict(weights)


def _save(tensors: dict[str, Tensor], path: Path, meta: dict) -> None:
    try:
        save_file(tensors, path, {"genlab": json.dumps(meta)})
    except SafetensorError as error:   # it wraps the system's error in words
        if "No space left" in str(error) or "os error 28" in str(error):
            raise OSError(28, os.strerror(28)) from None
        raise


def _whole(path: Path) -> dict[str, Tensor]:
    """All tensors of a snapshot, of both files where it lies in two."""
    tensors, beside = _load(path)[0], beside_path(path)
    return tensors | _load(beside)[0] if beside.exists() else tensors


def _meta(path: Path) -> dict:
    """What was saved beside the tensors; reads the file's header alone."""
    return _load(path, names=())[1]


def _load(path: Path, names: tuple[str, ...] | None = None) -> tuple[dict[str, Tensor], dict]:
    try:
        with safe_open(path, framework="pt") as file:
            meta = json.loads((file.metadata() or {}).get("genlab", "{}"))
            return {name: file.get_tensor(name) for name in (file.keys() if names is None else names)}, meta
    except FileNotFoundError:
        raise RunError(f"{path.name}: the file is missing") from None
    except (SafetensorError, ValueError) as error:
        raise RunError(f"{path.name}: not a whole safetensors file ({str(error).splitlines()[0]})") from None
