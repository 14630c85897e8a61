"""Run folders: whole or absent, resumable, exportable, and never lost."""

import io
import json
import os
import zipfile

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from genlab import files
from genlab.data import DataSpec
from genlab.errors import ConfigError, LabError, RunError
from genlab.jobs.ledger import has_more_steps
from genlab.runs import (
    begin,
    create_run,
    delete,
    empty_trash,
    execute,
    find_run,
    fork,
    lengthen,
    list_runs,
    load_model,
    rename,
    restore,
    send,
    trashed,
)
from genlab.runs.folder import Run, append_line, read_lines
from genlab.runs.pictures import tile
from genlab.runs.transfer import export_onnx, export_zip, import_zip
from genlab.runs.weights import load_state
from genlab.training import Pace, Row, TrainPlan

PACE = Pace(preview_s=0.05, state_s=1e9, park_s=0.2)


@pytest.fixture(autouse=True)
def places(tmp_path, monkeypatch):
    monkeypatch.setenv("GENLAB_RUNS", str(tmp_path / "runs"))
    monkeypatch.setenv("GENLAB_CHECKPOINTS", str(tmp_path / "checkpoints"))
    return tmp_path


def plan(**changes):
    tiny = {"data": DataSpec(name="digits", n=64, size=16), "settings": {"latent_dim": 2, "width": 4}, "epochs": 3, "batch_size": 16}
    return TrainPlan(**{**tiny, **changes})


def made(**changes):
    run = create_run(plan(**changes))
    execute(run, pace=PACE)
    return run


def same_state(a, b):
    x, y = load_state(a).tensors, load_state(b).tensors
    return x.keys() == y.keys() and all(torch.equal(t, y[n]) for n, t in x.items())


def test_a_run_goes_from_queued_to_finished_and_keeps_everything():
    run = create_run(plan(), title="  My   first ", owner="ann")
    assert run.status.state == "queued" and run.title == "My first" and run.config.owner == "ann"
    status = execute(run, pace=PACE)
    assert status.state == run.status.state == "finished" and run.status.step == 12
    assert run.snapshots() == [4, 8, 12] and [e["kind"] for e in run.events()] == ["started", "finished"]
    rows, offset = run.metrics()
    assert [r["step"] for r in rows if "train/loss" in r] == list(range(1, 13)) and run.metrics(offset) == ([], offset)
    assert {p.stem for p in (run.path / "previews").iterdir()} >= {"live-recon", "live-samples", "4-recon", "12-samples"}
    assert find_run(run.id) == run and list_runs() == [run]


def test_what_is_loaded_is_what_was_trained():
    run = made()
    weights = load_state(run).tensors
    model = load_model(run)
    for name, t in model.state_dict().items():
        torch.testing.assert_close(t, weights[f"model/{name}"], atol=1e-3, rtol=1e-3)
    assert not torch.equal(load_model(run, 4).state_dict()["to_mu.weight"], model.state_dict()["to_mu.weight"])
    with pytest.raises(RunError, match="kept are 4, 8, 12"):
        load_model(run, 5)


def test_a_run_that_is_lengthened_ends_as_if_it_had_been_that_long():
    run = create_run(plan(), command="python -m genlab train --epochs 3 --title 'a b'")
    execute(run, pace=PACE)
    lengthen(run, 5)
    assert has_more_steps(run) and run.config.command == "python -m genlab train --epochs 5 --title 'a b'"
    begin(run)
    assert execute(run, pace=PACE).step == 20 and same_state(run, made(epochs=5))
    assert [e["kind"] for e in run.events()] == ["started", "finished", "lengthened", "started", "finished"]
    assert [r["step"] for r in run.metrics()[0] if "train/loss" in r] == list(range(1, 21))


@pytest.mark.parametrize(("changes", "epochs", "wants"), [
    ({}, 3, "its plan has 3, so 4 or more are needed"), ({"lr_schedule": "cosine"}, 9, "fork it"), ({"max_steps": 6}, 9, "6 steps at most")])
def test_what_cannot_be_lengthened_stays_as_it_is(changes, epochs, wants):
    run = made(**changes)
    with pytest.raises(RunError, match=wants):
        lengthen(run, epochs)
    assert run.plan.epochs == 3 and run.status.state == "finished"


