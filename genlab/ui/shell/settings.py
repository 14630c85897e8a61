"""Streamlit's settings, the same however the lab is served."""

import os
from pathlib import Path

from click.types import convert_type
from streamlit import config


def use_settings(app: Path) -> None:
    """Take the settings from .streamlit/config.toml beside the app and from STREAMLIT_... variables; to be called before any is read.

    `streamlit run` does so by itself. Under any other server streamlit looks below the working directory and beside the first page's
    script, and at no variable: started from elsewhere, pages would look otherwise and browsers would report to an outside host.
    """
    if config._main_script_path is not None:   # `streamlit run` has been here
        return
    try:
        Path.home()
    except RuntimeError:   # a user without a home whom the system does not know either: streamlit would not start
        os.environ["HOME"] = "/nonexistent"
    config._main_script_path = str(app)
    config.get_config_options(force_reparse=True, options_from_flags=_from_variables())


def _from_variables() -> dict[str, object]:
    """Settings by name from variables such as STREAMLIT_SERVER_MAX_UPLOAD_SIZE, each of its own type. Secret ones streamlit reads itself."""
    options = (option for option in config._config_options_template.values() if not option.sensitive)
    named = {option.key: (option, os.environ[option.env_var]) for option in options if option.env_var in os.environ}
    return {key: value.split() if option.multiple else convert_type(option.type).convert(value, None, None) for key, (option, value) in named.items()}
