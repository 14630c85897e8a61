"""Runs that come back from elsewhere: zipped again by any system, as an unpacked folder, or put beside the others under any name."""

import io
import json
import shutil
import unicodedata
import zipfile

import numpy as np
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from test_page_runs import open_runs
from tiny_runs import tiny_run, use_folders

from genlab.cli import main
from genlab.errors import LabError, RunError
from genlab.runs import Run, find_run, list_runs, load_model
from genlab.runs.transfer import export_zip, import_files, import_folder, import_zip
from genlab.server.protocol import pack_request, read_request
from genlab.server.routes import ROUTES
from genlab.studies import StudyPlan, begin_study, find_study, list_studies


@pytest.fixture(scope="module")
def exported(tmp_path_factory) -> bytes:
    with pytest.MonkeyPatch.context() as patch:
        use_folders(patch, tmp_path_factory.mktemp("made"))
        return export_zip(tiny_run(), with_state=True)


@pytest.fixture(autouse=True)
def places(tmp_path, monkeypatch):
    use_folders(monkeypatch, tmp_path)
    return tmp_path


def members(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return out.getvalue()


def within(folder: str, *, slash: str = "/"):
    return lambda files: {(folder + slash + name).replace("/", slash): content for name, content in files.items()}


def by_finder(files):
    found = {"my run/": b"", "my run/weights/": b""} | within("my run")(files)
    doubles = {f"__MACOSX/{'/'.join([*path.split('/')[:-1], '._' + path.split('/')[-1]])}": b"\0\5\26\7" for path in within("my run")(files)}
    return found | {"my run/.DS_Store": b"\0\0\0\1Bud1", "my run/weights/.DS_Store": b"\0", "__MACOSX/._my run": b"x"} | doubles


def by_explorer(files):
    added = {"my run\\": b"", "my run\\weights\\": b"", "my run\\Thumbs.db": b"x", "my run\\desktop.ini": b"x"}
    return added | within("my run", slash="\\")(files)


def from_runs_folder(files):
    """The folder of the run itself, with what the lab keeps in it."""
    kept = {".lock": b"", "control.jsonl": b'{"kind": "stop"}\n', ".status.json.1234abcd.tmp": b"{", "sums.json": b"{}", "map.safetensors": b"x"}
    return within("vae-digits-1")(files | kept)


AGAIN = {
    "as exported": lambda files: files,
    "by Finder": by_finder,
    "by Explorer": by_explorer,
    "by Explorer, flat": lambda files: {name.replace("/", "\\"): content for name, content in files.items()},
    "by hand in the folder": lambda files: {f"./{name}": content for name, content in files.items()},
    "deeper": within("Downloads/runs/my run (1)"),
    "accents": within("Läufe"),
    "the run's folder": from_runs_folder,
    "a zip in a zip": lambda files: {"my run.zip": zipped(files), "__MACOSX/._my run.zip": b"x"},
}


@pytest.mark.parametrize("how", AGAIN)
def test_a_run_zipped_again_is_the_same_run(exported, how):
    files = members(exported)
    run = import_zip(zipped(AGAIN[how](files)), owner="bob")
    there = {p.relative_to(run.path).as_posix(): p.read_bytes() for p in run.path.rglob("*") if p.is_file()}
    assert there.keys() == files.keys() and find_run(run.id) == run and run.config.owner == "bob"
    assert all(there[name] == files[name] for name in files if name != "config.json") and load_model(run)


@pytest.mark.parametrize("how", ["as exported", "by Finder", "deeper", "the run's folder"])
def test_an_unpacked_run_is_taken_in_from_its_folder(exported, how, places, capsys):
    for name, content in AGAIN[how](members(exported)).items():
        path = places / "unpacked" / name
        (path if name.endswith("/") else path.parent).mkdir(parents=True, exist_ok=True)
        if not name.endswith("/"):
            path.write_bytes(content)
    before = {p: p.read_bytes() for p in (places / "unpacked").rglob("*") if p.is_file()}
    assert main(["import", str(places / "unpacked"), "--json"]) == 0
    run = find_run(json.loads(capsys.readouterr().out)["run"])
    assert load_model(run) and list_runs() == [run]
    assert before == {p: p.read_bytes() for p in (places / "unpacked").rglob("*") if p.is_file()}


def test_files_sent_by_a_browser_are_taken_in(exported):
    assert load_model(import_files(within("my run")(members(exported)).items()))


BAD = {
    "two runs": (lambda files: {**within("a")(files), **within("b")(files)}, "holds 2 runs (a, b)"),
    "something beside it": (lambda files: {**within("my run")(files), "holiday.jpg": b"x"}, "'holiday.jpg' does not belong"),
    "a pickle in it": (lambda files: {**within("my run")(files), "my run/model.pt": b"x"}, "'model.pt' does not belong"),
    "climbs out by a backslash": (lambda files: {**files, "..\\..\\evil.json": b"x"}, "leads out"),
    "climbs out of its folder": (lambda files: within("a/../..")(files), "leads out"),
    "absolute": (lambda files: within("/tmp/run")(files), "leads out"),
    "of a drive": (lambda files: within("C:\\run", slash="\\")(files), "leads out"),
    "twice": (lambda files: {**files, "weights\\12.safetensors": b"x"}, "'weights/12.safetensors' is in it 2 times"),
    "clutter alone": (lambda files: {"__MACOSX/config.json": b"{}", ".DS_Store": b"x"}, "config.json is missing"),
    "nothing": (lambda files: {}, "config.json is missing"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_is_no_run_is_refused_whole(exported, case, places):
    spoil, words = BAD[case]
    with pytest.raises(RunError) as error:
        import_zip(zipped(spoil(members(exported))))
    assert words in str(error.value) and list((places / "runs").iterdir()) == []


def test_a_folder_without_a_run_is_refused(places):
    (places / "empty").mkdir()
    with pytest.raises(RunError, match=r"config.json is missing"):
        import_folder(places / "empty")


# -- one rule for what is an id ------------------------------------------------------------------------------------------------


NAMES = ["my run", "my run copy", "my run - Copy (2)", "Läufe", unicodedata.normalize("NFD", "Läufe 2"), "走る", "run[1]", "_old", "3", "a.b-c_d",
         "x" * 100]
NO_NAMES = ["a,b", "run@5", "50%", "what?", "-run", " run", "run ", "run.", "a~b", "a:b", "x" * 101, "é" * 51, "a\nb", ".hidden"]


def unpacked(data: bytes, place) -> Run:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        archive.extractall(place)
    return Run(place)


@pytest.mark.parametrize("name", NAMES)
def test_what_is_listed_can_be_opened_everywhere(exported, places, name):
    run = unpacked(exported, places / "runs" / name)
    assert [r.id for r in list_runs()] == [name] and find_run(name) == run
    assert find_run(unicodedata.normalize("NFC", name)) == find_run(unicodedata.normalize("NFD", name)) == run
    assert main(["show", name]) == 0
    assert read_request(pack_request(1, [(name, 12)], np.zeros((1, 3), np.float32))).targets == ((name, 12),)
    answer = TestClient(Starlette(routes=ROUTES)).get(f"/api/preview/{name}/live-recon.png")
    assert answer.status_code == 200 and answer.content.startswith(b"\x89PNG")


@pytest.mark.parametrize("name", NO_NAMES)
def test_what_cannot_be_opened_is_not_listed_and_is_named(exported, places, name, capsys):
    unpacked(exported, places / "runs" / name)
    assert list_runs() == []
    with pytest.raises(RunError, match="is not known") as error:
        find_run(name)
    assert "did you mean" not in str(error.value)
    assert main(["runs"]) == 0
    assert (repr(name) in capsys.readouterr().out) == (name != ".hidden")


def test_an_own_run_of_a_shipped_ones_id_is_listed_once(exported, places):
    shipped = unpacked(exported, places / "checkpoints" / "vae-1")
    assert list_runs() == [shipped]
    own = unpacked(exported, places / "runs" / "vae-1")
    assert list_runs() == [own] and find_run("vae-1") == own


@pytest.mark.usefixtures("nobody_trains")
def test_the_page_shows_and_opens_a_run_of_any_listed_name(exported, places):
    unpacked(exported, places / "runs" / "my run - Copy (2)")
    unpacked(exported, places / "runs" / "a,b")
    app = open_runs()
    assert not app.exception and any("Not listed" in c.value and "a,b" in c.value for c in app.caption)
    app.button(key="runs.more-my run - Copy (2)").click().run()
    assert not app.exception and not app.error


def test_studies_follow_the_same_rule(places):
    study = begin_study(StudyPlan(kind="dataset-size", data={"name": "digits"}, sizes=(5,), seeds=1))
    shutil.copytree(study.path, study.path.with_name("my study (1)"))
    shutil.copytree(study.path, study.path.with_name("a,b"))
    assert sorted(s.id for s in list_studies()) == sorted(["my study (1)", study.id])
    assert all(find_study(s.id) == s for s in list_studies())
    with pytest.raises(LabError):
        find_study("a,b")
