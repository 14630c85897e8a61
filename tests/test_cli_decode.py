"""decode, traverse and interpolate write what the model itself makes, and say in a line what cannot be."""

import json
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest
import torch
from PIL import Image, ImageSequence
from safetensors.torch import load_file, save_file
from tiny_runs import tiny_run, use_folders

from genlab.cli import main
from genlab.data import load_dataset
from genlab.films import strip
from genlab.latent.paths import lerp, slerp
from genlab.lens.axes import component_axes, named_axis
from genlab.lens.codes import CODES
from genlab.runs import load_model
from genlab.ui.explore.axispick import _attributes, _components, _dims


@pytest.fixture(scope="module", autouse=True)
def run(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("decode")
        use_folders(patch, folder)
        run = tiny_run("autoencoder", epochs=20, lr=2e-2)   # long enough for latents to matter
        old = run.weights_path(run.snapshots()[0])
        kept = {name: t for name, t in load_file(old).items() if name.split(".")[0] not in ("encoder", "to_mu", "to_logvar")}
        save_file(kept, old, {"genlab": json.dumps({"parts": "decoder"})})   # as older snapshots are shipped
        yield run


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="module")
def model(run):
    return load_model(run)


def call(capsys, *words):
    code = main([*map(str, words), "--json"])
    out = capsys.readouterr()
    assert code == 0, out.err
    return json.loads(out.out)


@torch.no_grad()
def painted(model, z):
    """What the bare model makes of latents.  (n, D) -> uint8 (n, H, W, C)"""
    x = model.decode(torch.from_numpy(np.asarray(z, np.float32)))
    return x.mul(255).round().clamp(0, 255).byte().permute(0, 2, 3, 1).numpy()


@torch.no_grad()
def encoded(model, run, numbers):
    return model.encode(torch.from_numpy(load_dataset(run.plan.data)[1].x[numbers]).float() / 255).mean.numpy()


def prior(model, seed):
    return model.sample(1, torch.Generator().manual_seed(seed)).numpy()


def close(a, b, levels=1):
    assert np.ptp(b) > 100   # a picture with something on it
    np.testing.assert_allclose(np.asarray(a, int), np.asarray(b, int), atol=levels)


def opened(name):
    return np.asarray(Image.open(name))


# -- decode ---------------------------------------------------------------------------------------------------------


def test_decode_a_file_of_one_latent(capsys, run, model):
    z = np.array([0.5, -1, 2])
    np.save("z.npy", z)
    made = call(capsys, "decode", run.id, "--z", "z.npy", "--out", "one.png")
    assert made["frames"] == 1 and made["step"] == run.snapshots()[-1] and made["file"] == "one.png"
    close(opened("one.png")[..., :1], painted(model, z[None])[0])


def test_decode_a_file_of_many_lays_them_in_rows_of_eight(capsys, run, model):
    z = np.random.default_rng(0).standard_normal((11, 3)).astype(np.float32)
    np.save("z.npy", z)
    assert call(capsys, "decode", run.id, "--z", "z.npy", "--out", "many.png")["frames"] == 11
    sheet = opened("many.png")
    assert sheet.shape == (2 * 16 + 2, 8 * 18 - 2, 4)
    close(sheet[18:34, 36:52, :1], painted(model, z[10:11])[0])


def test_decode_seeds_one_after_the_other(capsys, run, model):
    call(capsys, "decode", run.id, "--seed", 5, "--n", 3, "--out", "seeds.png")
    for i in range(3):
        close(opened("seeds.png")[:16, 18 * i : 18 * i + 16, :1], painted(model, prior(model, 5 + i))[0])


def test_decode_an_older_snapshot_that_holds_the_decoder_alone(capsys, run):
    np.save("z.npy", np.zeros(3))
    first = run.snapshots()[0]
    assert call(capsys, "decode", run.id, "--z", "z.npy", "--step", first, "--out", "old.png")["step"] == first
    assert call(capsys, "interpolate", run.id, "--seeds", "1,2", "--step", first, "--frames", 4, "--out", "old.gif")["step"] == first


