"""Two runs to be looked at side by side: whether that is fair, and their figures where no study has them."""

from dataclasses import asdict

from genlab.errors import LabError
from genlab.measures.material import Material
from genlab.measures.measured import differing
from genlab.measures.suite import take
from genlab.runs import Run, find_run
from genlab.studies.measure import AT_THE_END, OF_THE_STEP, OTHER_SAMPLERS, Told, like


def check_pair(a: Run, b: Run) -> str:
    """What else differs between two runs besides their models, in words, "" where nothing does.

    Raises LabError where they cannot be put side by side: other images, other sizes, or latents of another length.
    """
    p, q = a.plan, b.plan
    for what, first, second in (("images", p.data.name, q.data.name), ("images", p.data.path, q.data.path),
                                ("image size", f"{p.data.size} px x{p.data.channels}", f"{q.data.size} px x{q.data.channels}"),
                                ("latents", p.settings["latent_dim"], q.settings["latent_dim"])):
        if first != second:
            raise LabError(f"{a.title} and {b.title}: their {what} differ, {first} and {second}; choose two runs that have the same")
    for run in (a, b):
        if not run.snapshots():
            raise LabError(f"{run.title}: it has no weights yet; they come at the end of its first epoch")
    names = {"number of images": (p.data.n, q.data.n), "data seed": (p.data.seed, q.data.seed), "seed": (p.seed, q.seed),
             "epochs": (p.epochs, q.epochs), "batch size": (p.batch_size, q.batch_size), "learning rate": (p.lr, q.lr),
             "width": (p.settings["width"], q.settings["width"])}
    differ = [f"{name} ({x} and {y})" for name, (x, y) in names.items() if x != y]
    unfinished = [f"{run.title} is {run.status.state} at step {run.status.step}" for run in (a, b) if run.status.state != "finished"]
    said = f"Besides their models these differ in {', '.join(differ)}: a fair pair differs in its objective alone. " if differ else ""
    return said + (f"{'; '.join(unfinished)}: its figures are not final." if unfinished else "")


def measure_pair(runs: list[str], n: int, told: Told = lambda share, what: None) -> dict:
    """Figures of runs side by side: by run (measures, and KID by sampler), and in sentences what must not be compared."""
    columns, found = {}, {}
    for i, run in enumerate(map(find_run, runs)):
        told(i / len(runs), run.title)
        end = Material(run, n, 0, step=run.snapshots()[-1])
        columns[run.title], _ = take(AT_THE_END, end)
        others = {sampler: take(wanted, like(Material(run, n, 0, sampler, step=end.step), end, OF_THE_STEP))[0]
                  for sampler, wanted in OTHER_SAMPLERS.items()}
        found[run.id] = {"final": {m.name: asdict(m) for m in columns[run.title]},
                         "samplers": {sampler: {m.name: asdict(m) for m in measured} for sampler, measured in others.items()}}
    return {"runs": found, "differing": differing(columns)}
