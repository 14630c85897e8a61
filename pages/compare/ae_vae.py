"""Does a VAE generate better than an autoencoder of the same network? Measured, and to be touched."""

import streamlit as st

from genlab.errors import LabError
from genlab.runs import Run
from genlab.studies import Study
from genlab.studies.tables import figure, groups
from genlab.ui.compare.pairpick import OWN, choose_pair, measure_these, pair_query
from genlab.ui.compare.pairview import any_epoch, codes_and_prior, holes, same_latent, same_path
from genlab.ui.compare.study import begin_form, choose_study, downloads, show_claims, show_state
from genlab.ui.compare.studyview import show_losses, show_row, show_table
from genlab.ui.data.datahere import has_images
from genlab.ui.shell.address import arriving, asked_number, write_address
from genlab.ui.shell.links import copy_link
from genlab.ui.shell.page import errors_shown
from genlab.ui.shell.theory import show_theory

KEY = "ae_vae"
KIND = "ae-vs-vae"
ROWS = {"samples": "Samples of N(0, I)", "recon": "Reconstructions"}


def result(study: Study, n: int) -> None:
    """The answer: what the samples look like over the epochs, what held, and the figures."""
    by_model = {model: members for (model, size), members in groups(study).items() if size == n}
    if set(by_model) != {"vae", "autoencoder"}:
        st.info("Nothing is measured yet; it will be here as soon as it is.", icon=":material/hourglass:")
        return
    headline(by_model)
    table_3(study, by_model)
    st.subheader("What held", anchor=False)
    show_claims(study)
    with st.expander("All figures", icon=":material/table:"):
        show_table(study, n=n)
        st.markdown("**Reconstruction loss in one unit**",
                    help="-log p(x|z) in nats per image. A VAE pays the KL on top; the autoencoder pays nothing else.")
        show_losses(study, n, key=f"{KEY}.losses")


def headline(by_model: dict) -> None:
    """KID of both, and how many times as far the one is."""
    vae, ae, mixture = figure(by_model["vae"], "kid"), figure(by_model["autoencoder"], "kid"), figure(by_model["autoencoder"], "kid", "mixture")
    if not (vae and ae):
        return
    with st.container(horizontal=True, gap="large"):
        st.metric("KID of the VAE's samples", f"{vae.estimate.value:.3g}", help=vae.text)
        st.metric("KID of the autoencoder's", f"{ae.estimate.value:.3g}", help=ae.text)
        st.metric("Times as far from real images", f"{ae.estimate.value / vae.estimate.value:.3g} ×" if vae.estimate.value > 0 else "")
        if mixture:
            st.metric("The autoencoder's, from a mixture", f"{mixture.estimate.value:.3g}",
                      help=f"{mixture.text}: not from N(0, I) but from a Gaussian mixture fitted to its codes.")


def table_3(study: Study, by_model: dict) -> None:
    """Both models after 10, 130 and 300 epochs, as in the report's third table."""
    seeds = [member.seed for member, _ in by_model["vae"]]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        row = st.segmented_control("Show", list(ROWS), default="samples", format_func=ROWS.get, required=True, key=f"{KEY}.row")
        seed = st.segmented_control("Seed", seeds, default=seeds[0], required=True, key=f"{KEY}.seed") if len(seeds) > 1 else seeds[0]
    for model, words in (("autoencoder", "Autoencoder"), ("vae", "VAE")):
        member, found = next((m, r) for m, r in by_model[model] if m.seed == seed)
        st.markdown(f"**{words}**")
        for epoch, column in zip(found["epochs"], st.columns(len(found["epochs"]), gap="small"), strict=True):
            with column:
                kid = found["epochs"][epoch].get("kid")
                told = f", KID {kid['value']:.3g}" if kid and row == "samples" else ""
                show_row(study, member, f"{row}-{epoch}", alt=f"{words}, {ROWS[row].lower()}, epoch {epoch}", key=f"{KEY}.{model}.{epoch}",
                         caption=f"Epoch {epoch}{told}")
    if row == "recon":
        show_row(study, by_model["vae"][0][0], "real", alt="The held-out images", key=f"{KEY}.real", caption="The held-out images", columns=8)


def live(pair: tuple[Run, Run]) -> None:
    """Both models, to be touched; only the tab in view is computed."""
    tabs = st.tabs(["The same z", "Any epoch", "The same path", "Codes and the prior", "Holes"], key=f"{KEY}.tab", on_change="rerun")
    for tab, part in zip(tabs, (same_latent, any_epoch, same_path, codes_and_prior, holes), strict=True):
        if tab.open:
            with tab:
                part(pair, key=f"{KEY}.{part.__name__}")


def page() -> None:
    study = choose_study(KIND, key=KEY)
    sizes = study.plan.sizes
    n = st.sidebar.selectbox("Training images", sizes, sizes.index(asked_number(KEY, "images")) if asked_number(KEY, "images") in sizes else 0,
                             key=f"{KEY}.n") if len(sizes) > 1 else sizes[0]
    complete = show_state(study, key=KEY)
    with errors_shown():
        result(study, n)
    pair = choose_pair(study, n, key=KEY)
    st.subheader("Touch both", anchor=False)
    if pair is None:
        st.caption("The runs of this study are not on this machine, only their figures and pictures. Choose two runs in the sidebar.")
    elif has_images(pair[0], key=KEY):
        with errors_shown():
            live(pair)
        if st.session_state.get(f"{KEY}.pair") == OWN:
            measure_these(pair, key=KEY)
    show_theory(groups(study), n)
    query = {"study": study.id, **pair_query(pair, key=KEY)} | ({"images": str(n)} if len(sizes) > 1 else {})
    write_address(KEY, query)
    if complete:
        st.subheader("Take it with you", anchor=False)
        downloads(study, key=KEY)
    copy_link(query, key=f"{KEY}.link")


if arriving(KEY):
    for name in ("pair", "vae", "autoencoder"):
        st.session_state.pop(f"{KEY}.{name}", None)
try:
    page()
except LabError as error:
    st.info(str(error), icon=":material/info:")
begin_form(KIND, key=KEY)
