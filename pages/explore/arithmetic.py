"""What is a man with glasses, minus a man, plus a woman?"""

import numpy as np
import streamlit as st

from genlab.latent.arrays import npy
from genlab.lens.models import MODELS, ServedModel
from genlab.runs import Run, find_run
from genlab.runs.pictures import png
from genlab.sums.worked import Worked, work_out
from genlab.ui.data.datahere import has_images
from genlab.ui.explore.changed import can_be_judged
from genlab.ui.explore.drawncodes import codes_of
from genlab.ui.explore.runpick import choose_run
from genlab.ui.shell.address import arriving, write_address
from genlab.ui.shell.links import copy_link
from genlab.ui.shell.page import errors_shown
from genlab.ui.sums.samplepick import choose_sample_sum
from genlab.ui.sums.sumboard import show_board, show_reading
from genlab.ui.sums.sumedit import choose_direction, choose_picture, forget_edit, show_edit, show_entanglement
from genlab.ui.sums.sumpick import choose_sum, forget_sum
from genlab.ui.sums.sumscore import show_score

KEY = "arithmetic"
BEST = "faces-vae-detail"   # made for sums: the others blur earrings and moustaches


@st.fragment
@errors_shown()
def experiment(run_id: str) -> None:
    """Everything about one run, by its newest weights."""
    run, model = find_run(run_id), MODELS.get(run_id, exact=True)
    if not has_images(run, key=KEY):
        return
    query, worked = {"run": run.id}, None
    with errors_shown():   # what is wrong with the sum does not take the directions away
        worked, said = the_sum(run, model)
        query |= said
    with errors_shown():
        query |= the_edit(run, model, worked)
    write_address(KEY, query)
    with st.container(horizontal=True, vertical_alignment="center"):
        copy_link(query, key=f"{KEY}.link")
        if worked is not None:
            downloads(worked)


def the_sum(run: Run, model: ServedModel) -> tuple[Worked, dict[str, str]]:
    """The board, what the judge says of it, and how often such a sum comes out right."""
    chosen = (choose_sum(run, model, lambda: codes_of(run.id), key=KEY) if model.can_encode
              else choose_sample_sum(run, model, codes_of(run.id), key=KEY))
    worked = work_out(model, chosen.parts)
    show_board(worked, key=f"{KEY}.board")
    if can_be_judged(run) and chosen.sum:
        with errors_shown():
            show_reading(worked)
            st.subheader("How often does it work?", anchor=False)
            show_score(run, chosen.sum, chosen.protocol, key=KEY)
    return worked, chosen.query


def the_edit(run: Run, model: ServedModel, worked: Worked | None) -> dict[str, str]:
    """One direction, moved by hand, and what each direction moves."""
    st.subheader("Move one attribute", anchor=False)
    codes = codes_of(run.id)
    direction = choose_direction(codes, key=KEY)
    start = choose_picture(run, model, codes, None if worked is None else worked.z, key=KEY)
    query = direction.query | show_edit(run, model, start, direction, key=KEY)
    if run.plan.data.name == "faces":
        with errors_shown():
            show_entanglement(run, direction, key=KEY)
    return query


def downloads(worked: Worked) -> None:
    keep = {"on_click": "ignore", "icon": ":material/download:"}
    st.download_button("Answer", lambda: png(np.squeeze(worked.answer.transpose(1, 2, 0))), "answer.png", "image/png", key=f"{KEY}.save", **keep)
    st.download_button("z", lambda: npy(worked.z), "z.npy", "application/octet-stream", key=f"{KEY}.save_z", **keep)


if arriving(KEY):
    forget_sum(KEY)
    forget_edit(KEY)
experiment(choose_run(BEST).id)
