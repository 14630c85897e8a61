"""Which VAE and which autoencoder are looked at live: a seed of the study, or two runs of one's own."""

import streamlit as st

from genlab.errors import LabError
from genlab.jobs.tasks import DONE, look, submit, task_id
from genlab.runs import Run, find_run, list_runs
from genlab.studies import Study
from genlab.studies.pairs import check_pair
from genlab.training import TrainPlan
from genlab.ui.shell.address import asked
from genlab.ui.shell.page import errors_shown
from genlab.ui.shell.progress import show_progress
from genlab.ui.shell.text import distinct
from genlab.ui.train.controls import is_mine

MEASURE = "genlab.studies.pairs:measure_pair"
OWN = "two runs"
N = 2000


def choose_pair(study: Study, n: int, *, key: str) -> tuple[Run, Run] | None:
    """A VAE's run and an autoencoder's that may stand side by side; None where there are none here. Drawn into the sidebar."""
    seeds = _pairs_here(study, n)
    options = [*map(str, seeds), OWN]
    if st.session_state.get(f"{key}.pair") not in options:
        named = asked(key, "pair")
        st.session_state[f"{key}.pair"] = named if named in options else OWN if "~" in named else options[0]
    chosen = st.sidebar.selectbox("Live pair", options, format_func=lambda o: f"seed {o} of the study" if o != OWN else "two runs that I choose",
                                  key=f"{key}.pair", persist_state="session")
    if chosen != OWN:
        return seeds[int(chosen)]
    return _own_pair(study, key)


def pair_query(pair: tuple[Run, Run] | None, *, key: str) -> dict[str, str]:
    """The parameter of an address that stands for the pair."""
    chosen = st.session_state.get(f"{key}.pair", "")
    if chosen != OWN:
        return {"pair": chosen}
    return {"pair": "~".join(run.id for run in pair)} if pair else {}


def _pairs_here(study: Study, n: int) -> dict[int, tuple[Run, Run]]:
    """The study's pairs of runs on this machine, by their seed."""
    from genlab.studies.carry import run_of

    found: dict[int, dict[str, Run]] = {}
    for member in study.members():
        if member.n == n and (run := run_of(study, member)) and run.snapshots():
            found.setdefault(member.seed, {})[member.model] = run
    return {seed: (both["vae"], both["autoencoder"]) for seed, both in found.items() if len(both) == 2}


def _own_pair(study: Study, key: str) -> tuple[Run, Run] | None:
    """Two runs that a person chose; at first those most like the study's, and like each other."""
    like = study.members()[0].plan
    named = (asked(key, "pair").split("~") + ["", ""])[:2]
    chosen = []
    for model, words, at in (("vae", "VAE", named[0]), ("autoencoder", "Autoencoder", named[1])):
        runs = {run.id: run for run in list_runs() if run.plan.model == model and (run.is_shipped or is_mine(run) or run.id == at)}
        if not runs:
            st.sidebar.caption(f"No {words} is there yet.")
            return None
        if st.session_state.get(f"{key}.{model}") not in runs:
            st.session_state[f"{key}.{model}"] = at if at in runs else min(runs, key=lambda i, runs=runs, like=like: _unlike(runs[i].plan, like))
        titles = distinct({run_id: run.title for run_id, run in runs.items()})
        run_id = st.sidebar.selectbox(words, list(runs), format_func=titles.get, key=f"{key}.{model}", persist_state="session")
        chosen.append(find_run(run_id))
        like = chosen[0].plan
    with errors_shown():
        if said := check_pair(*chosen):
            st.warning(said, icon=":material/balance:")
        return chosen[0], chosen[1]
    return None


def _unlike(plan: TrainPlan, other: TrainPlan) -> tuple[bool, int]:
    """How far a plan is from another: of other images, and in how many settings."""
    a, b = (p.model_dump(exclude={"model", "data", "settings"}) | p.data.model_dump() | p.settings for p in (plan, other))
    return plan.data.name != other.data.name, sum(a[name] != b[name] for name in a.keys() & b.keys())


@errors_shown()
def measure_these(pair: tuple[Run, Run], *, key: str) -> None:
    """Figures of a pair that belongs to no study: a button, then a table, with what must not be compared."""
    if unfinished := [run for run in pair if run.status.state != "finished"]:
        raise LabError(f"{unfinished[0].title} is {unfinished[0].status.state}; figures are taken when both runs have finished")
    asked_for = {"runs": [run.id for run in pair], "n": N}
    task = task_id(MEASURE, **asked_for)
    state = look(task)
    if state.state == DONE:
        return _show(state.result, pair)
    if state.updated_at == 0:
        if st.button("Measure these two", key=f"{key}.measure", icon=":material/straighten:", help=f"With {N} samples each; about a minute."):
            submit(MEASURE, **asked_for)
            st.rerun()
        return None
    show_progress(task, key=f"{key}.measuring", about="Measuring")
    return None


def _show(result: dict, pair: tuple[Run, Run]) -> None:
    rows = []
    for sampler, name in [("", name) for name in next(iter(result["runs"].values()))["final"]] + [("mixture", "kid"), ("pca", "kid")]:
        found = [(r["samplers"].get(sampler, {}) if sampler else r["final"]).get(name) for r in (result["runs"][run.id] for run in pair)]
        rows.append({"measure": name + (f" of {sampler}" if sampler else ""),
                     **{run.title: f"{m['value']:.4g} [{m['low']:.4g}, {m['high']:.4g}]" if m else "" for run, m in zip(pair, found, strict=True)}})
    st.dataframe(rows, hide_index=True, width="stretch")
    for sentence in result["differing"]:
        st.warning(sentence, icon=":material/balance:")
