"""The command that reproduces a study: reproduce."""

import argparse
import sys
import time
from dataclasses import asdict
from pathlib import Path

from tqdm import tqdm

from genlab.cli.options import add_command, add_fields, data_named, given
from genlab.data import DataSpec
from genlab.errors import ConfigError
from genlab.files import write_atomic
from genlab.settings import build_config
from genlab.studies import Study, StudyPlan, begin_study
from genlab.studies.plan import ENDLESS, QUESTIONS
from genlab.training import Row

FIELDS = ["epochs", "steps", "seeds", "latent_dim", "width", "batch_size", "n", "threads"]
DATA = ["size", "channels", "path", "fit"]


def add(commands: argparse._SubParsersAction) -> None:
    """reproduce."""
    command = add_command(commands, "reproduce", reproduce, "Train the runs of a question, measure each alike, and say what the figures bear out.")
    command.add_argument("kind", choices=list(QUESTIONS), help="; ".join(f"{kind}: {question}" for kind, question in QUESTIONS.items()))
    command.add_argument("--dataset", default="faces", help="one of `data list`, or a folder of images (default: faces)")
    command.add_argument("--sizes", metavar="N,N,...", help="numbers of training images, or endless (default: 70; 1,14,70,500,2000 for dataset-size)")
    add_fields(command, StudyPlan, FIELDS)
    add_fields(command, DataSpec, DATA, prefix="data-")
    command.add_argument("--title", default="", help="what the study is called on its page")
    command.add_argument("--html", type=Path, help="write the result as one self-contained page")
    command.add_argument("--csv", type=Path, help="write every figure of every run")
    command.add_argument("--ship", metavar="NAME", help="copy the result to checkpoints/studies/NAME")
    command.add_argument("--quiet", action="store_true", help="no progress bar")


def reproduce(args: argparse.Namespace) -> dict:
    from genlab.studies.carry import reproduce as carry_out
    from genlab.studies.report import to_csv, to_html

    study, began = begin_study(asked_plan(args), title=args.title), time.monotonic()
    if not args.json:
        print(f"{study.id}: {study.title}, {len(study.members())} runs")
    with tqdm(disable=args.quiet or not sys.stderr.isatty(), unit="step", leave=False) as bar:
        carry_out(study, watch=lambda run, item: _show(bar, run, item), told=lambda share, what: _say(args, bar, share, what))
    for path, text in ((args.html, to_html), (args.csv, to_csv)):
        if path:
            write_atomic(path, text(study))
    if args.ship:
        from genlab.studies.folder import ship_study

        ship_study(study, args.ship)
    return _result(study, time.monotonic() - began, args)


def asked_plan(args: argparse.Namespace) -> StudyPlan:
    """The plan that the words of the command line ask for."""
    data = {**given(args, DATA, "data_"), **data_named(args.dataset)}
    values = {"kind": args.kind, "data": build_config(DataSpec, data), **given(args, FIELDS)}
    default = (70,) if args.kind == "ae-vs-vae" else (1, 14, 70, 500, 2000)
    return build_config(StudyPlan, values | {"sizes": read_sizes(args.sizes) if args.sizes else default})


def read_sizes(text: str) -> tuple[int, ...]:
    """"1,14,endless" -> (1, 14, 0); ConfigError for anything that is no number."""
    words = [word.strip() for word in text.split(",") if word.strip()]
    if bad := [word for word in words if word != "endless" and not (word.isascii() and word.isdigit() and 0 < int(word) < 10**7)]:
        raise ConfigError(f"--sizes {text}: {bad[0]!r} is no number of images; write them as 1,14,70 or endless")
    return tuple(ENDLESS if word == "endless" else int(word) for word in words)


def _say(args: argparse.Namespace, bar: tqdm, share: float, what: str) -> None:
    bar.reset()
    if not (args.quiet or args.json):
        bar.write(f"{100 * share:3.0f} %  {what}", file=sys.stdout)


def _show(bar: tqdm, run: object, item: object) -> None:
    if isinstance(item, Row) and not bar.disable:
        bar.total = bar.total or run.status.total_steps
        bar.n = item.step
        bar.refresh()


def _result(study: Study, seconds: float, args: argparse.Namespace) -> dict:
    from genlab.studies.claims import claims
    from genlab.studies.tables import figure, groups, measure_names, name_of

    found = groups(study)
    wanted = [(name, "") for name in measure_names(study)] + [("kid", sampler) for sampler in ("mixture", "pca")]
    rows = {name_of(group): {f"{name} ({sampler})" if sampler else name: {**asdict(f.estimate), "by_seed": f.by_seed} for name, sampler in wanted
                             if (f := figure(members, name, sampler))} for group, members in found.items()}
    said = claims(study)
    if not args.json:
        for claim in said:
            print(f"{claim.text}: {claim.verdict}. {claim.figures}")
    return {"study": study.id, "title": study.title, "path": str(study.path), "seconds": round(seconds, 1),
            "plan": study.plan.model_dump(mode="json"), "runs": study.runs, "figures": rows, "claims": [asdict(c) for c in said]}
