"""Carrying a study out: its runs are made, trained or found again, and each is measured once it has finished."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from genlab.errors import RunError
from genlab.runs import Run, begin, create_run, execute, find_run, list_runs
from genlab.runs.images import has_same_images
from genlab.studies.folder import Study, find_study
from genlab.studies.measure import Told, measure_member
from genlab.studies.plan import Member
from genlab.training import TrainPlan, resolve_plan

FREE = {"device", "precision", "threads", "snapshot_epochs"}   # of the machine; and a run may keep more than it is asked for


@dataclass(frozen=True)
class Progress:
    """How far a study is. runs, finished, measured : how many; share : of the training, in [0, 1]; failed : a sentence, "" while all is well."""

    runs: int
    finished: int
    measured: int
    share: float
    failed: str = ""

    @property
    def is_complete(self) -> bool:
        return self.measured == self.runs


def reproduce(study: Study, *, watch: Callable = lambda run, item: None, told: Told = lambda share, what: None) -> Study:
    """The study with every member trained and measured, one after another in this process; what is there already is not done again."""
    members = study.members()
    for i, member in enumerate(members):
        if study.result(member) is not None:
            continue
        run = run_for(study, member)
        told(i / len(members), f"training {member.key}")
        if run.status.state != "finished":
            begin(run)
            status = execute(run, watch=lambda item, run=run: watch(run, item))
            if status.state != "finished":
                raise RunError(f"study {study.id}: {run.id} was {status.state} at step {status.step}; "
                               "ask for the study again, and it goes on from there")
        told((i + 0.8) / len(members), f"measuring {member.key}")
        study.write_result(member, *measure_member(run, study.plan))
    told(1.0, "done")
    return study


def measure_study(study: str, told: Told = lambda share, what: None) -> str:
    """Measure the finished runs of a study that are not measured yet: what a worker does for a page. The study's id."""
    found = find_study(study)
    missing = [(m, run) for m in found.members() if found.result(m) is None and (run := run_of(found, m)) and run.status.state == "finished"]
    for i, (member, run) in enumerate(missing):
        told(i / len(missing), f"measuring {member.key}")
        found.write_result(member, *measure_member(run, found.plan))
    return found.id


def make_runs(study: Study, owner: str) -> list[Run]:
    """The runs of all members, new where there was none to take: to be put into the queue where they wait.

    A run of somebody else is waited for while it waits or trains itself; once it rests, it is not resumed for them.
    """
    return [run_for(study, member, owner, waits=True) for member in study.members() if study.result(member) is None]


def run_for(study: Study, member: Member, owner: str = "", *, waits: bool = False) -> Run:
    """The run of a member that this owner may carry on with, a new one where there is none. waits : who asks can wait for others' runs."""
    def may_take(run: Run) -> bool:
        state = run.status.state
        return state == "finished" or run.belongs_to(owner) or waits and state in ("queued", "running")

    return run_of(study, member, may_take) or new_run(study, member, owner)


def new_run(study: Study, member: Member, owner: str = "") -> Run:
    """A new run for a member, written down as its own."""
    run = create_run(member.plan, title=f"{member.plan.model}, {member.n or 'endless'} images, seed {member.seed}", owner=owner,
                     command=f"python -m genlab reproduce {study.plan.kind}")
    study.write_runs(study.runs | {member.key: run.id})
    return run


def run_of(study: Study, member: Member, may_take: Callable[[Run], bool] = lambda run: True) -> Run | None:
    """The run that stands for a member: the one written down, or any that did just what it asks for; None where there is none to take."""
    with suppress(RunError):
        if may_take(run := find_run(study.runs.get(member.key, ""))):
            return run
    wanted = _essence(resolve_plan(member.plan))
    alike = [run for run in list_runs() if not run.config.parent and _essence(run.plan) == wanted and _has_seen(run, study) and may_take(run)
             and has_same_images(run)]
    alike.sort(key=lambda run: run.status.state != "finished")
    if not alike:
        return None
    if not study.is_shipped:
        study.write_runs(study.runs | {member.key: alike[0].id})
    return alike[0]


def progress(study: Study) -> Progress:
    """How far a study is, from the folders alone."""
    members, finished, measured, share, failed = study.members(), 0, 0, 0.0, ""
    runs = study.runs
    for member in members:
        if study.result(member) is not None:
            finished, measured, share = finished + 1, measured + 1, share + 1
            continue
        try:
            status = find_run(runs.get(member.key, "")).status
        except RunError:
            continue
        finished += status.state == "finished"
        share += 1.0 if status.state == "finished" else status.step / (status.total_steps or 1)
        if status.state in ("failed", "stopped", "interrupted"):
            failed = f"{member.key} was {status.state}" + (f": {status.message}" if status.message else "")
    return Progress(len(members), finished, measured, share / len(members), failed)


def _essence(plan: TrainPlan) -> dict:
    return plan.model_dump(exclude=FREE)


def _has_seen(run: Run, study: Study) -> bool:
    """Whether it keeps the snapshots that the study looks at; one that is not done yet will, if its plan says so."""
    wanted = study.plan.seen_epochs(run.plan.epochs)
    if run.status.state == "finished":
        per_epoch = run.status.step / max(run.status.epoch, 1e-9)
        return {round(e * per_epoch) for e in wanted} <= set(run.snapshots())
    return set(wanted) <= {*run.plan.snapshot_epochs, run.plan.epochs}
