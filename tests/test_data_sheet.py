"""attributes.csv: the kinds seen in the values, and the sentences for what is nonsense."""

import numpy as np
import pytest

from genlab.data.base import Attribute
from genlab.data.sheet import MAX_BYTES, read_sheet
from genlab.errors import DataError

NAMES = ["a.png", "b.png", "in/c.png", "in/d.png"]


def sheet(text, names=NAMES):
    return read_sheet(text.encode(), names)


def column(values, names=None):
    """The one attribute of a table with these cells."""
    names = names or [f"{i}.png" for i in range(len(values))]
    read = sheet("file,fact\n" + "".join(f"{name},{value}\n" for name, value in zip(names, values, strict=True)), names)
    assert read.faults == ()
    return read.attribute_info[0], read.attributes[:, 0].tolist()


@pytest.mark.parametrize("values", [["0", "1", "1"], ["-1", "1", "1"], ["no", "Yes", "yes"], ["FALSE", "true", "TRUE"]])
def test_two_opposites_are_binary(values):
    assert column(values) == (Attribute("fact", "binary"), [0, 1, 1])


def test_numbers_are_continuous_in_their_range():
    assert column(["1.5", "-2", "3e1"]) == (Attribute("fact", "continuous", -2, 30), [1.5, -2, 30])


def test_few_whole_numbers_that_repeat_are_categorical():
    assert column(["7", "3", "7", "3", "5", "5.0"]) == (Attribute("fact", "categorical", 0, 2, ("3", "5", "7")), [2, 0, 2, 0, 1, 1])


def test_whole_numbers_that_do_not_repeat_are_continuous():
    assert column(["1950", "1960", "1970"])[0] == Attribute("fact", "continuous", 1950, 1970)


def test_few_words_are_categorical():
    assert column(["Cat", "dog", "cat"]) == (Attribute("fact", "categorical", 0, 1, ("Cat", "dog")), [0, 1, 0])


def test_rows_find_their_images_by_path_or_last_part():
    read = sheet("file,age\nd.png,4\na.png,1\nin/c.png,3.5\n")
    assert np.array_equal(read.attributes, np.float32([[1], [np.nan], [3.5], [4]]), equal_nan=True)
    assert read.faults == ()


@pytest.mark.parametrize("unknown", ["", "NA", "n/a", "NaN", "null"])
def test_an_empty_cell_is_unknown(unknown):
    _, values = column(["1.5", unknown, "2.5"])
    assert values[0] == 1.5 and np.isnan(values[1])


@pytest.mark.parametrize("text", ["file;age\na.png;1,5\n", "file\tage\na.png\t1.5\nb.png\t2\n", "\ufefffile,age\r\na.png,1.5\r\nb.png,2\r\n"])
def test_other_separators_and_line_ends_are_read(text):
    assert not [fault for fault in sheet(text).faults if "cells" in fault or "among" in fault]


ROWS = {
    "no such image": ("zebra.png,1", "line 4 names 'zebra.png', which is not among the images"),
    "too few cells": ("in/c.png", "line 4 has 1 cells; 2 are needed"),
    "too many cells": ("in/c.png,1,2", "line 4 has 3 cells; 2 are needed"),
    "twice": ("a.png,2", "line 4 names 'a.png' a second time"),
    "climbing": ("../../etc/passwd,1", "line 4 names '../../etc/passwd', which is not among the images"),
}


@pytest.mark.parametrize("case", ROWS)
def test_a_row_that_fits_no_image_is_told_and_the_rest_is_read(case):
    row, fault = ROWS[case]
    read = sheet(f"file,age\na.png,1.5\nb.png,2\n{row}\n")
    assert read.faults == (fault,)
    assert read.attributes[:2, 0].tolist() == [1.5, 2]


def test_a_name_that_two_images_share_fits_neither():
    read = sheet("file,age\na.png,1\nx/a.png,2\n", ["x/a.png", "y/a.png"])
    assert "line 2 names 'a.png', which 2 images share" in read.faults


COLUMNS = {
    "constant": (["3", "3", "3", "3"], "column 'fact' holds the same value for every image"),
    "empty": (["", "na", "", ""], "column 'fact' holds no value for any image"),
    "mixed": (["3", "4", "old", "5"], "column 'fact' mixes numbers with words such as 'old'; all numbers, or all words, are needed"),
    "infinite": (["3", "4", "inf", "5"], "column 'fact' holds a number that is infinite or too large"),
    "not a number": (["3", "4", "-nan", "5"], "column 'fact' holds a number that is infinite or too large"),
    "beyond float32": (["3", "4", "1e300", "5"], "column 'fact' holds a number that is infinite or too large"),
}


@pytest.mark.parametrize("case", COLUMNS)
def test_a_column_of_nonsense_is_told_and_the_others_are_read(case):
    cells, fault = COLUMNS[case]
    read = sheet("file,fact,age\n" + "".join(f"{name},{cell},{i}.5\n" for i, (name, cell) in enumerate(zip(NAMES, cells, strict=True))))
    assert read.faults == (fault,)
    assert [a.name for a in read.attribute_info] == ["age"] and read.attributes.shape == (4, 1)


def test_a_column_of_free_text_is_told():
    names = [f"{i}.png" for i in range(60)]
    read = sheet("file,note\n" + "".join(f"{name},word{i}\n" for i, name in enumerate(names)), names)
    assert read.faults == ("column 'note' holds 60 different words; numbers, or at most 50 different words, are needed",)


WHOLE = {
    "empty": (b"", "is empty; a header and one row for each image are needed"),
    "blank": (b"\n\n , \n", "is empty"),
    "one column": (b"file\na.png\n", "its header is 'file' alone; a column of file names and at least one attribute are needed"),
    "binary": (b"\x89PNG\r\n\x1a\n\x00\xff", "is not UTF-8 text (byte 0); save it as CSV UTF-8"),
    "utf-16": ("file,age\na.png,1\n".encode("utf-16"), "is not UTF-8 text (byte 0); save it as CSV UTF-8"),
    "unnamed": (b"file,,age\na.png,1,2\n", "has a column without a name"),
    "twice": (b"file,age,age\na.png,1,2\n", "names a column twice: 'age'"),
    "wide": (b"file" + b"".join(b",c%d" % i for i in range(201)) + b"\n", "has 201 attributes; at most 200 are taken"),
    "huge cell": (b"file,age\na.png," + b"9" * 200_000 + b"\n", "line 2 can't be read as CSV (field larger than field limit (131072))"),
    "huge": (b"file,age\n" + b"a.png,1\n" * (MAX_BYTES // 8), "has 20 MB; at most 20 MB are read"),
}


@pytest.mark.parametrize("case", WHOLE)
def test_what_is_no_table_is_refused_with_its_reason(case):
    data, reason = WHOLE[case]
    with pytest.raises(DataError) as told:
        read_sheet(data, NAMES)
    assert str(told.value).startswith(reason)


def test_a_table_without_rows_knows_nothing():
    assert sheet("file,age\n").attributes.shape == (4, 0)
