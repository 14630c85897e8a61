"""CelebA, from a small folder written in its layout."""

import numpy as np
import pytest
from PIL import Image

from genlab.data import DATASETS, DataSpec, load_dataset, reading
from genlab.data.celeba import read_list
from genlab.errors import DataError
from tests.sample_pictures import drawn, picture

# the names and their order are those of list_attr_celeba.txt
NAMES = [
    "5_o_Clock_Shadow", "Arched_Eyebrows", "Attractive", "Bags_Under_Eyes", "Bald", "Bangs", "Big_Lips", "Big_Nose", "Black_Hair", "Blond_Hair",
    "Blurry", "Brown_Hair", "Bushy_Eyebrows", "Chubby", "Double_Chin", "Eyeglasses", "Goatee", "Gray_Hair", "Heavy_Makeup", "High_Cheekbones",
    "Male", "Mouth_Slightly_Open", "Mustache", "Narrow_Eyes", "No_Beard", "Oval_Face", "Pale_Skin", "Pointy_Nose", "Receding_Hairline",
    "Rosy_Cheeks", "Sideburns", "Smiling", "Straight_Hair", "Wavy_Hair", "Wearing_Earrings", "Wearing_Hat", "Wearing_Lipstick",
    "Wearing_Necklace", "Wearing_Necktie", "Young",
]
N = 30
SIGNS = np.random.default_rng(0).choice([-1, 1], (N, 40))


@pytest.fixture
def mine(tmp_path, monkeypatch):
    monkeypatch.setenv("GENLAB_DATA", str(tmp_path / "mine"))
    monkeypatch.setenv("GENLAB_CACHE", str(tmp_path / "cache"))
    return tmp_path / "mine"


@pytest.fixture
def faces(mine):
    """The folder of 30 pictures of 178x218, and the list beside it."""
    folder = mine / "celeba" / "img_align_celeba"
    folder.mkdir(parents=True)
    for i in range(N):
        (folder / f"{i + 1:06d}.jpg").write_bytes(picture("JPEG", seed=i, width=178, height=218, quality=95))
    rows = [f"{i + 1:06d}.jpg " + " ".join(f"{s:2d}" for s in SIGNS[i]) for i in range(N)]
    (mine / "celeba" / "list_attr_celeba.txt").write_text(f"{N}\n{' '.join(NAMES)} \n" + "\n".join(rows) + "\n")
    return folder


def all_images(**options):
    images = DATASETS["celeba"].load(DataSpec(name="celeba", **{"size": 64, "channels": 3, **options}), lambda share, what: None)
    return images.take(np.arange(len(images)))


def test_images_and_attributes_belong_together(faces):
    images = all_images()
    assert images.x.shape == (N, 3, 64, 64) and images.attribute_names == tuple(NAMES)
    assert np.array_equal(images.attributes, SIGNS == 1)
    for i in (0, 7, 29):   # the middle square, 20 pixels from the top
        middle = np.asarray(drawn(178, 218, seed=i).crop((0, 20, 178, 198)).resize((64, 64), Image.Resampling.LANCZOS))
        assert np.abs(images.x[i].transpose(1, 2, 0).astype(int) - middle).mean() < 4


def test_the_default_is_64_pixels_in_colour(faces):
    train, test = load_dataset(DataSpec(name="celeba"))
    assert train.x.shape == (27, 3, 64, 64) and len(test) == 3
    assert DATASETS["celeba"].is_local() and DATASETS["celeba"].count() == N and DATASETS["celeba"].fetch is None


@pytest.mark.parametrize("place", ["CelebA", "."])
def test_other_places_are_found(place, faces, mine):
    (mine / "celeba").rename(mine / "x")
    (mine / place).mkdir(exist_ok=True)
    for path in (mine / "x").iterdir():
        path.rename(mine / place / path.name)
    assert len(all_images(size=16, channels=1)) == N