def test_interrupted_then_resumed_is_bit_equal_and_rows_are_not_doubled():
    whole, cut = made(), create_run(plan())

    class Crash(Exception):
        pass

    def crash(item):
        if isinstance(item, Row) and item.step == 7 and cut.status.attempts == 0:
            raise Crash

    with pytest.raises(Crash):
        execute(cut, watch=crash, pace=Pace(preview_s=1e9, state_s=0))
    with (cut.path / "metrics.jsonl").open("a") as file:
        file.write('{"step": 7, "torn')
    assert cut.status.state == "failed"
    execute(cut, pace=PACE)
    assert same_state(whole, cut)
    rows = [r["step"] for r in cut.metrics()[0] if "train/loss" in r]
    assert rows == sorted(set(rows)) == list(range(1, 13))


def test_a_live_change_is_heard_and_a_stop_heard_once():
    run = create_run(plan(epochs=50))
    asked = iter([("set", "beta", 3.0), ("stop", "", 0.0)])

    def ask(item):
        if isinstance(item, Row) and item.step in (5, 9):
            send(run, *next(asked))

    assert execute(run, watch=ask, pace=PACE).state == "stopped" and run.status.step == 9
    assert [e["values"] for e in run.events() if e["kind"] == "changed"] == [{"beta": 3.0}]
    begin(run)
    assert execute(run, pace=PACE).state == "finished"


def test_what_was_asked_of_a_dead_run_does_not_stop_its_resume():
    run = create_run(plan())
    send(run, "stop")
    begin(run)
    assert execute(run, pace=PACE).state == "finished"


def test_bad_requests_are_refused():
    run = create_run(plan())
    with pytest.raises(ConfigError, match="'explode' cannot be asked"):
        send(run, "explode")
    with pytest.raises(ConfigError, match="lr, beta, free_bits can"):
        send(run, "set", "latent_dim", 3)


def test_a_held_run_is_running_and_an_abandoned_one_interrupted():
    run = create_run(plan())
    with run.lock().acquire():
        run.write_status(run.status.__class__(state="running", step=3))
        assert run.status.state == "running" and run.is_held
        with pytest.raises(RunError, match="another process trains it"):
            execute(run)
        with pytest.raises(RunError, match="stop it first"):
            delete(run)
    assert run.status.state == "interrupted" and "step 3" in run.status.message


def test_half_written_and_damaged_folders_are_not_listed(places):
    run = made()
    (places / "runs" / ".vae-x.tmp").mkdir()
    (places / "runs" / "empty").mkdir()
    odd = {"format": 1, "plan": {"modle": 1}}
    for name, text in [("cut", "{"), ("list", "[]"), ("future", json.dumps({"format": 99})), ("odd", json.dumps(odd))]:
        (places / "runs" / name).mkdir()
        (places / "runs" / name / "config.json").write_text(text)
        with pytest.raises(RunError):
            _ = Run(places / "runs" / name).config
    assert list_runs() == [run]


@pytest.mark.parametrize("run_id", ["", "..", "../runs", "a/b", "/etc", ".trash", "x" * 200, "no-such-run"])
def test_unknown_ids_never_reach_the_disk(run_id):
    made()
    with pytest.raises(RunError, match="is not known"):
        find_run(run_id)


def test_nearest_id_is_offered():
    run = made()
    with pytest.raises(RunError, match=run.id):
        find_run(run.id[:-1])


def test_fork_starts_from_the_snapshot_and_lays_changes_over():
    run = made()
    child = fork(run, 8, changes={"settings": {"beta": 4}, "epochs": 1})
    assert child.config.parent == {"run": run.id, "step": 8} and child.plan.settings["beta"] == 4 and child.snapshots() == [0]
    delete(run)
    execute(child, pace=PACE)
    assert child.status.state == "finished" and child.snapshots() == [0, 4]
    first = next(r for r in child.metrics()[0])
    assert first["train/mse"] < made().metrics()[0][0]["train/mse"]


def test_rename_delete_undo():
    run = made()
    rename(run, "Better name")
    assert find_run(run.id).title == "Better name"
    for bad in ("", "   ", "x" * 81):
        with pytest.raises(RunError, match="1 to 80"):
            rename(run, bad)
    delete(run)
    assert list_runs() == [] and [r.id for r in trashed()] == [run.id] and empty_trash(3600) == 0
    restore(run.id)
    assert list_runs() == [run]
    with pytest.raises(RunError, match="not in the trash"):
        restore(run.id)


