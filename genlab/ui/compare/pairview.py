"""A VAE and an autoencoder of the same images, side by side and live: the same latent, the same path, codes against the prior, holes."""

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from genlab.latent.holes import loneliness
from genlab.latent.paths import lerp
from genlab.lens.codes import CODES
from genlab.lens.images import IMAGES
from genlab.lens.models import MODELS
from genlab.runs import Run
from genlab.runs.weights import is_whole
from genlab.studies.tables import WORDS
from genlab.ui.compare.studyview import COLOURS
from genlab.ui.data.few import say_few
from genlab.ui.explore.axispick import axes_for
from genlab.ui.explore.player import Film, show_player
from genlab.ui.explore.scrubber import Look, View, scrubber
from genlab.ui.shell.page import errors_shown
from genlab.ui.shell.pictures import show_images

if TYPE_CHECKING:   # a fifth of a second to import, and the first screen does without
    import plotly.graph_objects as go

SHOWN, FRAMES = 8, 33
DRAWS, DRAW_SEED = 500, 1
MOST_SEED = 2**31 - 1

Pair = tuple[Run, Run]
"""A VAE's run and an autoencoder's."""


def words(run: Run) -> str:
    return WORDS.get(run.plan.model, run.title)


@st.fragment
@errors_shown()
def same_latent(pair: Pair, *, key: str) -> None:
    """One draw of N(0, I), moved by sliders, decoded by both at once."""
    first = MODELS.get(pair[0].id, exact=True)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        seed = st.number_input("Draw", 0, MOST_SEED, 0, key=f"{key}.draw", width=130, persist_state="session",
                               help="The seed of z ~ N(0, I). Both decode the very same numbers.")
    axes = axes_for({"axes": "dims"}, CODES.get(pair[0].id), first.latent_dim)
    scrubber(f"{key}.same", first.prior(1, int(seed))[0], axes, [View(run.id, label=words(run)) for run in pair],
             look=Look(size_px=300, folded="more latents"))


@st.fragment
@errors_shown()
def same_path(pair: Pair, *, key: str) -> None:
    """The straight way between two images, each model by its own codes."""
    say_few(pair[0])
    count = len(IMAGES.open(pair[0].plan.data).at["seen"])
    with st.container(horizontal=True, vertical_alignment="bottom"):
        a = int(st.number_input("From image", 0, count - 1, 0, key=f"{key}.a", width=170, persist_state="session"))
        b = int(st.number_input("to image", 0, count - 1, min(1, count - 1), key=f"{key}.b", width=170, persist_state="session"))
    x = IMAGES.take(pair[0].plan.data, "seen", [a, b]).x
    films = []
    for run in pair:
        ends = MODELS.get(run.id, exact=True).encode(x)
        films.append(Film(run.id, words(run), lerp(*ends, FRAMES).astype(np.float32)))
    show_player(films, [(0, f"image {a}"), (FRAMES - 1, f"image {b}")], closed=False, key=f"{key}.film", size_px=300)


