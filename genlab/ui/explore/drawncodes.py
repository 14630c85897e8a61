"""What stands in for codes where a run cannot encode: draws from its prior, read while one waits."""

import streamlit as st

from genlab.lens.codes import CODES, Codes


def read_codes(codes: Codes) -> Codes:
    """The same codes, their attributes at hand: reading thousands of samples takes seconds, once for a run's weights."""
    if not codes.is_read and codes.info:
        with st.spinner(f"Drawing {len(codes.mu)} samples and reading what they show, once for these weights"):
            _ = codes.attributes
    return codes


def codes_of(run_id: str) -> Codes:
    """A run's codes, their attributes at hand."""
    with st.spinner("Encoding the run's images"):
        codes = CODES.get(run_id)
    return read_codes(codes)


def say_unknown(codes: Codes) -> None:
    """Why nothing can be named in this run's latent space, where that is so."""
    if codes.why_unknown:
        st.caption(f"Nothing can be said of its samples in words. {codes.why_unknown}.")
