"""Sums of concepts by a run, scored: computed once, kept beside the run where somebody asks for it, and found again by what was asked."""

import hashlib
import json
import threading
from collections import OrderedDict
from dataclasses import asdict, dataclass

import numpy as np

from genlab.data import Progress
from genlab.data.faces import Factors
from genlab.errors import DataError, LabError
from genlab.files import write_atomic
from genlab.judge.judge import WEIGHTS, Judge, judge_dir, load_judge
from genlab.latent.arithmetic import EACH, combine
from genlab.lens.codes import CODES
from genlab.lens.judged import ship_readings
from genlab.lens.models import MODELS, ServedModel
from genlab.lens.waypoints import decoded
from genlab.models import find_model
from genlab.runs import Run, find_run, list_runs
from genlab.sums.examples import USUAL, draw_examples
from genlab.sums.expression import Sum, in_words, parse
from genlab.sums.samples import as_examples, choose_rows, expected, sample_words, straight_limits
from genlab.sums.scoring import (
    SUMS_AT_ONCE,
    WORDS,
    Answer,
    Score,
    by_codes,
    by_pixels,
    find_answers,
    protocol_words,
    score_readings,
    score_sums,
)

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
    protocol: str = USUAL
    each: int = EACH
    against: tuple[str, ...] = ()


def rivals(run: Run) -> tuple[str, ...]:
    """The shipped autoencoder of the same images, to be shown beside a run that is none; empty where there is none.

    Of several the one whose network is most alike. Empty too for a run that cannot encode, whose sums are of its own samples.
    """
    data, settings = run.plan.data, run.plan.settings
    found = [r for r in list_runs() if r.is_shipped and r.plan.model == "autoencoder" and r.snapshots()
             and r.plan.data.shows_like(data)]
    found.sort(key=lambda r: sum(r.plan.settings.get(name) != settings.get(name) for name in ("latent_dim", "width")))
    return () if run.plan.model == "autoencoder" or not find_model(run.plan.model).can_encode else tuple(r.id for r in found[:1])


def faces_run(run_id: str) -> tuple[Run, ServedModel]:
    """A run on faces, and its model; DataError for any other."""
    return require_faces(run_id), MODELS.get(run_id, exact=True)


def require_faces(run_id: str) -> Run:
    """The run of this id, if it is one on faces; DataError for any other."""
    run = find_run(run_id)
    if run.plan.data.name != "faces":
        raise DataError(f"{run_id}: it was trained on {run.plan.data.name}; only drawn faces are scored, whose truth is known. Choose a run on faces")
    return run


def report(asked: Asked, progress: Progress = lambda share, what: None) -> dict:
    """The scores of a run, of those it is held against, of pixels and of the true answers; as JSON would have it.

    Found in memory or beside the run where it was computed before with the same weights and the same judge.
    """
    judge = load_judge()
    require_faces(asked.run)   # before its words are read: those of another dataset's run are not these
    sum_ = parse(asked.expr, WORDS)
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


def keep_readings(run_id: str) -> None:
    """Put what the judge read from a run's samples into its folder, where the run cannot encode; nothing otherwise."""
    model = MODELS.get(run_id, exact=True)
    if not model.can_encode:
        ship_readings(model, CODES.get(run_id).mu)


def stamp_of(asked: Asked, sum_: Sum, steps: dict[str, int]) -> str:
    """A name for what was asked of which weights by which judge."""
    weights = judge_dir() / WEIGHTS
    judge = hashlib.blake2b(weights.read_bytes()).hexdigest() if weights.exists() else ""
    return hashlib.blake2b(json.dumps([asdict(asked) | {"expr": sum_.text}, steps, judge]).encode(), digest_size=12).hexdigest()