def test_without_json_it_says_what_was_written(capsys, run):
    assert main(["decode", run.id, "--seed", "1", "--out", "a.png"]) == 0
    assert "1 pictures written to a.png" in capsys.readouterr().out


# -- traverse -------------------------------------------------------------------------------------------------------


def test_traverse_a_dimension_from_an_image_in_spreads_of_the_codes(capsys, run, model):
    made = call(capsys, "traverse", run.id, "--image", 2, "--axis", 1, "--from", -2, "--to", 2, "--steps", 5, "--out", "t.png")
    assert (made["frames"], made["axis"], made["from"], made["to"]) == (5, "1", -2, 2)
    codes, test = CODES.get(run.id), load_dataset(run.plan.data)[1]
    size = codes.mu[:, 1].std() if codes.statistics.active[1] else 1
    z = np.repeat(encoded(model, run, [2]), 5, axis=0)
    z[:, 1] += size * np.linspace(-2, 2, 5)
    close(opened("t.png"), strip([painted(model, z)]))
    assert len(codes.mu) == len(test)


@pytest.mark.parametrize("axis", ["pc1", "pc3", "digit: 3"])
def test_traverse_components_and_attributes_as_a_film_that_goes_back(capsys, run, axis):
    made = call(capsys, "traverse", run.id, "--image", 0, "--axis", axis, "--steps", 6, "--back", "--fps", 20, "--out", "t.webp")
    film = Image.open("t.webp")
    assert made["frames"] == 6 and film.n_frames == 10 and film.info["loop"] == 0
    assert np.ptp(np.stack([np.asarray(frame.convert("L")) for frame in ImageSequence.Iterator(film)])[:6].astype(int), axis=0).max() > 40


def test_traverse_from_a_file(capsys, run, model):
    np.save("z.npy", np.ones((1, 3)))
    call(capsys, "traverse", run.id, "--z", "z.npy", "--axis", "0", "--from", 0, "--to", 1, "--steps", 2, "--out", "t.png")
    close(opened("t.png")[:, :128, :1], painted(model, np.ones((1, 3)))[0].repeat(8, 0).repeat(8, 1))


def test_axes_are_those_of_the_page(run):
    codes = CODES.get(run.id)
    pages = {axis.name: axis.direction for axis in [*_dims(codes, 3), *_components(codes), *_attributes(codes, [])]}
    for name, page in (("0", "z 0"), ("2", "z 2"), ("pc1", "component 1"), ("pc3", "component 3"), ("digit: 4", "digit: 4")):
        np.testing.assert_allclose(named_axis(codes, 3, name), pages[page], rtol=1e-6)
    assert component_axes(codes, 2)[0].shape == (2, 3)


# -- interpolate ----------------------------------------------------------------------------------------------------


def test_interpolate_images_by_arcs_through_their_codes(capsys, run, model):
    made = call(capsys, "interpolate", run.id, "--images", "3,17,5", "--frames", 21, "--out", "path.png")
    a, b, c = encoded(model, run, [3, 17, 5])
    z = np.concatenate([slerp(a, b, 11), slerp(b, c, 11)[1:]])
    close(opened("path.png"), strip([painted(model, z)]))
    steps = made["steps"]
    expected = np.sqrt(np.square(np.diff(painted(model, z).astype(float), axis=0)).mean((1, 2, 3)))
    assert steps["unit"] == "grey levels" and steps["mean"] == pytest.approx(expected.mean(), rel=0.05)
    assert steps["unevenness"] == pytest.approx(steps["largest"] / steps["mean"])


def test_interpolate_seeds_straight(capsys, run, model):
    call(capsys, "interpolate", run.id, "--seeds", "1,2", "--kind", "lerp", "--frames", 11, "--out", "path.png")
    close(opened("path.png"), strip([painted(model, lerp(prior(model, 1)[0], prior(model, 2)[0], 11))]))


