"""What does the number of training images change? The same model, trained on one image, on a few, on many."""

import streamlit as st

from genlab.errors import LabError
from genlab.studies import Study
from genlab.studies.plan import ENDLESS
from genlab.studies.tables import figure, groups
from genlab.ui.compare.study import begin_form, choose_study, downloads, show_claims, show_state
from genlab.ui.compare.studyview import show_pairs, show_row, show_table, show_trends
from genlab.ui.shell.address import arriving, write_address
from genlab.ui.shell.links import copy_link
from genlab.ui.shell.page import errors_shown

KEY = "dataset_size"
KIND = "dataset-size"
ROWS = {"samples": "Samples", "recon": "Reconstructions", "path": "Paths", "train": "Training images"}
SEEN = {"samples": "Above samples of N(0, I), below the training image that is nearest to each.",
        "recon": "Above held-out images, below their reconstructions.", "path": "From one held-out image to another.",
        "train": "The first of the images that each run learned from."}
TRENDS = (("kid", "Distance of samples to real images (KID)"), ("diversity", "How much samples vary, of real images' variance"),
          ("coverage", "Share of held-out images with a sample nearby"), ("mse", "Squared error on unseen images"),
          ("memorisation", "Samples nearer to training images than held-out ones are"), ("active_units", "Latents in use"),
          ("code_gap", "Distance of codes to N(0, I)"), ("unevenness", "Largest step of a path, in its mean step"))


def result(study: Study) -> None:
    by_size = {n: members for (_, n), members in groups(study).items()}
    if not by_size:
        st.info("Nothing is measured yet; it will be here as soon as it is.", icon=":material/hourglass:")
        return
    walls(study, by_size)
    st.subheader("Against the number of images", anchor=False)
    show_trends(study, TRENDS, key=f"{KEY}.trend")
    st.subheader("What held", anchor=False)
    show_claims(study)
    with st.expander("All figures", icon=":material/table:"):
        show_table(study)


def walls(study: Study, by_size: dict) -> None:
    """A row of pictures for each number of images."""
    seeds = sorted({member.seed for members in by_size.values() for member, _ in members})
    with st.container(horizontal=True, vertical_alignment="bottom"):
        row = st.segmented_control("Show", list(ROWS), default="samples", format_func=ROWS.get, required=True, key=f"{KEY}.row")
        seed = st.segmented_control("Seed", seeds, default=seeds[0], required=True, key=f"{KEY}.seed") if len(seeds) > 1 else seeds[0]
    st.caption(SEEN[row])
    if not study.plan.steps and len(by_size) > 1:
        st.caption(f"Every run saw its images {study.plan.epochs} times, as in the report: who has more of them has had more updates, too.")
    for n, members in by_size.items():
        member, found = next(((m, r) for m, r in members if m.seed == seed), members[0])
        last = max(map(int, found["epochs"]))
        name = "endless" if n == ENDLESS else f"{n} image{'s' * (n != 1)}"
        st.markdown(f"**{name}** · {found['step']} updates · {_in_short(members)}")
        alt, key = f"{ROWS[row]}, trained on {name}", f"{KEY}.wall.{n}"
        if row in ("samples", "recon"):
            show_pairs(study, member, *((f"samples-{last}", "nearest") if row == "samples" else ("real", f"recon-{last}")), alt=alt, key=key)
        else:
            show_row(study, member, row, alt=alt, key=key, columns=10)


def _in_short(members: list) -> str:
    """What the figures say of this number of images, in a few words."""
    spread, copied, kid = (figure(members, name) for name in ("diversity", "memorisation", "kid"))
    said = []
    if spread:
        v = spread.estimate.value
        said.append(f"samples vary {100 * v:.0f} % as much as real images" + (": they have collapsed onto one" if v < 0.05 else ""))
    if copied and copied.estimate.value > 0.9:
        said.append(f"nearer to the training images than unseen faces are in {100 * copied.estimate.value:.0f} % of pairs: learned by heart")
    if kid:
        said.append(f"KID {kid.estimate.value:.3g}")
    return "; ".join(said)


def page() -> None:
    study = choose_study(KIND, key=KEY)
    complete = show_state(study, key=KEY)
    with errors_shown():
        result(study)
    query = {"study": study.id}
    write_address(KEY, query)
    if complete:
        st.subheader("Take it with you", anchor=False)
        downloads(study, key=KEY)
    copy_link(query, key=f"{KEY}.link")


arriving(KEY)
try:
    page()
except LabError as error:
    st.info(str(error), icon=":material/info:")
begin_form(KIND, key=KEY)
