"""A fork: a new run that starts from the weights of another, with other settings. What cannot start is refused before it is made."""

from genlab.data import resolve
from genlab.data.opened import keep_same
from genlab.data.record import DataRecord, record_for
from genlab.errors import RunError
from genlab.models import build_model, find_model
from genlab.runs.folder import Run
from genlab.runs.images import check_images
from genlab.runs.store import OF_THE_MACHINE, TITLE_LENGTH, create_run
from genlab.runs.weights import fit_weights, is_whole, load_weights
from genlab.settings import build_config
from genlab.training import TrainPlan, resolve_plan


def fork(run: Run, step: int | None = None, *, changes: dict | None = None, title: str = "", owner: str = "", command: str = "",
         same_images: bool = False) -> Run:
    """A new run that starts from a kept snapshot of this one (by default the newest), with fields of the plan changed.

    Settings in changes["settings"] are laid over the parent's. same_images : where the parent's images have changed since, go on with
    those that are the same. Raises RunError where there is no such snapshot, or its weights do not
    fit what is asked for; nothing is written then.
    """
    steps = run.snapshots()
    step = steps[-1] if step is None and steps else step
    if step not in steps:
        raise RunError(f"{run.id}: no weights at step {step}; kept are {', '.join(map(str, steps)) or 'none'}")
    if not is_whole(run.weights_path(step)):
        raise RunError(f"{run.id}: the snapshot at step {step} holds the decoder alone; fork from step {steps[-1]}")
    plan = forked_plan(run, changes or {})
    fit_weights(build_model(plan.model, plan.settings, plan.seed), load_weights(run.weights_path(step)), f"{run.id}, step {step}")
    record = _record(run, plan, same_images)
    title = title or f"{run.title}, forked at step {step}"
    return create_run(plan, title=title[:TITLE_LENGTH], owner=owner, parent={"run": run.id, "step": step}, command=command,
                      weights=run.weights_path(step), record=record)


def _record(run: Run, plan: TrainPlan, same_images: bool) -> DataRecord | None:
    """What the fork's images must be: the parent's own, where it asks for the same and they are known. DataChanged where they are others."""
    data = resolve(run.plan.data)
    if plan.data != data or (record := record_for(data)) is None:
        return None
    if same_images:
        return keep_same(data)
    check_images(run)
    return record


def forked_plan(run: Run, changes: dict) -> TrainPlan:
    """The plan of a fork with these changes, resolved but for what its machine decides.

    RunError where its network would be another than the parent's.
    """
    parent = resolve_plan(run.plan)
    settings = {**parent.settings, **changes.get("settings", {})}
    model = changes.get("model", parent.model)
    if model != parent.model:
        raise RunError(f"{run.id}: model = {model!r}; a fork keeps its parent's network, which is {parent.model!r}. Train a new run for another")
    Config = find_model(model).Config
    asked = build_config(Config, settings)   # before the data's own size and channels are laid over it
    free = {name: changes.get(name, TrainPlan.model_fields[name].default) for name in OF_THE_MACHINE}   # that it will be trained on
    plan = resolve_plan(build_config(TrainPlan, {**run.plan.model_dump(), **changes, **free, "settings": settings}))
    for name in Config.network_fields():
        old, wanted = parent.settings[name], (plan.settings[name], getattr(asked, name))
        if new := [value for value in wanted if value != old]:
            raise RunError(f"{run.id}: {name} = {new[0]!r}; a fork keeps its parent's network, whose {name} is {old!r}. Train a new run for another")
    return plan.model_copy(update=free)