def test_interpolate_latents_of_a_file_as_mp4(capsys, run, model):
    np.save("z.npy", 3 * np.eye(3)[:2])
    made = call(capsys, "interpolate", run.id, "--z", "z.npy", "--frames", 12, "--fps", 30, "--out", "path.mp4")
    reader = imageio_ffmpeg.read_frames("path.mp4")
    about = next(reader)
    first, *rest = (np.frombuffer(frame, np.uint8).reshape(256, 256, 3) for frame in reader)
    assert about["fps"] == 30 and about["size"] == (256, 256) and len(rest) + 1 == made["frames"] == 12
    assert np.abs(first[8::16, 8::16, :1].astype(int) - painted(model, [[3, 0, 0]])[0]).mean() < 6


@pytest.mark.parametrize(("words", "frames"), [(["--images", "1,2", "--kind", "loop"], 8), (["--seeds", "4,5", "--kind", "circle"], 8),
                                               (["--seeds", "4", "--kind", "walk", "--walk-seed", "3"], 8), (["--images", "1,2", "--back"], 14)])
def test_every_kind_of_path_becomes_a_gif(capsys, run, words, frames):
    made = call(capsys, "interpolate", run.id, *words, "--frames", 8, "--out", "path.gif")
    image = Image.open("path.gif")
    assert made["frames"] == 8 and made["bytes"] == Path("path.gif").stat().st_size and image.size == (256, 256)
    assert sum(_durations(image)) == 10 * round(100 * frames / 60)   # equal neighbours become one that stays for longer


def _durations(image):
    for i in range(image.n_frames):
        image.seek(i)
        yield image.info["duration"]


def test_the_same_seed_walks_the_same_way(capsys, run):
    for name in ("a.png", "b.png", "c.png"):
        seed = 4 if name == "c.png" else 3
        call(capsys, "interpolate", run.id, "--seeds", "4", "--kind", "walk", "--walk-seed", seed, "--frames", 60, "--out", name)
    np.testing.assert_array_equal(opened("a.png"), opened("b.png"))
    assert not np.array_equal(opened("a.png"), opened("c.png"))


# -- what a person can put right ------------------------------------------------------------------------------------


def write_bad_files():
    np.save("two.npy", np.zeros(2))
    np.save("nan.npy", np.array([0, np.nan, 0]))
    np.save("inf.npy", np.array([0, np.inf, 0]))
    np.save("cube.npy", np.zeros((2, 2, 3)))
    np.save("none.npy", np.zeros((0, 3)))
    np.save("words.npy", np.array(["a", "b", "c"]))
    np.save("objects.npy", np.array([{}, 1], object), allow_pickle=True)
    np.savez("many.npz", z=np.zeros(3))
    np.save("pair.npy", np.zeros((2, 3)))
    Path("text.npy").write_text("no numbers here")
    Path("empty.npy").touch()


DECODE, TRAVERSE, PATH = ("decode", "RUN", "--out", "o.png"), ("traverse", "RUN", "--out", "o.png"), ("interpolate", "RUN", "--out", "o.gif")


