"""Losses side by side: a table over seeds and a wall of samples, from a comparison that is kept or is made now."""

from html import escape

import streamlit as st

from genlab.jobs import get_queue
from genlab.jobs.tasks import AT_REST, look, submit, task_id
from genlab.objectives.adversarial import LOSSES
from genlab.runs import create_run, list_runs
from genlab.studies.losses import Group, choice_in_words, find_groups, protocol
from genlab.studies.losses_kept import all_kept, covers
from genlab.training import TrainPlan
from genlab.ui.game.ganpick import DIGITS
from genlab.ui.shell.page import errors_shown
from genlab.ui.shell.progress import show_progress
from genlab.ui.shell.visitor import visitor_id
from genlab.ui.train.controls import is_mine

KEY = "losses"
MAKE = "genlab.studies.losses_kept:make"
TITLES = {"minimax": "Minimax", "non-saturating": "Non-saturating", "lsgan": "Least squares", "wgan": "Wasserstein, clipped",
          "wgan-gp": "Wasserstein, penalty"}
MEASURES = {"kid": "KID", "coverage": "Coverage", "precision": "Precision", "recall": "Recall"}
STYLE = ("<style>.losses{overflow-x:auto}.losses table{border-collapse:collapse;font-variant-numeric:tabular-nums}"
         ".losses th,.losses td{padding:.3rem 1.1rem .3rem 0;text-align:left;white-space:nowrap;font-weight:400;vertical-align:top}"
         ".losses thead th{font-weight:650}.losses td.best{font-weight:650}.losses small{opacity:.75;display:block}"
         ".losses img{image-rendering:pixelated;display:block;width:clamp(13rem,28vw,34rem)}</style>")


def show_losses() -> None:
    """Every comparison at hand, and a button for those that can be made."""
    kept = all_kept()
    groups = [g for g in find_groups([r for r in list_runs() if r.is_shipped or is_mine(r)]) if not _is_known(g, kept)]
    if kept:
        found = kept[0] if len(kept) == 1 else st.selectbox("Comparison", kept, format_func=lambda one: one["title"], key=f"{KEY}.which")
        _show(found)
    for group in groups:
        _offer(group)
    if not kept and not groups:
        st.caption("Runs that share data, network and budget and differ in the loss and the seed are compared here. There are none yet.")
        _start_five()


def _is_known(group: Group, kept: list[dict]) -> bool:
    return any(one["digest"] == group.digest and covers(one, group) for one in kept)


def _show(found: dict) -> None:
    st.markdown(f"**{found['title'].replace('*', '')}**, the same images and the same number of updates of D for each")
    st.html(f"{STYLE}<div class='losses'>{_table(found)}</div>")
    st.caption(f"At each run's best step, {choice_in_words(found)}; with {found['n']} samples. Of several seeds: their mean and its 95 % "
               f"t-interval; of one: the interval over images. Each loss comes with what its paper sets beside it "
               f"(k, beta, D's norm). {protocol(found)}")
    if found.get("pictures"):
        st.html(f"{STYLE}<div class='losses'>{_wall(found)}</div>")


def _table(found: dict) -> str:
    """A row for each loss; the best value of each measure stands out."""
    rows, best = found["table"], {}
    for name in MEASURES:
        values = [row[name]["value"] for row in rows if name in row]
        best[name] = (min if name == "kid" else max)(values) if values else None
    head = "".join(f"<th>{words}</th>" for words in ("Loss", "Seeds", *MEASURES.values(), "KID at the end", "Best epoch"))
    body = "".join("<tr>" + f"<th scope='row'>{TITLES[row['loss']]}</th><td>{len(row['seeds'])}</td>"
                   + "".join(_cell(row.get(name), name, best[name]) for name in MEASURES)
                   + f"<td>{row['last_kid']:.3f}</td><td>{', '.join(f'{e:.0f}' for e in row['epochs'])}</td></tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _cell(estimate: dict | None, name: str, best: float | None) -> str:
    if estimate is None:
        return "<td>–</td>"
    scale, unit, digits = (1, "", 3) if name == "kid" else (100, " %", 0)
    value, low, high = (f"{scale * estimate[side]:.{digits}f}".replace("-", "\u2212") for side in ("value", "low", "high"))
    return f"<td class='{'best' if estimate['value'] == best else ''}'>{value}{unit}<small>{low} to {high}</small></td>"


def _wall(found: dict) -> str:
    """For each loss what its first run makes of the same latents, at its best and at its end."""
    def picture(row: dict, name: str, words: str) -> str:
        data = found["pictures"].get(row["loss"], {}).get(name, "")
        alt = escape(f"Samples under {TITLES[row['loss']]} {words}", quote=True)
        return f"<td><img alt='{alt}' src='data:image/png;base64,{escape(data, quote=True)}'></td>" if data else "<td></td>"

    rows = "".join(f"<tr><th scope='row'>{TITLES[row['loss']]}<small>epoch {row['epochs'][0]:.0f}</small></th>"
                   + picture(row, "best", "at the best step") + picture(row, "last", "at the end") + "</tr>" for row in found["table"])
    return f"<table><thead><tr><th></th><th>Samples at the best step</th><th>and at the end</th></tr></thead><tbody>{rows}</tbody></table>"


def _offer(group: Group) -> None:
    """A button that has a group measured beside the workers, or how far that is."""
    runs = [run.id for run in group.runs]
    task, seeds = task_id(MAKE, runs=runs), len({run.plan.seed for run in group.runs})
    words = f"{len(group.losses)} losses, {seeds} seed{'s' * (seeds > 1)}: {group.title}"
    state = look(task)
    if state.updated_at and state.state not in AT_REST:
        show_progress(task, key=f"{KEY}.{group.digest}", about="Comparing losses")
        return
    if state.error:
        st.error(state.error, icon=":material/error:")
    with errors_shown():
        if st.button(f"Compare {words}", key=f"{KEY}.make-{group.digest}", icon=":material/balance:"):
            submit(MAKE, runs=runs)
            st.rerun()


def _start_five() -> None:
    with errors_shown():
        if st.button("Train all five on digits", key=f"{KEY}.five", icon=":material/play_arrow:",
                     help="Five small runs of 30 epochs in the queue, about three minutes on an idle core."):
            for loss in LOSSES:
                settings = {"loss": loss, "latent_dim": 16, "width": 16}
                plan = TrainPlan(model="dcgan", data=DIGITS, epochs=30, batch_size=64, lr=5e-4, settings=settings)
                get_queue().submit(create_run(plan, title=f"DCGAN on digits, {loss}", owner=visitor_id()))
            st.rerun()
