"""The command line, as a person types it."""

import json
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from genlab.cli import main
from genlab.paths import ROOT
from genlab.runs import find_run, list_runs


@pytest.fixture(autouse=True)
def places(tmp_path, monkeypatch):
    monkeypatch.setenv("GENLAB_RUNS", str(tmp_path / "runs"))
    monkeypatch.setenv("GENLAB_CHECKPOINTS", str(tmp_path / "checkpoints"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def call(capsys, *words):
    code = main([*words, "--json"])
    out = capsys.readouterr()
    return code, json.loads(out.out) if out.out else out.err


TRAIN = ("train", "--dataset", "digits", "--data-n", "64", "--epochs", "2", "--set", "latent_dim=2", "--set", "width=4")


def test_train_resume_fork_show_export_import(capsys, places):
    code, made = call(capsys, *TRAIN, "--max-steps", "1", "--batch-size", "16", "--title", "One step")
    assert code == 0 and made["state"] == "finished" and made["step"] == 1 and made["images_per_s"] > 0 and "test/elbo" in made["metrics"]
    shown = call(capsys, "show", made["run"])[1]
    assert shown["title"] == "One step" and shown["plan"]["settings"]["latent_dim"] == 2 and shown["command"].startswith("python -m genlab")
    assert call(capsys, "resume", made["run"])[1]["step"] == 1
    child = call(capsys, "fork", made["run"], "--epochs", "1", "--set", "beta=2")[1]
    shown = call(capsys, "show", child["run"])[1]
    assert shown["parent"] == {"run": made["run"], "step": 1}
    assert shown["command"].startswith(f"python -m genlab fork {made['run']} --epochs 1 --set beta=2")
    written = call(capsys, "export", made["run"], "--out", "one.zip")[1]
    assert (places / "one.zip").stat().st_size == written["bytes"]
    copy = call(capsys, "import", "one.zip")[1]
    assert {r["run"] for r in call(capsys, "runs")[1]["runs"]} == {made["run"], child["run"], copy["run"]}
    call(capsys, "rename", copy["run"], "The copy")
    call(capsys, "delete", copy["run"])
    assert len(call(capsys, "runs")[1]["runs"]) == 2
    call(capsys, "restore", copy["run"])
    assert "The copy" in [r["title"] for r in call(capsys, "runs")[1]["runs"]]


@pytest.mark.parametrize(("pictures", "epochs"), [(1, 2), (3, 4), (9, 1)])
def test_images_a_second_are_those_that_were_there_and_one_figure_everywhere(capsys, places, pictures, epochs):
    """A set that is smaller than a batch is the batch: 128 are asked for."""
    (places / "few").mkdir()
    for i in range(pictures):
        Image.fromarray(np.random.default_rng(i).integers(0, 255, (16, 16, 3), dtype=np.uint8)).save(places / "few" / f"{i}.png")
    words = ("train", "--dataset", "few", "--data-size", "16", "--set", "latent_dim=2", "--set", "width=4", "--epochs", str(epochs))
    made = call(capsys, *words)[1]
    run = find_run(made["run"])
    row = [row for row in run.metrics()[0] if "images_per_s" in row][-1]
    batch = run.status.batch_size
    assert batch <= pictures and row["images_per_s"] == pytest.approx(made["step"] * batch / row["seconds"])   # of all of it, in so short a run
    assert made["images_per_s"] == round(row["images_per_s"], 1) == round(run.status.images_per_s, 1)
    assert main(["train", *words[1:], "--quiet"]) == 0
    run = list_runs()[0]
    assert f" {round(run.status.images_per_s, 1):g} images/s" in capsys.readouterr().out


def test_resume_trains_on_to_a_later_epoch(capsys, places):
    made = call(capsys, *TRAIN, "--batch-size", "16")[1]
    longer = call(capsys, "resume", made["run"], "--epochs", "3")[1]
    assert longer["state"] == "finished" and longer["epoch"] == 3 and 2 * longer["step"] == 3 * made["step"]
    assert main(["resume", made["run"], "--epochs", "3"]) == 2 and "4 or more are needed" in capsys.readouterr().err


@pytest.mark.parametrize(("words", "said"), [
    (["train", "--dataset", "digitz"], "did you mean 'digits'"),
    (["train", "--model", "vea"], "did you mean 'vae'"),
    (["train", "--set", "latent_dims=3"], "no field 'latent_dims'"),
    (["train", "--set", "latent_dim"], "write it as name=value"),
    (["train", "--set", "latent_dim=0"], "greater than or equal to 1"),
    (["train", "--epochs", "0"], "epochs = 0"),
    (["train", "--snapshots", "a,3"], "snapshot_epochs.0 = 'a'"),
    (["train", "--data-n", "100000"], "100000"),
    (["show", "nothing"], "'nothing' is not known"),
    (["resume", "../etc"], "is not known"),
    (["import", "nothing.zip"], "no such file"),
    (["data", "fetch", "digits"], "nothing to download"),
])
def test_what_a_person_can_put_right_is_one_line_and_exit_code_2(capsys, words, said):
    code = main(words)
    err = capsys.readouterr().err
    assert code == 2 and said in err and "Traceback" not in err and len(err.strip().splitlines()) == 1


def test_data_list_names_every_dataset(capsys):
    from genlab.data import DATASETS
    assert {d["name"] for d in call(capsys, "data", "list")[1]["datasets"]} == set(DATASETS)


def test_it_runs_as_a_module():
    done = subprocess.run([sys.executable, "-m", "genlab", "--help"], capture_output=True, text=True, check=True, cwd=ROOT)
    assert "train" in done.stdout and "export" in done.stdout
