"""What a study found, to be looked at: pictures of its runs, tables over seeds, curves."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st
from PIL import Image

from genlab.runs.pictures import png, tile
from genlab.studies import Member, Study
from genlab.studies.plan import ENDLESS
from genlab.studies.tables import SAMPLED, Figure, figure, groups, name_of
from genlab.ui.shell.pictures import show_images, show_png

if TYPE_CHECKING:   # a fifth of a second to import, and the first screen does without
    import plotly.graph_objects as go

GAP = 2          # pixels between two images of a kept row
COLUMNS = 4      # images of a row laid out anew
COLOURS = {"vae": "#3b82f6", "autoencoder": "#f59e0b"}
TABLE = ("kid", "fid", "precision", "recall", "coverage", "diversity", "sharpness", "combinations", "marginals", "mse", "mse_draw",
         "mse_pca", "ssim", "elbo", "kl", "unevenness", "code_gap", "prior_gap", "active_units", "memorisation", "copies")
STYLE = ("<style>.figures{overflow-x:auto}.figures table{border-collapse:collapse;font-variant-numeric:tabular-nums}"
         ".figures th,.figures td{padding:.25rem 1.1rem .25rem 0;text-align:left;white-space:nowrap;font-weight:400;vertical-align:top}"
         ".figures thead th{font-weight:650}.figures td b{font-weight:650}.figures small{opacity:.75}"
         ".figures tbody tr{border-top:1px solid #8884}</style>")


def images_in(study: Study, member: Member, name: str) -> np.ndarray | None:
    """The images of a kept row, uint8 (n, 3, H, W); None where there is no such picture."""
    path = study.picture_path(member, name)
    if not path.exists():
        return None
    with Image.open(path) as picture:
        sheet = np.asarray(picture.convert("RGB"))
    size = sheet.shape[0]
    starts = range(0, sheet.shape[1], size + GAP)
    return np.stack([sheet[:, at : at + size].transpose(2, 0, 1) for at in starts])


def show_row(study: Study, member: Member, name: str, *, alt: str, key: str, caption: str | None = None, columns: int = COLUMNS) -> None:
    """A kept row of images, laid out anew; a note where it is not there."""
    x = images_in(study, member, name)
    if x is None:
        st.caption(f"{alt}: not there.")
        return
    show_images(x, columns=columns, scale=max(1, 64 // x.shape[3]), alt=alt, key=key, caption=caption)


def show_pairs(study: Study, member: Member, above: str, below: str, *, alt: str, key: str) -> None:
    """Two kept rows as one picture, each image of the second below its own of the first."""
    first, second = images_in(study, member, above), images_in(study, member, below)
    if first is None or second is None:
        st.caption(f"{alt}: not there.")
        return
    scale = max(1, 64 // first.shape[3])
    show_png(png(tile(np.concatenate([first, second]), len(first))), width=scale * (len(first) * (first.shape[3] + GAP) - GAP), alt=alt, key=key)


def show_table(study: Study, names: Sequence[str] = TABLE, *, n: int | None = None) -> None:
    """Measures over the seeds, a column for each model and number of images, the better one in bold where intervals are apart."""
    found = {group: members for group, members in groups(study).items() if n is None or group[1] == n}
    rows = [(name, "") for name in names] + [("kid", "mixture"), ("kid", "pca")]
    many = n is None and len(study.plan.sizes) > 1
    head = "".join(f"<th scope='col'>{name_of(group, many)}</th>" for group in found)
    body = "".join(_line(name, sampler, [figure(members, name, sampler) for members in found.values()]) for name, sampler in rows)
    st.html(f"{STYLE}<div class='figures'><table><thead><tr><th></th>{head}</tr></thead><tbody>{body}</tbody></table></div>")
    st.caption("Means over the seeds with 95 % intervals. Bold: better, and the intervals are apart.")


def _line(name: str, sampler: str, cells: list[Figure | None]) -> str:
    if not any(cells):
        return ""
    told = next(f for f in cells if f)
    words = f"{name.replace('_', ' ')}" + (f" of {SAMPLED[sampler]}" if sampler else "")
    note = f"<br><small>{told.better} is better</small>" if told.better else ""
    best = winner(cells)
    cells_ = "".join(f"<td>{'' if f is None else f'<b>{f.text}</b>' if i == best else f.text}</td>" for i, f in enumerate(cells))
    return f"<tr><th scope='row'>{words}{note}</th>{cells_}</tr>"


def winner(cells: Sequence[Figure | None]) -> int | None:
    """Which figure is better than all others by more than their intervals; None where none is, or where neither way is better."""
    there = [(i, f) for i, f in enumerate(cells) if f]
    if len(there) < 2 or not there[0][1].better:
        return None
    sign = -1 if there[0][1].better == "lower" else 1
    order = sorted(there, key=lambda cell: sign * cell[1].estimate.value, reverse=True)
    best, next_ = order[0][1].estimate, order[1][1].estimate
    return order[0][0] if (best.low > next_.high if sign > 0 else best.high < next_.low) else None


def show_losses(study: Study, n: int, *, key: str) -> None:
    """Reconstruction losses of both objectives in nats per image over the epochs, every seed a line."""
    import plotly.graph_objects as go

    plot, named = go.Figure(), set()
    for (model, size), members in groups(study).items():
        for _, result in members if size == n else ():
            for split, dash in (("train", "dot"), ("test", "solid")):
                rows = [row for row in result["curve"] if f"{split}/recon" in row]
                label = f"{name_of((model, size), many=False)}, {'held out' if split == 'test' else 'training'}"
                plot.add_scatter(x=[row["epoch"] for row in rows], y=[row[f"{split}/recon"] for row in rows], mode="lines", name=label,
                                 legendgroup=label, showlegend=label not in named, line={"color": COLOURS[model], "dash": dash, "width": 1.6})
                named.add(label)
    _tidy(plot, "epoch", "reconstruction loss (nats per image)", x_type="log")
    st.plotly_chart(plot, key=key, width="stretch", height=320)


def show_trends(study: Study, names: Sequence[tuple[str, str]], *, key: str) -> None:
    """A curve of each measure against the number of training images: the mean with its interval, and every seed a dot."""
    by_size = {n: members for (_, n), members in groups(study).items()}
    order = sorted(by_size, key=lambda n: n or np.inf)
    ticks = ["endless" if n == ENDLESS else f"{n}" for n in order]
    columns = st.columns(2, gap="medium")
    for i, (name, title) in enumerate(names):
        found = [(at, f) for at, n in enumerate(order) if (f := figure(by_size[n], name))]
        if found:
            with columns[i % 2]:
                st.markdown(f"**{title}**", help=found[-1][1].sentence)
                st.plotly_chart(_trend(found, ticks), key=f"{key}.{name}", width="stretch", height=230)


def _trend(found: list[tuple[int, Figure]], ticks: list[str]) -> "go.Figure":
    import plotly.graph_objects as go

    x, mean = [at for at, _ in found], [f.estimate.value for _, f in found]
    bars = {"type": "data", "symmetric": False, "array": [f.estimate.high - f.estimate.value for _, f in found],
            "arrayminus": [f.estimate.value - f.estimate.low for _, f in found]}
    dots = [(at, value) for at, f in found for value in f.by_seed.values()]
    plot = go.Figure()
    plot.add_scatter(x=x, y=mean, error_y=bars, mode="lines+markers", name="mean", line={"color": COLOURS["vae"]})
    plot.add_scatter(x=[at for at, _ in dots], y=[value for _, value in dots], mode="markers", name="a seed",
                     marker={"color": COLOURS["vae"], "opacity": 0.4})
    _tidy(plot, "training images", "")
    values = [value for _, value in dots]
    room = 0.3 * (max(values) - min(values)) or 1.0
    plot.update_layout(showlegend=False, xaxis={"tickvals": list(range(len(ticks))), "ticktext": ticks},
                       yaxis={"range": [min(values) - room, max(values) + room]})   # an interval of two seeds would hide the rest
    return plot


def _tidy(plot: "go.Figure", x: str, y: str, x_type: str = "linear") -> None:
    plot.update_layout(margin={"l": 0, "r": 0, "t": 6, "b": 0}, legend={"orientation": "h", "y": 1.12}, uirevision="same")
    plot.update_xaxes(title=x, type=x_type)
    plot.update_yaxes(title=y)
