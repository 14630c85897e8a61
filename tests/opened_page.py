"""A page as its script makes it, without a browser: opened at an address, and what it told its components."""

import json
from pathlib import Path

from streamlit.testing.v1 import AppTest

MAIN = str(Path(__file__).resolve().parent.parent / "pages" / "main.py")


def opened(file: str, **query: object) -> AppTest:
    """The page in this file of pages/, with these parameters in its address (from_ for from); fails where its script does."""
    app = AppTest.from_file(MAIN, default_timeout=120).run()
    app.switch_page(file)
    for name, value in query.items():
        app.query_params[name.rstrip("_")] = str(value)
    return fine(app.run())


def fine(app: AppTest) -> AppTest:
    assert not app.exception, app.exception[0].stack_trace
    return app


def told(app: AppTest, component: str) -> dict | None:
    """What one of the page's components was given, None where there is none."""
    found = [c.proto for c in app.get("bidi_component") if c.proto.component_name.endswith(f"genlab_{component}")]
    return json.loads(found[0].json) if found else None


def address(app: AppTest) -> dict[str, str]:
    return {name: values[0] if isinstance(values, list) else values for name, values in app.query_params.items()}
