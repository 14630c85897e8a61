"""Maps on the command line: a CSV that anybody can plot, figures as JSON, and maps for what is shipped."""

import csv
import json

import numpy as np
import pytest
from tiny_runs import tiny_run, use_folders

from genlab.cli import main
from genlab.data.opened import opened, read_images
from genlab.lens.models import MODELS
from genlab.maps import MapPlan, find_map, load_map, read_map, shipped_fault, shipped_path
from genlab.maps.file import save_map
from genlab.maps.store import map_key, map_path
from genlab.runs import Run
from genlab.runs.pictures import png


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    root = tmp_path_factory.mktemp("maps")
    with pytest.MonkeyPatch.context() as patch:
        use_folders(patch, root)
        run = tiny_run(epochs=1)
        shipped = root / "checkpoints" / "tiny"
        shipped.parent.mkdir()
        tiny_run(epochs=1).path.rename(shipped)
        yield root, run, Run(shipped)


def told(capsys, *words):
    assert main([*words, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_a_csv_has_a_line_for_each_point(lab, capsys, tmp_path):
    _, run, _ = lab
    out = tmp_path / "map.csv"
    answer = told(capsys, "map", run.id, "--method", "pca", "--n", "200", "--prior", "20", "--out", str(out))
    with out.open() as file:
        rows = list(csv.DictReader(file))
    assert answer["counts"] == {"test": 180, "train": 20, "prior": 20} and len(rows) == 220
    assert [rows[0]["part"], rows[180]["part"], rows[180]["number"], rows[-1]["part"], rows[-1]["number"]] == ["test", "train", "0", "prior", "19"]
    assert rows[-1]["error"] == "" and 0 < float(rows[0]["error"]) < 1
    found = read_map(run.id, answer["name"])
    np.testing.assert_allclose([[float(r["x"]), float(r["y"])] for r in rows], found.xy, rtol=1e-5)
    assert 0 < answer["fidelity"]["trustworthiness"] <= 1 and 0 <= answer["fidelity"]["agreement"] <= 1


@pytest.mark.parametrize("method", ["pca", "umap"])
def test_own_pictures_lie_where_their_codes_lie(lab, capsys, tmp_path, method):
    _, run, _ = lab
    x = opened(run.plan.data, read_images(run.plan.data)).take("test", range(8)).x
    for i, image in enumerate(x):
        (tmp_path / f"{i}.png").write_bytes(png(np.squeeze(image.transpose(1, 2, 0))))
    words = ["map", run.id, "--method", method, "--n", "100", "--prior", "0", "--place", *(str(tmp_path / f"{i}.png") for i in range(8))]
    answer = told(capsys, *words)
    xy = read_map(run.id, answer["name"]).xy
    placed = np.array(list(answer["placed"].values()))
    assert list(answer["placed"]) == words[-8:] and placed.shape == (8, 2)
    off = np.linalg.norm(placed[:, None] - xy[None], axis=2)   # the map holds their latents rounded to half precision
    own = off[range(8), range(8)]
    ranks = (off < own[:, None]).sum(1)   # points of the map that are nearer than the picture's own: by chance about half of the 100
    assert (own < 0.2 * xy.std()).all() if method == "pca" else np.median(ranks) < 10
    assert main(["map", run.id, "--place", str(tmp_path / "none.png")]) == 2 and "there is no such file" in capsys.readouterr().err


def test_the_same_map_is_not_fitted_twice_and_another_seed_is_another_map(lab, capsys):
    _, run, _ = lab
    words = ["map", run.id, "--method", "pca", "--n", "60", "--prior", "0"]
    first = told(capsys, *words)
    stamp = map_path(run.id, first["name"]).stat().st_mtime_ns
    assert told(capsys, *words)["name"] == first["name"] and map_path(run.id, first["name"]).stat().st_mtime_ns == stamp
    assert told(capsys, *words, "--seed", "1")["name"] != first["name"]


def test_three_dimensions_have_three_columns(lab, capsys, tmp_path):
    told(capsys, "map", lab[1].id, "--method", "pca", "--n", "30", "--prior", "0", "--dims", "3", "--out", str(tmp_path / "a.csv"))
    assert (tmp_path / "a.csv").read_text().startswith("part,number,x,y,z,error\n")


@pytest.mark.parametrize(("words", "wants"), [(["--method", "pca", "--step", "7"], "no weights at step 7"), (["--n", "3"], "MapPlan.n"),
                                              (["--n", "12", "--prior", "0", "--method", "tsne"], "neighbours = 15; 12 latents allow 2 to 11")])
def test_what_cannot_be_done_is_said_in_a_line(lab, capsys, words, wants):
    assert main(["map", lab[1].id, *words]) == 2
    assert wants in capsys.readouterr().err


def test_shipped_runs_get_their_map(lab, capsys, monkeypatch):
    _, _, shipped = lab
    monkeypatch.setattr("genlab.cli.map.SHIPPED", MapPlan(method="pca", n=50, prior=5))   # the same way, without umap's ten seconds
    assert told(capsys, "maps", "--list")["made"] == []
    assert told(capsys, "maps")["made"] == ["tiny"] and told(capsys, "maps")["made"] == []
    assert find_map(shipped, MapPlan(method="pca", n=50, prior=5))[0] == "shipped"
    assert find_map(shipped, MapPlan(method="pca", n=51, prior=5)) is None
    assert told(capsys, "maps", "--only", "tiny")["made"] == ["tiny"]
    assert main(["maps", "--only", "nothing"]) == 2


def test_a_map_of_other_weights_is_not_taken_for_this_run(lab):
    shipped = lab[2]
    plan = MapPlan(method="pca", n=50, prior=5)
    path = shipped.weights_path(shipped.snapshots()[-1])
    key, old = map_key(shipped, shipped.snapshots()[-1], plan), path.read_bytes()
    try:
        other = bytearray(old)
        other[-1] ^= 1
        path.write_bytes(bytes(other))
        assert find_map(shipped, plan) is None and map_key(shipped, shipped.snapshots()[-1], plan) != key
    finally:
        path.write_bytes(old)


@pytest.mark.parametrize(("damage", "wants"), [
    (lambda data: data.replace(b'\\"format\\": 1', b'\\"format\\": 7'), "of format 7, from another version of the lab; this one reads 1"),
    (lambda data: data[:300], "not a whole map"),
    (lambda data: b"", "not a whole map"),
])
def test_a_map_file_of_another_version_or_damaged_is_refused(lab, damage, wants, tmp_path):
    shipped = lab[2]
    good = shipped_path(shipped).read_bytes()
    try:
        shipped_path(shipped).write_bytes(damage(good))
        assert wants in shipped_fault(shipped)
        assert find_map(shipped, MapPlan(method="pca", n=50, prior=5)) is None
    finally:
        shipped_path(shipped).write_bytes(good)


def test_a_map_survives_its_file(lab, tmp_path):
    found = load_map(shipped_path(lab[2]))
    save_map(found, tmp_path / "copy.safetensors")
    again = load_map(tmp_path / "copy.safetensors")
    np.testing.assert_array_equal(again.xy, found.xy)
    np.testing.assert_array_equal(again.z, found.z)
    assert (again.plan, again.counts, again.fidelity, again.weights) == (found.plan, found.counts, found.fidelity, found.weights)


def test_a_model_without_an_encoder_has_a_map_of_its_draws(lab, capsys):
    run = tiny_run("gan", epochs=1)
    answer = told(capsys, "map", run.id, "--method", "pca", "--n", "40")
    found = read_map(run.id, answer["name"])
    assert found.counts == {"test": 0, "train": 0, "prior": 40} and np.isnan(found.error).all()
    samples = MODELS.get(run.id, exact=True).decode(found.z)
    assert len(np.unique(samples.reshape(40, -1), axis=0)) > 1 and found.z.shape == (40, 3)