def test_shipped_runs_are_listed_first_and_read_only(places):
    run = made()
    (places / "checkpoints").mkdir()
    shipped = Run(run.path.rename(places / "checkpoints" / "vae-shipped"))
    own = made()
    assert list_runs() == [shipped, own] and shipped.is_shipped
    for act in (delete, lambda r: rename(r, "x"), execute):
        with pytest.raises(RunError, match="read-only"):
            act(shipped)
    assert fork(shipped).plan == shipped.plan.model_copy(update={"device": "auto", "precision": "auto", "threads": 0})   # what trains it decides


# -- faults ---------------------------------------------------------------------------------------------------------


def test_a_full_disk_is_said_and_harms_nothing(monkeypatch):
    run, target = made(), None
    before = {p: p.read_bytes() for p in run.path.rglob("*") if p.is_file()}

    def full(*_):
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(files.os, "replace", full)
    for target in (run.path / "config.json", run.path / "new.json"):
        with pytest.raises(LabError, match="disk is full"):
            files.write_atomic(target, b"x")
    assert before == {p: p.read_bytes() for p in run.path.rglob("*") if p.is_file()}


def test_a_disk_that_fills_up_in_mid_run_fails_the_run_and_keeps_its_last_state(monkeypatch):
    run, real = create_run(plan(epochs=6)), os.replace

    def full(source, target):
        if str(target).endswith("20.safetensors"):
            raise OSError(28, os.strerror(28))
        return real(source, target)

    with monkeypatch.context() as patch:
        patch.setattr(files.os, "replace", full)
        with pytest.raises(LabError, match="disk is full"):
            execute(run, pace=Pace(state_s=0))
    assert run.status.state == "failed" and "disk is full" in run.status.message and run.snapshots() == [4, 8, 12]
    execute(run, pace=PACE)
    assert run.status.state == "finished" and same_state(run, made(epochs=6))


# -- in and out -----------------------------------------------------------------------------------------------------


