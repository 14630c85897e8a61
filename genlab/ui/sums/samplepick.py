"""Choosing a sum of concepts for a model that cannot encode: its own samples stand for A, B and C."""

import streamlit as st

from genlab.lens.codes import Codes
from genlab.lens.models import ServedModel
from genlab.lens.near import NEAR, SHAKE
from genlab.runs import Run
from genlab.sums.expression import parse
from genlab.sums.samples import USUAL
from genlab.sums.vocabulary import Vocabulary
from genlab.sums.worked import sample_parts
from genlab.ui.explore.drawncodes import say_unknown
from genlab.ui.sums.sumpick import Chosen, choose_protocol, choose_seed, choose_text

OPENING_SEED = 37   # of the shipped DCGAN: nobody with a beard, and an answer that is easy to recognise
SHARED = {
    "clear": f"Clear: what is said of a sample stays so when its latent is moved a little ({NEAR} times, by {SHAKE:g} of the prior's spread), as one "
             "would choose examples by eye; and they are matched.",
    "matched": "Matched: whether there is a hat, a beard and so on is read alike in all nine samples, where the sum does not name it.",
    "free": "Free: samples are taken at random, so the sum also has to carry what it does not name.",
}


def choose_sample_sum(run: Run, model: ServedModel, codes: Codes, *, key: str) -> Chosen:
    """The sum and the samples that a person chose, or that the address asks for. LabError where too few are as it says, below the controls."""
    vocabulary, is_faces = Vocabulary(codes.info), run.plan.data.name == "faces"
    say_unknown(codes)
    text = choose_text(vocabulary, is_faces, key) if len(vocabulary) else ""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        protocol = choose_protocol(f"{key}.samples", key, SHARED, USUAL) if is_faces and text else USUAL
        seed = choose_seed(key, OPENING_SEED)
    st.caption(f"A, B and C are three each of {len(codes.mu)} draws from its prior" + (", chosen by what is read from them." if text else "."))
    sum_ = parse(text, vocabulary) if text else None
    query = ({"sum": text} if text else {}) | {"seed": str(seed)} | ({"protocol": protocol} if protocol != USUAL else {})
    return Chosen(sample_parts(model, codes, sum_, seed, protocol), sum_, protocol, query)
