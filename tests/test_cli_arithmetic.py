"""`arithmetic` and `directions`, as a person types them."""

import json

import numpy as np
import pytest
from test_cli import call
from tiny_faces import tiny_lab
from tiny_judge import tiny_judge
from tiny_runs import tiny_run, use_folders

from genlab.cli import main
from genlab.data.faces import FACTORS
from genlab.sums import scored as sums


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    folder = tmp_path_factory.mktemp("arithmetic")
    with pytest.MonkeyPatch.context() as patch:
        vae, ae = tiny_lab(folder, patch)
        yield folder, vae, ae


def test_it_prints_success_with_its_interval_per_attribute_and_overall(lab, capsys):
    _, vae, ae = lab
    code, found = call(capsys, "arithmetic", vae.id, "--expr", "man+glasses-man+woman", "--n", "20", "--seed", "0", "--against", ae.id)
    assert code == 0 and set(found["ways"]) == {vae.id, ae.id, "pixels", "truth"}
    assert found["expr"] == "(man, glasses) - (man, no glasses) + (woman, no glasses)" and found["target"] == {"man": "woman", "glasses": "glasses"}
    for way in found["ways"].values():
        assert set(way["wanted"]) == {"man", "glasses"} and set(way["kept"]) == {"beard", "moustache", "hat", "earrings"}
        for share in [*way["wanted"].values(), *way["kept"].values(), way["success"], way["identity_kept"]]:
            assert 0 <= share["low"] <= share["share"] == share["hits"] / 20 <= share["high"] <= 1
    assert found["success"] == found["ways"][vae.id]["success"] and found["ways"]["truth"]["mse"] == 0
    assert "20 sums of 3 faces" in found["protocol_words"] and "shared by all its faces" in found["protocol_words"]


def test_the_same_call_gives_the_same_figures_and_another_seed_or_protocol_others(lab, capsys):
    _, vae, _ = lab
    words = ("arithmetic", vae.id, "--n", "12", "--against")
    first = call(capsys, *words)[1]
    sums._REPORTS.clear()
    assert call(capsys, *words)[1] == first
    assert call(capsys, *words, "--seed", "1")[1]["ways"] != first["ways"]
    free = call(capsys, *words, "--protocol", "free", "--each", "1")[1]
    assert free["ways"] != first["ways"] and "drawn at random; the answer" in free["protocol_words"]


def test_kept_figures_are_found_again_until_the_judge_changes(lab, capsys, monkeypatch):
    folder, vae, _ = lab
    words = ("arithmetic", vae.id, "--n", "11", "--against")
    first = call(capsys, *words, "--keep")[1]
    kept = json.loads((vae.path / "sums.json").read_text())
    assert first["ways"] in [report["ways"] for report in kept.values()]
    asked = sums.Asked(vae.id, "man with glasses - man + woman", 11)
    sums._REPORTS.clear()
    assert sums.known_report(asked)["ways"] == first["ways"], "however the sum is written"
    assert sums.known_report(sums.Asked(vae.id, "man - hat", 11)) is None
    (folder / "other").mkdir()
    monkeypatch.setattr(sums, "judge_dir", lambda: folder / "other")
    assert sums.known_report(asked) is None
    (vae.path / "sums.json").write_text("{")
    assert sums.known_report(asked) is None, "a damaged file is no reason to fail"


def test_the_table_for_people_has_a_column_for_each_way(lab, capsys):
    _, vae, ae = lab
    assert main(["arithmetic", vae.id, "--n", "10", "--against", ae.id]) == 0
    out = capsys.readouterr().out
    assert "(man, glasses) - (man, no glasses) + (woman, no glasses) = (woman, glasses)" in out
    head = next(line for line in out.splitlines() if "the true answer" in line)
    assert vae.id in head and ae.id in head and "pixels" in head
    assert {"woman", "glasses", "both", "hat kept", "squared error"} <= {line[:18].strip() for line in out.splitlines()}


def test_the_shipped_autoencoder_of_the_same_images_stands_beside(lab, capsys):
    folder, vae, ae = lab
    assert sums.rivals(vae) == ()
    shipped = ae.path.rename(folder / "checkpoints" / "faces-ae")
    try:
        assert sums.rivals(vae) == ("faces-ae",) and sums.rivals(sums.find_run("faces-ae")) == ()
        assert list(call(capsys, "arithmetic", vae.id, "--n", "10")[1]["ways"]) == [vae.id, "faces-ae", "pixels", "truth"]
    finally:
        shipped.rename(ae.path)


def test_directions_say_what_each_moves(lab, capsys):
    _, _, run = lab
    code, found = call(capsys, "directions", run.id)
    rows = {a.name for a in FACTORS if a.kind != "categorical"}
    assert code == 0 and set(found["directions"]) == rows and "standard deviation" in found["about"]
    for row in found["directions"].values():
        assert set(row["moves"]) == {a.name for a in FACTORS} and 0 <= row["own_share"] <= 1
        assert np.isfinite(list(row["moves"].values())).all()
    assert any(row["moves"][name] for name, row in found["directions"].items())
    fixed = call(capsys, "directions", run.id, "--lock", "glasses", "--method", "means")[1]["directions"]
    assert "glasses" not in fixed and fixed["hat"] != found["directions"]["hat"]
    assert main(["directions", run.id]) == 0 and "glasses" in capsys.readouterr().out


@pytest.mark.parametrize(("words", "said"), [
    (["arithmetic", "RUN", "--expr", "man+glases-man+woman"], "did you mean 'glasses'"),
    (["arithmetic", "RUN", "--expr", "man"], "is no sum"),
    (["arithmetic", "RUN", "--n", "3"], "at least 10"),
    (["arithmetic", "RUN", "--n", "99999"], "n from 1 to 10000"),
    (["arithmetic", "RUN", "--each", "0"], "each = 0"),
    (["arithmetic", "RUN", "--against", "nobody"], "'nobody' is not known"),
    (["arithmetic", "nothing"], "'nothing' is not known"),
    (["directions", "RUN", "--lock", "glases"], "'glases' cannot be kept fixed"),
    (["directions", "nothing"], "'nothing' is not known"),
])
def test_what_a_person_can_put_right_is_one_line(lab, capsys, words, said):
    assert main([lab[1].id if word == "RUN" else word for word in words]) == 2
    err = capsys.readouterr().err
    assert said in err and len(err.strip().splitlines()) == 1


def test_a_run_on_other_images_and_a_missing_judge_are_said(tmp_path, monkeypatch, capsys):
    use_folders(monkeypatch, tmp_path)
    run = tiny_run()
    assert main(["arithmetic", run.id]) == 2 and "judge train" in capsys.readouterr().err
    tiny_judge(tmp_path / "checkpoints" / "judge")
    for words in ([], ["--expr", "C++"], ["--expr", "kind"]):   # those of its own dataset are as little scored as those of faces
        assert main(["arithmetic", run.id, *words]) == 2 and "trained on digits" in capsys.readouterr().err
    assert main(["directions", run.id]) == 2 and "trained on digits" in capsys.readouterr().err