@st.fragment
@errors_shown()
def any_epoch(pair: Pair, *, key: str) -> None:
    """Samples of the same draws, and reconstructions, by both as they were at any kept epoch."""
    steps = sorted(set(pair[0].snapshots()) & set(pair[1].snapshots()))
    per_epoch = max(1, round(pair[0].status.step / max(pair[0].status.epoch, 1e-9)))
    if len(steps) < 2:
        st.caption("Only one snapshot is kept of both.")
        return
    step = st.select_slider("Epoch", steps, steps[-1], format_func=lambda s: f"{s / per_epoch:g}", key=f"{key}.epoch", persist_state="session")
    images = IMAGES.open(pair[0].plan.data)
    real = images.take("seen", list(range(min(SHOWN, len(images.at["seen"]))))).x
    for run in pair:
        model = MODELS.get(run.id, step, exact=True)
        z = MODELS.get(run.id, exact=True).prior(len(real), DRAW_SEED)
        rows = [model.decode(z).transpose(0, 3, 1, 2)]
        if is_whole(run.weights_path(step)):
            rows += [real, model.decode(model.encode(real)).transpose(0, 3, 1, 2)]
        st.markdown(f"**{words(run)}**: samples" + ("; {images.seen_words} and their reconstructions" if len(rows) > 1 else ""))
        show_images(np.concatenate(rows), columns=len(real), scale=max(1, 64 // model.size), key=f"{key}.at.{run.plan.model}",
                    alt=f"Samples and reconstructions of the {words(run)} at step {step}")


@st.fragment
@errors_shown()
def codes_and_prior(pair: Pair, *, key: str) -> None:
    """Codes of images against N(0, I): dimension by dimension, and in the plane of their largest spread."""
    columns = st.columns(2, gap="medium")
    for run, column in zip(pair, columns, strict=True):
        codes = CODES.get(run.id)
        drawn = codes.mu if codes.logvar is None else _drawn(codes.mu, codes.logvar)
        with column:
            st.markdown(f"**{words(run)}**: " + ("codes" if codes.logvar is None else "means of codes, and a draw of each"))
            st.plotly_chart(_spreads(codes.mu, drawn, run), key=f"{key}.dims.{run.plan.model}", width="stretch", height=240)
            st.plotly_chart(_plane(drawn, run), key=f"{key}.plane.{run.plan.model}", width="stretch", height=330)
    st.caption("Above: the spread of each latent over the images, largest first; N(0, 1) has 1 in each. Below: the codes (coloured) in the "
               "plane of their two largest spreads, with as many draws of N(0, I) (grey) in the same plane. Where grey lies without colour, the "
               "decoder was never taught what to paint; where colour lies without grey, no sample ever comes from.")
    st.page_link("explore/map.py", label="The whole latent space as a map, both beside each other", icon=":material/map:",
                 query_params={"run": pair[0].id, "beside": pair[1].id, "over": "prior"})


@st.fragment
@errors_shown()
def holes(pair: Pair, *, key: str) -> None:
    """The draws of N(0, I) that are farthest from all codes, and nearest, with what each decoder paints there."""
    codes = CODES.get(pair[0].id)
    st.markdown(f"{DRAWS} draws of N(0, I), each by its distance to the nearest code of {len(codes.mu)} {codes.images}, "
                "in the typical distance of codes to each other.")
    for run, column in zip(pair, st.columns(2, gap="medium"), strict=True):
        with column:
            _holes_of(run, key)


def _holes_of(run: Run, key: str) -> None:
    model, codes = MODELS.get(run.id, exact=True), CODES.get(run.id)
    draws = model.prior(DRAWS, DRAW_SEED)
    of_draws, of_codes = loneliness(draws, codes.mu if codes.logvar is None else _drawn(codes.mu, codes.logvar))
    beyond = float((of_draws > np.quantile(of_codes, 0.95)).mean())
    st.markdown(f"**{words(run)}**: {100 * beyond:.0f} % of the draws lie farther from every code than 95 % of the codes do from each other.")
    st.plotly_chart(_lonely(of_draws, of_codes, run), key=f"{key}.lonely.{run.plan.model}", width="stretch", height=200)
    order = np.argsort(of_draws)
    for name, at in (("Farthest from any code", order[::-1][:SHOWN]), ("Nearest to a code", order[:SHOWN])):
        show_images(model.decode(draws[at]).transpose(0, 3, 1, 2), columns=SHOWN // 2, scale=max(1, 64 // model.size),
                    key=f"{key}.{name[:4].lower()}.{run.plan.model}", alt=f"{name}, decoded by the {words(run)}",
                    caption=f"{name}: {of_draws[at].min():.2g} to {of_draws[at].max():.2g} times as far as codes are")


def _drawn(mu: np.ndarray, logvar: np.ndarray) -> np.ndarray:
    """A draw of each code: what the decoder of a VAE is trained on."""
    return mu + np.exp(0.5 * logvar) * np.random.default_rng(DRAW_SEED).standard_normal(mu.shape).astype(np.float32)


def _spreads(mu: np.ndarray, drawn: np.ndarray, run: Run) -> "go.Figure":
    import plotly.graph_objects as go

    order = np.argsort(-mu.std(0))
    plot = go.Figure()
    colour = {"color": COLOURS.get(run.plan.model), "line": {"width": 0}}
    plot.add_bar(y=mu.std(0)[order], name="means" if drawn is not mu else "codes", marker=colour)
    if drawn is not mu:
        plot.add_scatter(y=drawn.std(0)[order], mode="lines", name="draws", line={"color": "#64748b"})
    plot.add_hline(y=1, line={"dash": "dot", "color": "#64748b"})
    plot.update_layout(margin={"l": 0, "r": 0, "t": 4, "b": 0}, bargap=0, legend={"orientation": "h", "y": 1.15})
    plot.update_xaxes(title="latents, by their spread")
    plot.update_yaxes(title="standard deviation", rangemode="tozero")
    return plot


def _plane(drawn: np.ndarray, run: Run) -> "go.Figure":
    import plotly.graph_objects as go

    centre = drawn.mean(0)
    _, _, axes = np.linalg.svd(drawn - centre, full_matrices=False)
    axes = np.pad(axes, ((0, max(0, 2 - len(axes))), (0, 0)))   # one code, or one latent, has no plane
    draws = np.random.default_rng(DRAW_SEED).standard_normal(drawn.shape)
    plot = go.Figure()
    for z, name, colour in ((draws, "N(0, I)", "#94a3b8"), (drawn, "codes", COLOURS.get(run.plan.model))):
        at = (z - centre) @ axes[:2].T
        plot.add_scattergl(x=at[:, 0], y=at[:, 1], mode="markers", name=name, marker={"color": colour, "size": 4, "opacity": 0.6}, hoverinfo="skip")
    plot.update_layout(margin={"l": 0, "r": 0, "t": 4, "b": 0}, legend={"orientation": "h", "y": 1.1})
    plot.update_yaxes(scaleanchor="x")
    return plot


def _lonely(of_draws: np.ndarray, of_codes: np.ndarray, run: Run) -> "go.Figure":
    import plotly.graph_objects as go

    plot = go.Figure()
    for values, name, colour in ((of_codes, "codes", COLOURS.get(run.plan.model)), (of_draws, "draws of N(0, I)", "#94a3b8")):
        plot.add_histogram(x=values, name=name, histnorm="probability", marker={"color": colour}, opacity=0.65, nbinsx=60)
    plot.update_layout(barmode="overlay", margin={"l": 0, "r": 0, "t": 4, "b": 0}, legend={"orientation": "h", "y": 1.2})
    plot.update_xaxes(title="distance to the nearest code (1 = typical between codes)")
    plot.update_yaxes(showticklabels=False)
    return plot