def rezip(data, change):
    """The zip with its members changed: change(name, bytes) -> bytes, None to drop."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as a, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as b:
        for m in a.namelist():
            if (content := change(m, a.read(m))) is not None:
                b.writestr(m, content)
    return out.getvalue()


def with_weights(content, change):
    import tempfile
    from pathlib import Path
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "w.safetensors"
        path.write_bytes(content)
        tensors = load_file(path)
        change(tensors)
        save_file(tensors, path)
        return path.read_bytes()


def test_export_and_import_keep_the_run_and_its_state():
    run = made()
    copy = import_zip(export_zip(run, with_state=True), owner="bob")
    assert copy.id != run.id and copy.config.owner == "bob" and copy.plan == run.plan and copy.metrics() == run.metrics()
    assert same_state(run, copy) and copy.snapshots() == run.snapshots()
    with zipfile.ZipFile(io.BytesIO(export_zip(run))) as archive:
        assert "state.safetensors" not in archive.namelist()
        card = archive.read("MODEL_CARD.md").decode()
    assert "test/elbo" in card and "Limits" in card


def add(name, content=b"x"):
    def change(data):
        out = io.BytesIO(data)
        with zipfile.ZipFile(out, "a") as archive:
            archive.writestr(name, content)
        return out.getvalue()
    return change


def edit(member, change):
    return lambda data: rezip(data, lambda name, content: change(content) if name == member else content)


def config_with(**values):
    return edit("config.json", lambda content: json.dumps({**json.loads(content), **values}))


def spoil(tensors):
    tensors["to_mu.weight"][0, 0] = float("nan")


def reshape(tensors):
    tensors["to_mu.weight"] = torch.zeros(3, 3)


BAD_ZIPS = {
    "no zip": (lambda data: b"hello", "not a zip"),
    "cut": (lambda data: data[: len(data) // 2], "not a zip"),
    "pickle": (add("model.pt"), "'model.pt' does not belong"),
    "climbs out": (add("../../evil.json"), "does not belong"),
    "absolute": (add("/etc/passwd"), "does not belong"),
    "nested": (add("more.zip"), "does not belong"),
    "too many": (lambda data: add_many(data), "at most"),
    "no config": (lambda data: rezip(data, lambda n, c: None if n == "config.json" else c), "config.json is missing"),
    "no weights": (lambda data: rezip(data, lambda n, c: None if n.startswith("weights/") else c), "holds no weights"),
    "format": (config_with(format=99), "format 99"),
    "unknown key": (config_with(plan={"modle": "vae"}), "modle"),
    "unknown model": (config_with(plan={"model": "vea"}), "did you mean 'vae'"),
    "out of range": (config_with(plan={"model": "vae", "settings": {"latent_dim": -3}}), "latent_dim = -3"),
    "other shapes": (config_with(plan={"model": "vae", "settings": {"latent_dim": 9}}), "has shape"),
    "nan": (edit("weights/12.safetensors", lambda c: with_weights(c, spoil)), "not finite"),
    "wrong shape": (edit("weights/12.safetensors", lambda c: with_weights(c, reshape)), "has shape (3, 3)"),
    "pickle in disguise": (edit("weights/12.safetensors", lambda c: b"\x80\x04K\x01."), "not a whole safetensors file"),
    "torn weights": (edit("weights/12.safetensors", lambda c: c[:-7]), "not a whole safetensors file"),
    "rows": (edit("metrics.jsonl", lambda c: b'["a"]\n'), "line without a step"),
    "status": (edit("status.json", lambda c: b"[1]"), "status.json holds list"),
}


def add_many(data):
    out = io.BytesIO(data)
    with zipfile.ZipFile(out, "a") as archive:
        for i in range(2100):
            archive.writestr(f"weights/{100 + i}.safetensors", b"")
    return out.getvalue()


@pytest.mark.parametrize("case", BAD_ZIPS)
def test_bad_imports_are_refused_whole(case, places):
    spoiled, words = BAD_ZIPS[case]
    run = made()
    with pytest.raises(LabError) as error:
        import_zip(spoiled(export_zip(run)))
    assert words in str(error.value)
    assert list_runs() == [run] and [p.name for p in (places / "runs").iterdir() if "import" in p.name] == []


def test_a_bomb_is_refused_by_what_it_says_and_by_what_it_does(monkeypatch):
    run = made()
    data = export_zip(run)
    monkeypatch.setattr("genlab.runs.transfer.MAX_BYTES", 1000)
    with pytest.raises(RunError, match="unpacks to"):
        import_zip(data)


def test_an_import_reads_no_folder_of_this_machine():
    run = made()
    folder = {"name": "own", "path": "/etc/ssl", "size": 16, "channels": 1}
    foreign = config_with(plan={**run.plan.model_dump(), "data": folder})
    assert import_zip(foreign(export_zip(run))).plan.data.path == "ssl"


def test_onnx_gives_the_same_pictures():
    onnxruntime = pytest.importorskip("onnxruntime")
    run = made()
    session = onnxruntime.InferenceSession(export_onnx(run))
    z = np.random.default_rng(0).normal(size=(5, 2)).astype(np.float32)
    expected = load_model(run).decode(torch.from_numpy(z)).detach().numpy()
    np.testing.assert_allclose(session.run(None, {"z": z})[0], expected, atol=1e-5)


# -- small parts ----------------------------------------------------------------------------------------------------


def test_lines_being_written_wait_and_torn_ones_are_passed_over(tmp_path):
    path = tmp_path / "rows.jsonl"
    append_line(path, {"a": 1})
    with path.open("a") as file:
        file.write('{"a": 2')
    rows, offset = read_lines(path)
    assert rows == [{"a": 1}]
    with path.open("a") as file:
        file.write("}\n{torn\n")
    assert read_lines(path, offset)[0] == [{"a": 2}]


def test_tile_puts_images_in_rows_with_gaps():
    x = np.stack([np.full((1, 4, 4), i, np.uint8) for i in range(1, 6)])
    sheet = tile(x, 3, gap=2)
    assert sheet.shape == (10, 16, 4) and sheet[0, 0, 0] == 1 and sheet[6, 6, 0] == 5 and sheet[0, 4, 3] == 0 and sheet[9, 15, 3] == 0


def test_a_run_on_data_that_is_not_here_is_never_made(places, monkeypatch):
    monkeypatch.setenv("GENLAB_CACHE", str(places / "cache"))
    monkeypatch.setenv("GENLAB_DATA", str(places / "mine"))
    with pytest.raises(LabError, match="not on this machine"):
        create_run(plan(data=DataSpec(name="mnist")))
    assert list_runs() == []
