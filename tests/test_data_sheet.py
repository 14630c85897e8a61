"""attributes.csv: the kinds seen in the values, and the sentences for what is nonsense."""

import numpy as np
import pytest

from genlab.data.base import Attribute
from genlab.data.sheet import read_sheet
from genlab.data.table import MAX_BYTES
from genlab.errors import DataError

NAMES = ["a.png", "b.png", "in/c.png", "in/d.png"]


def sheet(text, names=NAMES):
    return read_sheet(text.encode(), names)


def column(values, names=None, separator=","):
    """The one attribute of a table with these cells."""
    names = names or [f"{i}.png" for i in range(len(values))]
    read = sheet(f"file{separator}fact\n" + "".join(f"{name}{separator}{value}\n" for name, value in zip(names, values, strict=True)), names)
    assert read.faults == ()
    return read.attribute_info[0], read.attributes[:, 0].tolist()


@pytest.mark.parametrize("values", [["0", "1", "1"], ["-1", "1", "1"], ["no", "Yes", "yes"], ["FALSE", "true", "TRUE"]])
def test_two_opposites_are_binary(values):
    assert column(values) == (Attribute("fact", "binary"), [0, 1, 1])


BINARY = [
    ["0.0", "1.0", "1"], ["-1.0", "1.0", "1"], ["\u22121", "1", "+1"], ["-1", "1.0", "1e0"], [".0", "1.", "01"], ["0%", "1%", "1 %"],
    ["no", "1", "yes"],
    ["False", "1", "True"], ["FALSCH", "WAHR", "ja"], ["Nein", "Ja", "ja"], ["no", "SI\u0301", "s\u00ed"], ["non", "oui", "VRAI"], ["N", "y", "Y"],
    ["f", "T", "t"], ["-", "+", "+"], ["without", "with", "With"], ["\u2717", "\u2713", "\u2713"], ["\u00a0no\u202f", "yes ", "yes"],
]


@pytest.mark.parametrize("values", BINARY, ids=" ".join)
def test_no_and_yes_are_binary_in_any_spelling(values):
    assert column(values) == (Attribute("fact", "binary"), [0, 1, 1])


@pytest.mark.parametrize("values", [["0,0", "1,0", "1"], ["-1,0", "1,0", "1,00"]])
def test_decimal_commas_do_not_hide_two_opposites(values):
    assert column(values, separator=";") == (Attribute("fact", "binary"), [0, 1, 1])


@pytest.mark.parametrize(("separator", "values", "numbers"), [
    (";", ["23,5", "2", "1.234,5"], [23.5, 2, 1234.5]), (";", ["23,5", "1,234", "-,5"], [23.5, 1.234, -0.5]), (";", ["23,5", "2.5", "1"],
    [23.5, 2.5, 1]),
    ("\t", ["1\u202f234,5", "2 000", "3"], [1234.5, 2000, 3]), (",", ['"23,5"', '"1,25"', "2"], [23.5, 1.25, 2]), ("|", ["2,5e3", "1", "2"],
    [2500, 1, 2]),
    (",", ['"1,234.5"', '"2,345,678"', "3"], [1234.5, 2345678, 3]), (",", ["12.5%", "45 %", "3"], [12.5, 45, 3]), (",", ["1'234.5", "2", "3"],
    [1234.5, 2, 3]),
])
def test_numbers_are_read_as_people_of_any_country_write_them(separator, values, numbers):
    attribute, found = column(values, separator=separator)
    assert attribute.kind == "continuous" and np.allclose(found, numbers)


def test_one_choice_in_several_spellings_is_one_choice():
    assert column(["1,0", "2,0", "1", "2.0"], separator=";") == (Attribute("fact", "categorical", 0, 1, ("1", "2")), [0, 1, 0, 1])
    assert column(["two  words", "one", "Two\u00a0Words"])[1] == [1, 0, 1]