@pytest.mark.parametrize(("words", "said"), [
    ((*DECODE, "--z", "two.npy"), "(n, 3) is needed"),
    ((*DECODE, "--z", "nan.npy"), "NaN"),
    ((*DECODE, "--z", "inf.npy"), "beyond 1000"),
    ((*DECODE, "--z", "missing.npy"), "there is no such file"),
    ((*DECODE, "--z", "text.npy"), "is not an .npy file"),
    ((*DECODE, "--z", "empty.npy"), "is not an .npy file"),
    ((*DECODE, "--z", "objects.npy"), "is not an .npy file"),
    ((*DECODE, "--z", "many.npz"), "several arrays"),
    ((*DECODE, "--z", "words.npy"), "numbers of shape"),
    ((*DECODE, "--z", "cube.npy"), "(2, 2, 3)"),
    ((*DECODE, "--z", "none.npy"), "(0, 3)"),
    ((*DECODE, "--z", "."), "is not an .npy file"),
    ((*DECODE, "--seed", "-1"), "seed -1"),
    ((*DECODE, "--seed", "1", "--n", "0"), "--n 0"),
    ((*DECODE, "--seed", "1", "--step", "3"), "no weights at step 3"),
    ((*DECODE, "--seed", "1", "--step", "-4"), "--step -4"),
    (("decode", "nothing", "--seed", "1", "--out", "o.png"), "'nothing' is not known"),
    (("decode", "RUN", "--seed", "1", "--out", "o.gif"), ".png can be written"),
    (("decode", "RUN", "--seed", "1", "--out", "no/o.png"), "does not exist"),
    ((*TRAVERSE, "--seed", "1", "--axis", "3"), "dimensions 0 to 2"),
    ((*TRAVERSE, "--seed", "1", "--axis", "-1"), "dimensions 0 to 2"),
    ((*TRAVERSE, "--seed", "1", "--axis", "pc0"), "pc1 to pc3"),
    ((*TRAVERSE, "--seed", "1", "--axis", "pc4"), "pc1 to pc3"),
    ((*TRAVERSE, "--seed", "1", "--axis", "digit:3"), "did you mean 'digit: 3'"),
    ((*TRAVERSE, "--seed", "1", "--axis", "0", "--steps", "1"), "--steps 1"),
    ((*TRAVERSE, "--seed", "1", "--axis", "0", "--to", "nan"), "--to nan"),
    ((*TRAVERSE, "--seed", "1", "--axis", "0", "--to", "1e9"), "beyond 1000"),
    ((*TRAVERSE, "--z", "pair.npy", "--axis", "0"), "holds 2 latents"),
    ((*TRAVERSE, "--image", "9999", "--axis", "0"), "image 9999"),
    ((*TRAVERSE, "--image", "1", "--axis", "0", "--step", "OLD"), "no encoder"),
    ((*TRAVERSE, "--seed", "1", "--axis", "pc1", "--step", "OLD"), "without an encoder"),
    ((*PATH, "--images", "3"), "at least 2"),
    ((*PATH, "--images", "3,9999"), "image 9999"),
    ((*PATH, "--images", "3,-1"), "image -1"),
    ((*PATH, "--images", "3,"), "with commas between"),
    ((*PATH, "--seeds", "1;2"), "with commas between"),
    ((*PATH, "--seeds", "1,2", "--frames", "1"), "1 frames"),
    ((*PATH, "--seeds", "1,2,3", "--frames", "2"), "2 frames for 3 waypoints"),
    ((*PATH, "--seeds", "1,2", "--frames", "100000"), "2 to 600"),
    ((*PATH, "--images", "1,2", "--step", "OLD"), "no encoder"),
    ((*PATH, "--seeds", "1,2", "--fps", "0"), "0 frames a second"),
    ((*PATH, "--z", "two.npy"), "(n, 3) is needed"),
    (("interpolate", "RUN", "--seeds", "1,2", "--out", "o.avi"), "'.avi'"),
    (("interpolate", "RUN", "--seeds", "1,2", "--out", "o"), "'nothing'"),
])
def test_what_a_person_can_put_right_is_one_line_and_exit_code_2(capsys, run, here, words, said):
    write_bad_files()
    places = {"RUN": run.id, "OLD": str(run.snapshots()[0])}
    code = main([places.get(word, word) for word in words])
    err = capsys.readouterr().err
    assert code == 2 and said in err and len(err.strip().splitlines()) == 1
    assert not [file for file in here.iterdir() if file.name.startswith(("o.", ".o"))] and not (here / "o").exists()


@pytest.mark.parametrize("words", [("decode", "RUN", "--out", "o.png"), (*PATH, "--seeds", "1,2", "--kind", "spiral"),
                                   ("decode", "RUN", "--seed", "1"), ("interpolate", "RUN", "--images", "1,2", "--seeds", "1,2", "--out", "o.gif")])
def test_what_the_options_do_not_allow_ends_with_code_2(capsys, run, words):
    with pytest.raises(SystemExit) as left:
        main([run.id if word == "RUN" else word for word in words])
    assert left.value.code == 2 and "error:" in capsys.readouterr().err
