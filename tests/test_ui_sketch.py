"""The sketch: paper, what comes from the browser, and in a browser what is drawn."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

from genlab.errors import DataError
from genlab.ui.explore.sketch import MOST_BYTES, PREFIX, _read, paper_of


def data_url(image: Image.Image) -> str:
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return PREFIX + base64.b64encode(buffer.getvalue()).decode()


def test_a_drawing_becomes_an_image_of_the_model():
    drawn = np.zeros((320, 320, 3), np.uint8)
    drawn[:, 160:] = 255
    grey, colour = (_read(data_url(Image.fromarray(drawn)), 16, channels) for channels in (1, 3))
    assert grey.shape == (1, 16, 16) and colour.shape == (3, 16, 16) and grey.dtype == np.uint8
    assert grey[0, :, :6].max() < 20 and grey[0, :, 10:].min() > 235


@pytest.mark.parametrize("bad", [None, 5, "", "data:text/html;base64,AAAA", PREFIX + "!!", PREFIX + "AAAA", PREFIX + "A" * MOST_BYTES])
def test_what_is_no_drawing_is_refused(bad):
    with pytest.raises(DataError):
        _read(bad, 16, 1)


def test_paper_has_the_colour_of_the_edges():
    x = np.zeros((4, 1, 8, 8), np.uint8)
    assert paper_of(x) == "#000000" and paper_of(255 - x) == "#ffffff"
    x[:, :, 2:6, 2:6] = 255   # what is in the middle does not count
    assert paper_of(x) == "#000000"
    colour = np.broadcast_to(np.array([16, 128, 255], np.uint8)[None, :, None, None], (2, 3, 8, 8))
    assert paper_of(colour) == "#1080ff"