@pytest.mark.parametrize("values", [["yes", "no", "maybe"], ["1", "0", "-1", "0", "1", "-1"], ["y", "n", "m"]])
def test_a_third_answer_makes_a_category(values):
    assert column(values)[0].kind == "categorical"


@pytest.mark.parametrize("values", [["0", "0.0", "-0", "0"], ["yes", "1", "TRUE", "yes"], ["2,0", "2", "2.00", "2"]])
def test_one_value_in_several_spellings_is_told(values):
    read = sheet("file;fact\n" + "".join(f"{name};{value}\n" for name, value in zip(NAMES, values, strict=False)))
    assert read.faults == ("column 'fact' holds the same value for every image",)


SAVED = {
    "sep line": "sep=;\nfile;a;b\na.png;1;2,5\nb.png;0;1,5\n", "quoted sep line": '"sep=,"\r\nfile,a,b\r\na.png,1,2.5\r\nb.png,0,1.5\r\n',
    "sep line after a mark": "\ufeffSEP=\t\nfile\ta\tb\na.png\t1\t2.5\nb.png\t0\t1.5\n",
    "sep line with empty cells": "sep=;;;\nfile;a;b\na.png;1;2.5\nb.png;0;1.5\n",
    "trailing comma": "file,a,b,\na.png,1,2.5,\nb.png,0,1.5,\n", "trailing commas": "file,a,b,,,\na.png,1,2.5,,,\nb.png,0,1.5,,,\n",
    "trailing comma below the header": "file,a,b\na.png,1,2.5,\nb.png,0,1.5,\n",
    "trailing comma in the header": "file,a,b,\na.png,1,2.5\nb.png,0,1.5\n",
    "trailing semicolon": "file;a;b;\na.png;1;2,5;\nb.png;0;1,5;\n", "bars": "file|a|b\na.png|1|2.5\nb.png|0|1.5\n",
    "old line ends": "sep=;\rfile;a;b\ra.png;1;2,5\rb.png;0;1,5\r",
}


@pytest.mark.parametrize("case", SAVED)
def test_a_table_is_read_however_a_spreadsheet_saved_it(case):
    read = sheet(SAVED[case], ["a.png", "b.png"])
    assert (read.attribute_info, read.faults) == ((Attribute("a"), Attribute("b", "continuous", 1.5, 2.5)), ())
    assert read.attributes.tolist() == [[1, 2.5], [0, 1.5]]


def test_commas_in_a_heading_do_not_part_cells():
    read = sheet("file;height, in cm, at noon\na.png;1,5\nb.png;2,5\n", ["a.png", "b.png"])
    assert read.attribute_info == (Attribute("height, in cm, at noon", "continuous", 1.5, 2.5),)


def test_a_line_is_named_as_the_file_counts_it():
    assert sheet("sep=;\nfile;a\nzebra.png;1\n").faults[0] == "line 3 names 'zebra.png', which is not among the images"


def test_an_unknown_last_cell_is_no_missing_one():
    read = sheet("file,a,b\na.png,1,\nb.png,0,\nin/c.png,1,1.5\nin/d.png,1,2.5\n")
    assert read.faults == () and np.isnan(read.attributes[:2, 1]).all()


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
    "ticks": (["x", "", "x", ""], "column 'fact' holds 'x' or nothing; write what it is for the others, too, such as no"),
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


def test_a_column_without_a_name_is_left_out_alone():
    read = sheet("file,,age\na.png,1,2\nb.png,2,5\n")
    assert [a.name for a in read.attribute_info] == ["age"] and read.faults == ("column 2 has no name in line 1",)


def test_a_table_without_a_header_says_which_picture_lost_its_row():
    read = sheet("a.png,yes\nb.png,no\nc.png,yes\n")
    assert read.faults == ("line 1 is about 'a.png' and was taken for the names of the columns; put a line with their names above it",)


def test_a_table_without_rows_knows_nothing():
    assert sheet("file,age\n").attributes.shape == (4, 0)
