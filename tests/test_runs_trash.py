"""The trash: what was deleted comes back until its time is over, counted from its deletion, and then leaves the disk."""

import json
import os
import shutil
import subprocess
import sys
import threading
import time

import pytest
from test_page_runs import open_dialog, open_runs, settled
from tiny_runs import tiny_plan, tiny_run, use_folders

from genlab import trash
from genlab.cli import main
from genlab.errors import RunError
from genlab.runs import Run, create_run, delete, empty_trash, execute, find_run, list_runs, restore, trashed
from genlab.runs.clearing import LIMIT_S, clear_away, keep_clear

LONG_AGO = 1e9   # 2001


@pytest.fixture(autouse=True)
def places(tmp_path, monkeypatch):
    use_folders(monkeypatch, tmp_path)
    monkeypatch.setenv("GENLAB_CACHE", str(tmp_path / "data"))
    return tmp_path


def new() -> Run:
    return create_run(tiny_plan())


def deleted(run: Run, days_ago: float = 0.0) -> Run:
    """The run in the trash, as if it had been deleted so long ago."""
    delete(run)
    found = next(r for r in trashed() if trash.old_name(r.path) == run.id)
    mark = found.path / trash.MARK
    mark.write_text(json.dumps({**json.loads(mark.read_text()), "at": time.time() - days_ago * trash.DAY_S}))
    return found


def age(run: Run) -> None:
    """Everything of the run was written long ago."""
    for path in [*run.path.rglob("*"), run.path]:
        os.utime(path, (LONG_AGO, LONG_AGO))


def test_an_old_run_has_its_whole_time_from_when_it_was_deleted():
    run = new()
    age(run)
    delete(run)
    assert clear_away() == [] and trash.days_left(trashed()[0].path) == trash.KEPT_DAYS
    assert restore(run.id) == run and not (run.path / trash.MARK).exists() and list_runs() == [run]


@pytest.mark.parametrize(("days_ago", "left"), [(0, 30), (1.5, 29), (29.5, 1), (29.999, 1), (30.001, None), (400, None)])
def test_what_was_deleted_leaves_the_disk_when_its_time_is_over(days_ago, left, places):
    there = deleted(new(), days_ago)
    age(there)   # what the files themselves say does not count
    assert left is None or trash.days_left(there.path) == left
    assert clear_away() == ([there.id] if left is None else [])
    assert there.path.exists() == (left is not None)
    assert [p.name for p in (places / "runs" / ".trash").iterdir()] == ([there.id] if left is not None else [])


def test_what_an_older_version_deleted_has_its_time_from_now_on(places):
    run = new()
    age(run)
    place = places / "runs" / ".trash" / run.id
    place.parent.mkdir()
    run.path.rename(place)
    assert clear_away() == [] and restore(run.id) == run


@pytest.mark.parametrize("mark", ["", "{", "[]", '{"at": "x"}', '{"at": 1e12}', "{}"])
def test_a_time_that_cannot_be_is_counted_from_now(mark):
    there = deleted(new())
    (there.path / trash.MARK).write_text(mark)
    assert clear_away() == [] and trash.days_left(there.path) == trash.KEPT_DAYS
    assert restore(there.id).id == there.id


def test_a_damaged_run_in_the_trash_leaves_the_disk_too():
    there = deleted(new(), 31)
    (there.path / "config.json").write_text("{")
    assert trashed() == [] and clear_away() == [there.id] and not there.path.exists()


