"""Inside a GAN at a kept step: samples from the same latents, what D thinks of three kinds of images, and whether samples are new."""

import numpy as np
import streamlit as st

from genlab.diagnose.inside import d_scores, neighbours
from genlab.diagnose.scores import Scores, histograms
from genlab.errors import LabError
from genlab.latent.laws import LAWS
from genlab.lens.models import MODELS
from genlab.models import find_model
from genlab.runs import Run
from genlab.runs.best import KID, best_row
from genlab.ui.game.ganhealth import is_live
from genlab.ui.shell.components import component
from genlab.ui.shell.pictures import show_images

KEY = "gan"
SAMPLES, SEED = 32, 0
KINDS = {"train": "Training images", "held_out": "Held-out images", "made": "Made images"}

_scores = component("scores", html="game/scores/scores.html", css="game/scores/scores.css", js="game/scores/scores.js")


def choose_step(run: Run) -> int | None:
    """The kept step to look at, by a slider; the best one of a run at rest before anybody has moved it. None without weights."""
    steps = [step for step in run.snapshots() if step]
    if not steps:
        return None
    looks = [row for row in run.metrics()[0] if KID in row]
    kid = {row["step"]: row[KID] for row in looks}
    found = best_row([row for row in looks if row["step"] in steps])
    best = found and found["step"]
    word = "best" if found is best_row(looks) else "best of those kept"
    first = steps[-1] if best is None or is_live(run) else best
    if len(steps) == 1:
        st.caption(_name(first, kid))
        return first
    key = f"{KEY}.step-{run.id}"
    if st.session_state.get(key) not in steps:
        asked = st.query_params.get("step", "")
        st.session_state[key] = int(asked) if asked.isascii() and asked.isdigit() and int(asked) in steps else first
    return st.select_slider("Training time", steps, key=key,
                            format_func=lambda step: _name(step, kid) + (f" ({word})" if step == best else ""))


def _name(step: int, kid: dict[int, float]) -> str:
    return f"step {step}" + (f", KID {kid[step]:.3g}" if step in kid else "")


def show_samples_at(run: Run, step: int) -> None:
    """What the generator makes of the same latents at this step."""
    model = MODELS.get(run.id, step)
    z = MODELS.get(run.id, step, exact=True).prior(SAMPLES, SEED)
    x = model.decode(z).transpose(0, 3, 1, 2)
    if (x == x[0]).all():
        st.warning("All samples are one and the same picture: G has collapsed.", icon=":material/healing:")
    show_images(x, alt=f"{SAMPLES} samples at step {step}", key=f"{KEY}.samples", columns=8, scale=max(1, 96 // model.size))


def show_scores(run: Run, step: int) -> None:
    """D's scores of training, held-out and made images, and how often it is right about each."""
    try:
        found = d_scores(run, step)
    except LabError as error:
        st.info(str(error), icon=":material/visibility_off:")
        return
    edges, shares = histograms(found)
    kinds = [{"label": KINDS[name], "shares": share.tolist(), "text": f"{100 * found.acc[name]:.0f} % right"} for name, share in shares.items()]
    _scores(key=f"{KEY}.scores", height="content", data={"edges": edges.tolist(), "border": found.border, "kinds": kinds})
    st.caption(_said(found))


def _said(found: Scores) -> str:
    gap = found.acc["train"] - found.acc["held_out"]
    if gap > 0.25:
        return "Held-out images score like made ones: D knows its training images by heart, and what it teaches G is to copy them."
    if min(found.acc["train"], found.acc["made"]) > 0.97:
        return "The two clouds are apart: D is hardly ever wrong."
    return "Where the outlines overlap D cannot tell made images from real ones, and that is what G is after."


def show_neighbours(run: Run, step: int) -> None:
    """Samples above, the training image nearest to each below."""
    with st.spinner("Comparing samples with the training images"):
        try:
            found = neighbours(run, step)
        except LabError as error:
            st.info(str(error), icon=":material/visibility_off:")
            return
    both = np.concatenate([found.samples, found.nearest])
    show_images(both, alt=f"Samples at step {step}, and below each the nearest training image", key=f"{KEY}.near",
                columns=len(found.samples), scale=max(1, 96 // both.shape[-1]))
    near = sum(found.distances < 0.5 * found.usual)
    st.caption(f"Above samples, below the nearest of {found.among} training images, by {found.about}. "
               + (f"{near} of {len(found.distances)} are less than half as far away as a held-out image usually is: look for copies."
                  if near else "None is nearer than held-out images usually are by half: no copies among these."))


def kinds_of(run: Run) -> str:
    """A line on what plays here."""
    plan = run.plan
    return (f"{find_model(plan.model).title} on {plan.data.name}, {plan.data.size} px, loss {plan.settings['loss']}, "
            f"k = {plan.settings['k']}, {plan.settings['latent_dim']} latents from {LAWS[run.space.noise].symbol}")