def test_a_folder_within_the_folder_and_the_list_in_anno_are_found(faces):
    faces.rename(faces.parent / "x")
    faces.mkdir()
    (faces.parent / "x").rename(faces / "img_align_celeba")
    (faces.parent / "Anno").mkdir()
    (faces.parent / "list_attr_celeba.txt").rename(faces.parent / "Anno" / "list_attr_celeba.txt")
    assert len(all_images(size=16)) == N


def test_only_what_is_asked_for_is_opened(faces, monkeypatch):
    opened, whole = [], reading.read_stack
    monkeypatch.setattr("genlab.data.celeba.read_stack", lambda name, read, n, progress: (opened.append(n), whole(name, read, n, progress))[1])
    train, test = load_dataset(DataSpec(name="celeba", n=4, size=16))
    assert (len(train), len(test), opened) == (4, 3, [7])


def test_images_that_are_not_there_are_passed_over(faces):
    for i in (1, 5, 30):
        (faces / f"{i:06d}.jpg").unlink()
    assert np.array_equal(all_images(size=16).attributes, np.delete(SIGNS == 1, [0, 4, 29], axis=0))


def test_a_broken_image_is_told_by_name_where_it_is_taken(faces):
    path = faces / "000003.jpg"
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(DataError, match=r"^celeba: 000003.jpg is cut short or damaged \(.*\)\. Repair or remove it$"):
        all_images()


def test_of_many_broken_images_a_few_are_named(faces):
    for path in faces.iterdir():
        path.write_bytes(b"")
    with pytest.raises(DataError, match=r"^celeba: 000001.jpg is no picture .*; 000005.jpg is no picture .*; and 25 more\. Repair or remove them$"):
        all_images()


def test_progress_runs_from_nothing_to_one(faces):
    told = []
    load_dataset(DataSpec(name="celeba", size=16), lambda share, what: told.append(share))
    assert told == sorted(told) and told[0] == 0 and told[-1] == 1


def test_without_files_it_is_said_where_to_put_them(mine, tmp_path):
    with pytest.raises(DataError) as told:
        load_dataset(DataSpec(name="celeba"))
    assert str(told.value) == (
        f"celeba: its files are not on this machine (looked in {mine} and {tmp_path}/cache). Put list_attr_celeba.txt and the folder "
        f"img_align_celeba/ into {tmp_path}/cache/celeba, or into celeba/ below a folder that GENLAB_DATA names"
    )
    assert not DATASETS["celeba"].is_local() and DATASETS["celeba"].count() is None


def test_a_list_without_its_images_is_told(faces):
    for path in faces.iterdir():
        path.unlink()
    with pytest.raises(DataError, match=rf"^celeba: none of the 30 files that .*list_attr_celeba.txt names is in {faces}; unpack img_align"):
        load_dataset(DataSpec(name="celeba"))


LISTS = {
    "empty": ("", "its first line states '' images and 0 follow"),
    "cut": ("3\nSmiling Male\na.jpg 1 1\nb.jpg 1 1\n", "its first line states '3' images and 2 follow"),
    "no count": ("Smiling Male\na.jpg 1 1\n", "its first line states 'Smiling Male' images and 0 follow"),
    "short row": ("2\nSmiling Male\na.jpg 1 1\nb.jpg 1\n", "can't be read ("),
    "words": ("1\nSmiling Male\na.jpg yes no\n", "can't be read ("),
    "zero": ("2\nSmiling Male\na.jpg 1 1\nb.jpg 1 0\n", "line 4 holds a value other than -1 and 1"),
}


@pytest.mark.parametrize("case", LISTS)
def test_a_broken_list_is_told(case, tmp_path):
    text, reason = LISTS[case]
    (tmp_path / "list.txt").write_text(text)
    with pytest.raises(DataError) as told:
        read_list(tmp_path / "list.txt")
    assert str(told.value).startswith(f"{tmp_path / 'list.txt'}: {reason}")
