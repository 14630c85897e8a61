"""A run as one file: out as a zip or an ONNX decoder, and in again with every check on the way."""

import hashlib
import io
import shutil
import tempfile
import warnings
import zipfile
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path, PureWindowsPath

import torch

from genlab.data.record import read_record
from genlab.errors import DataError, RunError
from genlab.paths import runs_dir
from genlab.runs.card import model_card
from genlab.runs.folder import Run, read_lines
from genlab.runs.packed import NAME, Member, as_run, members_of_files, members_of_folder, members_of_zip, reading
from genlab.runs.weights import fit_weights, load_model, load_state
from genlab.training import TrainPlan

MAX_BYTES = 2 * 1024**3   # of a run, unpacked


def export_zip(run: Run, *, with_state: bool = False) -> bytes:
    """The run as a zip: config, weights, metrics, events, pictures and a model card; the state to train on only if asked for.

    Raises RunError where the run keeps no weights yet: there would be nothing to use.
    """
    if not run.snapshots():
        raise RunError(f"{run.id}: no weights are kept yet; there is nothing to export")
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path in sorted(p for p in run.path.rglob("*") if p.is_file()):
            name = path.relative_to(run.path).as_posix()
            if NAME.fullmatch(name) and name != "MODEL_CARD.md" and (with_state or name != "state.safetensors"):
                archive.write(path, name, zipfile.ZIP_STORED if name.endswith((".safetensors", ".png")) else zipfile.ZIP_DEFLATED)
        archive.writestr("MODEL_CARD.md", model_card(run))
    return buffer.getvalue()


def import_zip(data: bytes, *, owner: str = "") -> Run:
    """A new run of one's own from a zip, exported or zipped again; nothing is written unless every check passes.

    Raises RunError where the file is not a run's zip, holds a member a run does not have (a pickle, a path that climbs out),
    would unpack to more than MAX_BYTES, is of another format version, or its weights do not fit its config or are not finite.
    """
    return _import(members_of_zip(data, MAX_BYTES), owner)


def import_folder(folder: Path, *, owner: str = "") -> Run:
    """A new run of one's own from an unpacked run, or the folder that holds it; errors as import_zip."""
    return _import(members_of_folder(folder), owner)


def import_files(files: Iterable[tuple[str, bytes]], *, owner: str = "") -> Run:
    """A new run of one's own from its files, by name and content; errors as import_zip."""
    return _import(members_of_files(files), owner)


def _import(members: list[Member], owner: str) -> Run:
    runs_dir().mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=".import-", suffix=".tmp", dir=runs_dir()))
    try:
        _unpack(as_run(members, MAX_BYTES), folder)
        run = Run(folder)
        config = run.config
        _check(run)
        run.write_config(replace(config, owner=owner, plan=_without_folders(config.plan)))
        target = _free_name(config.plan.model, config.plan.data.name, members_digest(folder))
        folder.chmod(0o755)   # mkdtemp made it private
        return Run(folder.rename(target))
    except (RunError, DataError) as error:
        raise RunError(str(error).replace(folder.name, "import")) from None
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def members_digest(folder: Path) -> str:
    """What all files of a folder hold, in 6 letters."""
    digest = hashlib.sha256()
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()[:6]


def _without_folders(plan: TrainPlan) -> TrainPlan:
    """The plan with no folder of this machine in it: a foreign config must not decide what is read here."""
    return plan.model_copy(update={"data": plan.data.model_copy(update={"path": PureWindowsPath(plan.data.path).name})})


def _unpack(members: list[Member], folder: Path) -> None:
    for sub in ("weights", "previews"):
        (folder / sub).mkdir()
    with reading():
        for member in members:
            _copy_bounded(member, folder / member.name)


def _copy_bounded(member: Member, target: Path) -> None:
    with member.open() as source, target.open("wb") as sink:
        left = member.size
        while chunk := source.read(1 << 20):
            left -= len(chunk)
            if left < 0:   # the header lied
                raise RunError(f"import: {member.name} is larger than the zip says; nothing was imported")
            sink.write(chunk)


def _check(run: Run) -> None:
    """Config, status, rows and every snapshot are what they claim to be; RunError otherwise."""
    status = run.status
    if status.state not in ("finished", "stopped", "failed", "interrupted", "parked"):
        run.write_status(replace(status, state="stopped", message=f"Imported at step {status.step}."))
    if (path := run.plan.data.record).exists():
        read_record(path)
    for name in ("metrics.jsonl", "events.jsonl"):
        if any(not isinstance(row, dict) or not isinstance(row.get("step"), int) for row in read_lines(run.path / name)[0]):
            raise RunError(f"import: {name} has a line without a step; it is not a run's")
    if not run.snapshots():
        raise RunError("import: the zip holds no weights")
    for step in run.snapshots():
        model = load_model(run, step)   # the newest is left: it is whole, older ones may hold the decoder alone
    if state := load_state(run):
        if bad := [n for n, t in state.tensors.items() if not t.isfinite().all()]:
            raise RunError(f"import: {bad[0]} in state.safetensors holds numbers that are not finite")
        fit_weights(model, {n.removeprefix("model/"): t for n, t in state.tensors.items() if n.startswith("model/")}, "import, state")


def _free_name(model: str, data: str, digest: str) -> Path:
    stem = f"{model}-{data}-imported-{digest}"
    taken = {p.name for p in runs_dir().iterdir()}
    names = [stem, *(f"{stem}-{i}" for i in range(2, 1000))]
    return runs_dir() / next(n for n in names if n not in taken)


def export_onnx(run: Run, step: int | None = None) -> bytes:
    """The decoder as ONNX (opset 17): input z float32 (n, D), output x_hat float32 (n, C, H, W) in [0, 1], n free.

    Checked before it is handed out: onnx's own checker, and the graph holds nothing but weights and standard operators.
    """
    import onnx  # a third of a second to import: only where it is used

    model = load_model(run, step)
    buffer = io.BytesIO()
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)   # the newer exporter takes seconds and two more packages
        torch.onnx.export(_Decoder(model).eval().to(memory_format=torch.contiguous_format), (torch.zeros(2, *model.space().shape),), buffer,
                          input_names=["z"], output_names=["x_hat"], dynamic_axes={"z": {0: "n"}, "x_hat": {0: "n"}}, opset_version=17, dynamo=False)
    data = buffer.getvalue()
    onnx.checker.check_model(onnx.load_from_string(data))
    return data


class _Decoder(torch.nn.Module):
    def __init__(self, model: torch.nn.Module):
        super().__init__()
        self.model = model

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        return self.model.decode(z)
