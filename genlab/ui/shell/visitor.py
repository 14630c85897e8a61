"""Who is looking: the same browser gets the same id, and nobody can pretend to be somebody else by it."""

import hashlib
import secrets

import streamlit as st

from genlab.server.visitor import COOKIE, is_visitor_token


def visitor_id() -> str:
    """16 hexadecimal digits for this browser; for this session alone where it takes no cookies.

    A digest of the cookie, so that it can stand in a run folder for all to read: the cookie cannot be had from it.
    """
    token = st.context.cookies.get(COOKIE)
    if not is_visitor_token(token):
        token = st.session_state.setdefault("visitor.token", secrets.token_hex(16))
    return hashlib.sha256(token.encode()).hexdigest()[:16]