def _computed(asked: Asked, sum_: Sum, steps: dict[str, int], judge: Judge, progress: Progress) -> dict:
    model = faces_run(asked.run)[1]
    ways = {**{name: by_codes(_encoding(name)) for name in asked.against}, PIXELS: by_pixels}
    found = (_of_drawn if model.can_encode else _of_samples)(asked, sum_, ways, judge, progress)
    return {**asdict(asked), "expr": sum_.text, "parts": {name: in_words(part) for name, part in zip("abc", sum_.parts, strict=True)},
            "target": {name: level.shown for name, level in sum_.target.items()}, "steps": steps, "protocol_words": found[1],
            "ways": {name: score.as_dict() for name, score in found[0].items()}}


def _of_drawn(asked: Asked, sum_: Sum, ways: dict[str, Answer], judge: Judge, progress: Progress) -> tuple[dict[str, Score], str]:
    """Scores over faces drawn afresh, and how they were drawn."""
    run, model = faces_run(asked.run)
    tied = {(a, b): rho for a, b, rho in run.plan.data.correlations}
    examples = draw_examples(sum_, asked.n, asked.seed, protocol=asked.protocol, each=asked.each, correlations=tied)
    answers, truth = find_answers(examples, {asked.run: by_codes(model), **ways}, size=model.size, channels=model.channels, progress=progress)
    return score_sums(examples, answers, truth, judge), protocol_words(examples)


def _of_samples(asked: Asked, sum_: Sum, ways: dict[str, Answer], judge: Judge, progress: Progress) -> tuple[dict[str, Score], str]:
    """Scores over samples of the run itself, which cannot encode a drawn face, and how they were chosen."""
    model, codes = faces_run(asked.run)[1], CODES.get(asked.run)
    progress(0.0, f"reading {len(codes.mu)} samples")
    judged = codes.judged
    if judged.identity is None:
        raise LabError(f"{asked.run}: {codes.why_unknown}")
    progress(0.0, "choosing samples" + (", by a look at their neighbours: a minute the first time" if asked.protocol == "clear" else ""))
    rows = choose_rows(sum_, judged.attributes, judged.info, asked.n, asked.seed, protocol=asked.protocol, each=asked.each,
                       near=codes.near if asked.protocol == "clear" else None)
    examples = as_examples(sum_, Factors(judged.attributes, judged.identity), rows, asked.protocol)
    answers: dict[str, list[np.ndarray]] = {asked.run: [], **{name: [] for name in ways}}
    for start in range(0, len(rows), SUMS_AT_ONCE):
        progress(start / len(rows), f"sum {start} of {len(rows)}")
        z = codes.mu[rows[start : start + SUMS_AT_ONCE]]
        answers[asked.run].append(decoded(model, combine(*np.moveaxis(z, 1, 0))).transpose(0, 3, 1, 2))
        x = decoded(model, z.reshape(-1, z.shape[-1])).transpose(0, 3, 1, 2)
        for name, answer in ways.items():
            answers[name].append(answer(x.reshape(*z.shape[:3], *x.shape[1:])))
    progress(1.0, "reading the answers")
    scores = score_readings(examples, {name: np.concatenate(parts) for name, parts in answers.items()},
                            expected(examples, judged.identity_spread[rows.reshape(-1)]), judge)
    return scores, sample_words(examples, len(codes.mu), straight_limits(sum_, judged.attributes, judged.info, asked.each, asked.protocol))


def _encoding(run_id: str) -> ServedModel:
    model = faces_run(run_id)[1]
    if not model.can_encode:
        raise LabError(f"{run_id}: it has no encoder, so it cannot add pictures that another run is scored on; score it by itself")
    return model


def _kept(run: Run) -> dict[str, dict]:
    """Reports in a run's folder; none where the file is missing or no JSON, since they can always be computed again."""
    try:
        kept = json.loads((run.path / FILE).read_text())
    except (OSError, ValueError):
        return {}
    return kept if isinstance(kept, dict) else {}


_REPORTS: OrderedDict[str, dict] = OrderedDict()
_LOCK = threading.Lock()
