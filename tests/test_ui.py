"""Links, pictures, visitors and errors, as pages use them."""

import base64
import io

import numpy as np
import pytest
from opened_page import address, fine, opened
from PIL import Image
from streamlit.testing.v1 import AppTest
from tiny_runs import tiny_run, use_folders

from genlab.errors import LabError
from genlab.ui.shell.links import z_from_text, z_to_text

Z = np.random.default_rng(0).standard_normal(50).astype(np.float32)


def test_a_latent_survives_an_address():
    np.testing.assert_allclose(z_from_text(z_to_text(Z), 50), Z, rtol=5e-4, atol=1e-6)
    assert len(z_to_text(Z)) == 135


def test_an_exact_latent_survives_bit_for_bit():
    np.testing.assert_array_equal(z_from_text(z_to_text(Z, exact=True), 50), Z)


def test_a_value_too_large_for_16_bits_takes_32():
    z = np.array([1e6, -1.0], np.float32)
    np.testing.assert_array_equal(z_from_text(z_to_text(z), 2), z)


def test_an_address_needs_no_escapes():
    assert all((c.isalnum() or c in "-_") for c in z_to_text(Z, exact=True))


@pytest.mark.parametrize("text", ["", "h", "x" + z_to_text(Z)[1:], z_to_text(Z)[:-3], z_to_text(Z) + "!", "h" + "é" * 134, "h " + z_to_text(Z)[2:],
                                  z_to_text(Z, exact=True)[:100]])
def test_a_damaged_latent_is_refused(text):
    with pytest.raises(LabError, match="latent"):
        z_from_text(text, 50)


def test_a_latent_of_another_model_is_refused():
    with pytest.raises(LabError, match="has 50 numbers; this model's have 8"):
        z_from_text(z_to_text(Z), 8)


def test_a_latent_with_infinities_is_refused():
    forged = "f" + base64.urlsafe_b64encode(np.array([np.nan, np.inf], "<f4").tobytes()).decode().rstrip("=")
    with pytest.raises(LabError, match="not finite"):
        z_from_text(forged, 2)


def links_page():
    import streamlit as st

    from genlab.ui.shell.links import copy_link, query_z

    z = query_z("z", 3)
    st.markdown("none" if z is None else str(z.tolist()))
    copy_link({"run": "a b&c", "z": "hAA"}, key="link")


def test_a_page_reads_a_latent_from_its_address_and_offers_a_link():
    app = AppTest.from_function(links_page, default_timeout=60).run()
    assert app.markdown[0].value == "none"
    assert '"query":"run=a+b%26c&z=hAA"' in app.get("bidi_component")[0].proto.json.replace('": "', '":"')
    app.query_params["z"] = z_to_text(np.array([0.5, -1, 2]))
    assert app.run().markdown[0].value == "[0.5, -1.0, 2.0]"


def pictures_page():
    import numpy as np

    from genlab.ui.shell.pictures import show_images

    show_images(np.arange(5 * 3 * 4 * 4, dtype=np.uint8).reshape(5, 3, 4, 4), alt="five", key="p", columns=3, scale=7)


def test_images_come_as_one_picture_with_every_pixel_in_it():
    image = AppTest.from_function(pictures_page, default_timeout=60).run().get("image")[0].proto.imgs[0]
    assert image.alt == "five"
    pixels = np.asarray(Image.open(io.BytesIO(base64.b64decode(image.url.removeprefix("data:image/png;base64,")))))
    assert pixels.shape == (4 + 2 + 4, 3 * 6 - 2, 4)
    x = np.arange(5 * 3 * 4 * 4, dtype=np.uint8).reshape(5, 3, 4, 4)
    np.testing.assert_array_equal(pixels[6:10, 6:10, :3], x[4].transpose(1, 2, 0))
    assert (pixels[6:10, 12:, 3] == 0).all()


def visitor_page():
    import streamlit as st

    from genlab.ui.shell.visitor import visitor_id

    st.markdown(f"{visitor_id()} {visitor_id()}")


def test_who_takes_no_cookies_has_an_id_for_the_session():
    first, second = AppTest.from_function(visitor_page, default_timeout=60).run(), AppTest.from_function(visitor_page, default_timeout=60).run()
    a, b = first.markdown[0].value.split()
    assert a == b and len(a) == 16
    assert first.run().markdown[0].value.split()[0] == a
    assert second.markdown[0].value.split()[0] != a


def errors_page():
    import streamlit as st

    from genlab.errors import DataError
    from genlab.ui.shell.page import errors_shown

    @errors_shown()
    def fails(error):
        raise error

    fails(DataError("cats.zip: holds no image; png and jpeg are read"))
    st.markdown("goes on")
    fails(ZeroDivisionError("a bug"))


def test_what_a_person_can_put_right_is_shown_and_a_bug_surfaces():
    app = AppTest.from_function(errors_page, default_timeout=60).run()
    assert [e.value for e in app.error] == ["cats.zip: holds no image; png and jpeg are read"]
    assert app.markdown[0].value == "goes on"
    assert app.exception[0].value == "a bug"


def test_runs_of_one_title_are_told_apart(tmp_path, monkeypatch):
    """Streamlit takes the words of an option for the option."""
    use_folders(monkeypatch, tmp_path)
    runs = [tiny_run(epochs=1) for _ in range(3)]
    for run in runs:
        app = opened("explore/sliders.py", run=run.id)
        assert address(fine(app.run()))["run"] == run.id
