"""Sums of concepts by a run, scored: computed once, kept beside the run where somebody asks for it, and found again by what was asked."""

import hashlib
import json
import threading
from collections import OrderedDict
from dataclasses import asdict, dataclass

from genlab.data import Progress
from genlab.errors import DataError
from genlab.evaluation.examples import draw_examples
from genlab.evaluation.judge import WEIGHTS, Judge, judge_dir, load_judge
from genlab.evaluation.sums import WORDS, by_codes, by_pixels, find_answers, protocol_words, score_sums
from genlab.files import write_atomic
from genlab.latent.arithmetic import EACH
from genlab.latent.expression import Sum, in_words, parse
from genlab.runs import Run, find_run, list_runs
from genlab.serving.models import MODELS, ServedModel

FILE = "sums.json"   # in a run's folder
KEPT = 64            # reports in memory
PIXELS, TRUTH = "pixels", "truth"


@dataclass(frozen=True)
class Asked:
    """Everything that a report follows from, besides the weights of the models and of the judge."""

    run: str
    expr: str
    n: int = 500
    seed: int = 0
    protocol: str = "matched"
    each: int = EACH
    against: tuple[str, ...] = ()


def rivals(run: Run) -> tuple[str, ...]:
    """The shipped autoencoder of the same images, to be shown beside a run that is none; empty where there is none.

    Of several the one whose network is most alike.
    """
    data, settings = run.plan.data, run.plan.settings
    found = [r for r in list_runs() if r.is_shipped and r.plan.model == "autoencoder" and r.snapshots()
             and (r.plan.data.name, r.plan.data.size, r.plan.data.channels) == (data.name, data.size, data.channels)]
    found.sort(key=lambda r: sum(r.plan.settings.get(name) != settings.get(name) for name in ("latent_dim", "width")))
    return () if run.plan.model == "autoencoder" else tuple(r.id for r in found[:1])


def faces_run(run_id: str) -> tuple[Run, ServedModel]:
    """A run on faces, and its model; DataError for any other."""
    run = find_run(run_id)
    if run.plan.data.name != "faces":
        raise DataError(f"{run_id}: it was trained on {run.plan.data.name}; only drawn faces are scored, whose truth is known. Choose a run on faces")
    return run, MODELS.get(run_id, exact=True)


def report(asked: Asked, progress: Progress = lambda share, what: None) -> dict:
    """The scores of a run, of those it is held against, of pixels and of the true answers; as JSON would have it.

    Found in memory or beside the run where it was computed before with the same weights and the same judge.
    """
    sum_ = parse(asked.expr, WORDS)
    judge = load_judge()
    steps = {name: faces_run(name)[1].step for name in (asked.run, *asked.against)}
    key = stamp_of(asked, sum_, steps)
    with _LOCK:
        if key in _REPORTS:
            _REPORTS.move_to_end(key)
            return _REPORTS[key]
    found = _kept(find_run(asked.run)).get(key) or _computed(asked, sum_, steps, judge, progress)
    with _LOCK:
        _REPORTS[key] = found
        while len(_REPORTS) > KEPT:
            _REPORTS.popitem(last=False)
    return found


def known_report(asked: Asked) -> dict | None:
    """The report if it need not be computed, None otherwise."""
    sum_ = parse(asked.expr, WORDS)
    key = stamp_of(asked, sum_, {name: faces_run(name)[1].step for name in (asked.run, *asked.against)})
    with _LOCK:
        return _REPORTS.get(key) or _kept(find_run(asked.run)).get(key)


def keep_report(asked: Asked, found: dict) -> None:
    """Write a report into its run's folder, beside those of other sums."""
    run = find_run(asked.run)
    key = stamp_of(asked, parse(asked.expr, WORDS), found["steps"])
    write_atomic(run.path / FILE, json.dumps({**_kept(run), key: found}, indent=1))


def stamp_of(asked: Asked, sum_: Sum, steps: dict[str, int]) -> str:
    """A name for what was asked of which weights by which judge."""
    weights = judge_dir() / WEIGHTS
    judge = hashlib.blake2b(weights.read_bytes()).hexdigest() if weights.exists() else ""
    return hashlib.blake2b(json.dumps([asdict(asked) | {"expr": sum_.text}, steps, judge]).encode(), digest_size=12).hexdigest()


def _computed(asked: Asked, sum_: Sum, steps: dict[str, int], judge: Judge, progress: Progress) -> dict:
    run, model = faces_run(asked.run)
    ways = {asked.run: by_codes(model), **{name: by_codes(faces_run(name)[1]) for name in asked.against}, PIXELS: by_pixels}
    tied = {(a, b): rho for a, b, rho in run.plan.data.correlations}
    examples = draw_examples(sum_, asked.n, asked.seed, protocol=asked.protocol, each=asked.each, correlations=tied)
    answers, truth = find_answers(examples, ways, size=model.size, channels=model.channels, progress=progress)
    scores = score_sums(examples, answers, truth, judge)
    return {**asdict(asked), "expr": sum_.text, "parts": {name: in_words(part) for name, part in zip("abc", sum_.parts, strict=True)},
            "target": {name: level.shown for name, level in sum_.target.items()}, "steps": steps, "protocol_words": protocol_words(examples),
            "ways": {name: score.as_dict() for name, score in scores.items()}}


def _kept(run: Run) -> dict[str, dict]:
    """Reports in a run's folder; none where the file is missing or no JSON, since they can always be computed again."""
    try:
        kept = json.loads((run.path / FILE).read_text())
    except (OSError, ValueError):
        return {}
    return kept if isinstance(kept, dict) else {}


_REPORTS: OrderedDict[str, dict] = OrderedDict()
_LOCK = threading.Lock()
