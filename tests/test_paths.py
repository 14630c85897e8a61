"""Folders of the lab: which one each is, and what is said where one cannot be used."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest
from opened_page import opened

from genlab import jobs
from genlab.cli import main
from genlab.errors import LabError
from genlab.paths import ROOT, RUNS, checkpoints_dir, data_dir, explained, faults, local_data_dirs, private_dir, runs_dir

FOLDERS = {"GENLAB_RUNS": (runs_dir, ROOT / "runs"), "GENLAB_CHECKPOINTS": (checkpoints_dir, ROOT / "checkpoints"),
           "GENLAB_CACHE": (data_dir, ROOT / "data"), "GENLAB_DATA": (lambda: local_data_dirs()[0], ROOT / "data")}
TRAIN = ["train", "--epochs", "1", "--data-n", "16", "--set", "width=4", "--threads", "1", "--quiet"]


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """A home and a working directory of one's own; nothing is named yet."""
    for name in FOLDERS:
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "home").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("SOMEWHERE", str(tmp_path / "some where"))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "home"


@pytest.mark.parametrize("variable", FOLDERS)
@pytest.mark.parametrize(("value", "found"), [
    ("", None), ("  ", None), ("''", None), ("~", "home"), ("~/deep/er", "home/deep/er"), ("$SOMEWHERE/x", "some where/x"), ("${HOME}/x", "home/x"),
    ('"~/quoted"', "home/quoted"), ("near", "near"), ("./near/../far/", "far"), (" spaced ", "spaced"),
])
def test_a_variable_names_the_folder_that_its_writer_meant(tmp_path, monkeypatch, variable, value, found):
    monkeypatch.setenv(variable, value)
    read, default = FOLDERS[variable]
    assert read() == (tmp_path / found if found else default)
    assert not any(tmp_path.rglob("*~*"))


@pytest.mark.parametrize(("value", "words"), [
    ("~nobody-of-that-name/runs", "no home folder is known for nobody-of-that-name"), ("$NOT_SET_ANYWHERE/runs", "$NOT_SET_ANYWHERE is not set"),
    ("${NOT_SET_ANYWHERE}", "${NOT_SET_ANYWHERE} is not set"), ("a-file", "a file where a folder is needed"),
    ("a-file/below", "a file where a folder is needed"), ("circle", "circle"), ("/proc/genlab/runs", "no such folder"), ("x" * 300, "too long"),
])
def test_a_folder_that_cannot_be_is_a_sentence_on_the_command_line(tmp_path, monkeypatch, capsys, value, words):
    (tmp_path / "a-file").write_text("")
    (tmp_path / "circle").symlink_to("circle")
    monkeypatch.setenv("GENLAB_RUNS", value)
    assert main(TRAIN) == 2
    said = capsys.readouterr().err
    assert words in said and "GENLAB_RUNS" in said and "Traceback" not in said
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a-file", "circle", "home"]


def test_a_relative_folder_in_a_working_directory_that_is_gone_is_said(tmp_path):
    code = "import os; os.mkdir('gone'); os.chdir('gone'); os.rmdir('../gone'); from genlab.paths import runs_dir; runs_dir()"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env={**os.environ, "GENLAB_RUNS": "near", "PYTHONPATH": str(ROOT)},
                          capture_output=True, text=True)
    assert "LabError: GENLAB_RUNS = near" in done.stderr and "the working directory is gone" in done.stderr


def test_a_page_says_it_too(tmp_path, monkeypatch):
    (tmp_path / "a-file").write_text("")
    monkeypatch.setenv("GENLAB_RUNS", str(tmp_path / "a-file"))
    jobs.shutdown()   # of a queue that an earlier test asked for
    for page in ("start/machine.py", "train/train.py", "train/runs.py"):
        app = opened(page)
        assert not app.exception
        assert any("set GENLAB_RUNS to a folder" in error.value for error in app.error), page


def test_the_machine_page_says_what_cannot_be_used(tmp_path, monkeypatch, nobody_trains):
    monkeypatch.setenv("GENLAB_RUNS", str(tmp_path / "runs"))
    monkeypatch.setenv("GENLAB_CHECKPOINTS", str(tmp_path / "missing"))
    (fault,) = faults()
    assert "missing: there is no such folder" in fault and "set GENLAB_CHECKPOINTS" in fault
    app = opened("start/machine.py")
    assert not app.exception and fault in [warning.value for warning in app.warning]


@pytest.mark.parametrize("code", [errno.EACCES, errno.EROFS, errno.ENOSPC, errno.EIO])
def test_errors_about_the_labs_folders_alone_are_explained(tmp_path, monkeypatch, code):
    monkeypatch.setenv("GENLAB_RUNS", str(tmp_path / "runs"))
    for path in (tmp_path / "runs" / "a" / "status.json", tmp_path / "runs", tmp_path):
        with pytest.raises(LabError, match="set GENLAB_RUNS"), explained():
            raise OSError(code, "as the system says it", str(path))
    with pytest.raises(OSError, match="as the system"), explained():
        raise OSError(code, "as the system says it", str(tmp_path / "else" / "x"))


def test_what_is_missing_inside_a_folder_stays_a_bug(tmp_path, monkeypatch):
    monkeypatch.setenv("GENLAB_RUNS", str(tmp_path / "runs"))
    with pytest.raises(FileNotFoundError), explained():
        (tmp_path / "runs" / "a" / "config.json").read_text()


def test_compiled_code_is_kept_where_nobody_else_writes(tmp_path, monkeypatch):
    monkeypatch.setenv("GENLAB_CACHE", str(tmp_path / "data"))
    folder = private_dir("compiled")
    assert folder.parent == tmp_path / "data" and folder.stat().st_mode & 0o077 == 0 and private_dir("compiled") == folder
    folder.chmod(0o777)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "home"))
    assert private_dir("compiled").parent == tmp_path / "home"   # what others may write in is not trusted
    (tmp_path / "link").mkdir()
    monkeypatch.setenv("GENLAB_CACHE", str(tmp_path / "other"))
    Path(tmp_path / "other").mkdir()
    (tmp_path / "other" / folder.name).symlink_to(tmp_path / "link")
    assert private_dir("compiled").parent == tmp_path / "home"   # nor is a link
    monkeypatch.setattr("tempfile.tempdir", "/proc/genlab")
    with pytest.raises(LabError, match="set GENLAB_CACHE or TMPDIR"):
        private_dir("compiled")


def test_a_fault_says_why_and_goes_away_once_it_is_mended(tmp_path, monkeypatch):
    (tmp_path / "runs").write_text("")
    monkeypatch.setenv("GENLAB_RUNS", str(tmp_path / "runs"))
    assert "a file where a folder is needed" in RUNS.fault()
    (tmp_path / "runs").unlink()
    assert RUNS.fault() == ""