def test_what_somebody_holds_stays(places):
    there = deleted(new(), 31)
    code = ("import sys; from pathlib import Path; from genlab.hold import lock_file\n"
            "with lock_file(Path(sys.argv[1])): print('held', flush=True); sys.stdin.read()")
    holder = subprocess.Popen([sys.executable, "-c", code, str(there.path / ".lock")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert holder.stdout.readline() == "held\n"
        assert clear_away() == [] and empty_trash() == 0 and there.path.exists()
        with pytest.raises(RunError, match="it is just being removed"):
            restore(there.id)
    finally:
        holder.kill()
        holder.communicate()
    assert empty_trash() == 1 and not there.path.exists()


def test_a_run_that_trains_is_not_deleted():
    run = new()
    with run.lock().acquire(), pytest.raises(RunError, match="stop it first"):
        delete(run)
    assert list_runs() == [run] and not (run.path / trash.MARK).exists()


def test_the_maps_of_a_run_go_with_it_and_no_sooner(places):
    run = new()
    cached = places / "runs" / ".cache" / run.id
    cached.mkdir(parents=True)
    there = deleted(run)
    assert clear_away() == [] and cached.exists()
    (there.path / trash.MARK).write_text(json.dumps({"at": LONG_AGO, "name": run.id}))
    assert clear_away() == [run.id] and not cached.exists()


def test_two_runs_of_one_name_are_both_kept_and_come_back_one_by_one(places):
    run = new()
    shutil.copytree(run.path, places / "copy")
    delete(run)
    shutil.copytree(places / "copy", run.path)
    delete(run)
    assert len(trashed()) == 2
    assert restore(run.id) == run
    again = restore(run.id)
    assert again.id == f"{run.id}-2" and {r.id for r in list_runs()} == {run.id, again.id} and find_run(again.id) == again
    execute(again)
    with pytest.raises(RunError, match="not in the trash"):
        restore(run.id)


def test_what_killed_processes_left_goes_after_a_day(places):
    names = ("runs/.vae-1.tmp", "runs/.import-x.tmp", "data/uploads/.part-x", "runs/.trash/.going-1")
    left = [places / name for name in names]
    for folder in left:
        (folder / "weights").mkdir(parents=True)
    assert clear_away() == [] and [folder.exists() for folder in left] == [True, True, True, False]
    for folder in left[:3]:
        os.utime(folder, (LONG_AGO, LONG_AGO))
    assert clear_away() == [] and not any(folder.exists() for folder in left)


def test_the_server_clears_away_by_itself():
    there, ending = deleted(new(), 31), threading.Event()
    thread = threading.Thread(target=keep_clear, args=(ending,))
    thread.start()
    ending.set()
    thread.join(30)
    assert not thread.is_alive() and not there.path.exists() and LIMIT_S == 30 * 24 * 3600


def test_the_command_line_lists_empties_and_says_how_long(capsys):
    kept, old = new(), new()
    deleted(old, 31)
    assert main(["delete", kept.id]) == 0
    assert "brings it back for 30 days" in capsys.readouterr().out
    assert [run.id for run in trashed()] == [kept.id]   # what was past its time went at once
    assert main(["trash"]) == 0 and f"{kept.id:<40}  30 days left" in capsys.readouterr().out
    assert main(["trash", "--empty", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told == {"trash": [], "removed": [kept.id], "kept_days": 30} and trashed() == []


@pytest.mark.usefixtures("nobody_trains")
def test_the_page_says_how_long_where_one_deletes():
    run = tiny_run()
    button = open_dialog(run).button(key="runs.delete")
    assert "30 days" in button.help
    app = open_runs(run=run.id)
    settled(app.button(key="runs.delete").click().run())
    assert trashed() == [Run(run.path.parent / ".trash" / run.id)]
    assert any("30 days" in m.value for m in app.markdown) and any("30 days" in c.value for c in app.caption)
    app.run()
    back = app.button(key=f"runs.back-{run.id}")
    assert "(30 days left)" in back.label
    settled(back.click().run())
    assert list_runs() == [run]


def test_a_deleted_run_and_one_with_an_odd_folder_name_are_said_for_what_they_are(places):
    run = new()
    delete(run)
    with pytest.raises(RunError, match=f"was deleted; `python -m genlab restore {run.id}`"):
        find_run(run.id)
    other = new()
    other.path.rename(other.path.with_name("my run #1"))
    with pytest.raises(RunError, match="its folder's name is no id"):
        find_run("my run #1")
