"""Commands that train: train, resume, same-images, fork."""

import argparse
import shlex
import sys

from tqdm import tqdm

from genlab.cli.options import add_command, add_fields, data_named, given, read_settings
from genlab.data import DataSpec
from genlab.errors import ConfigError
from genlab.models import MODELS, find_model
from genlab.runs import Run, begin, create_run, execute, find_run, fork, lengthen
from genlab.runs.card import final_metrics
from genlab.runs.images import check_images, go_on_with_same
from genlab.settings import build_config
from genlab.training import Event, Item, Row, TrainPlan

PLAN = ["epochs", "max_steps", "batch_size", "lr", "lr_schedule", "seed", "precision", "device", "threads"]
SHOWN = ("train/recon", "train/kl", "train/mse", "train/loss_D", "train/loss_G")   # beside the progress bar
SAME = "where its images have changed since it began, go on with those that are the same"
DATA = ["n", "size", "channels", "seed", "test_share", "path", "fit"]


def add(commands: argparse._SubParsersAction) -> None:
    """train, resume, same-images, fork."""
    command = add_command(commands, "train", train, "Train a model from the beginning.")
    command.add_argument("--model", default="vae", help=f"one of {', '.join(MODELS)}")
    command.add_argument("--dataset", default="digits", help="one of `data list`, or a folder of images")
    _plan_options(command)
    add_fields(command, DataSpec, DATA, prefix="data-")
    command.add_argument("--data-correlate", action="append", default=[], metavar="A,B,RHO",
                         help="make two attributes of drawn images go together, as glasses,man,0.8; repeatable")
    command = add_command(commands, "resume", resume, "Go on with a run from its last state.")
    command.add_argument("run_id", metavar="RUN")
    command.add_argument("--epochs", type=int, help="train on to a later epoch than the run was made for")
    command.add_argument("--quiet", action="store_true", help="no progress bar")
    command.add_argument("--same-images", action="store_true", help=SAME)
    add_command(commands, "same-images", same_images, "Let a run whose images have changed go on, and be looked at, with those that are the "
                                                      "same.").add_argument("run_id", metavar="RUN")
    command = add_command(commands, "fork", fork_run, "Train a new run that starts from a kept snapshot of another.")
    command.add_argument("run_id", metavar="RUN")
    command.add_argument("--step", type=int, help="the snapshot to start from (default: the newest)")
    command.add_argument("--same-images", action="store_true", help=SAME)
    _plan_options(command)


def _plan_options(command: argparse.ArgumentParser) -> None:
    add_fields(command, TrainPlan, PLAN)
    command.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="a setting of the model, as latent_dim=8; repeatable")
    command.add_argument("--snapshots", default="", metavar="E,E,...", help="epochs to keep besides the growing grid")
    command.add_argument("--title", default="", help="what the run is called on the pages")
    command.add_argument("--quiet", action="store_true", help="no progress bar")


def train(args: argparse.Namespace) -> dict:
    data = {**given(args, DATA, "data_"), "correlations": _correlations(args.data_correlate), **data_named(args.dataset)}
    settings = read_settings(args.set, find_model(args.model).Config)
    values = {"model": args.model, "settings": settings, "snapshot_epochs": _epochs(args), **given(args, PLAN)}
    plan = build_config(TrainPlan, {**values, "data": build_config(DataSpec, data)})
    run = create_run(plan, title=args.title, command=_command(args))
    return _follow(run, args)


def resume(args: argparse.Namespace) -> dict:
    run = find_run(args.run_id)
    if args.same_images:
        _say(args, go_on_with_same(run))
    else:
        check_images(run)
    if args.epochs is not None:
        lengthen(run, args.epochs)
    begin(run)
    return _follow(run, args)


def fork_run(args: argparse.Namespace) -> dict:
    parent = find_run(args.run_id)
    changes = {**given(args, PLAN), "settings": read_settings(args.set, find_model(parent.plan.model).Config)}
    if args.snapshots:
        changes["snapshot_epochs"] = _epochs(args)
    return _follow(fork(parent, args.step, changes=changes, title=args.title, command=_command(args), same_images=args.same_images), args)


def same_images(args: argparse.Namespace) -> dict:
    run = find_run(args.run_id)
    text = go_on_with_same(run)
    _say(args, text)
    return {"run": run.id, "text": text}


def _say(args: argparse.Namespace, text: str) -> None:
    if not args.json:
        print(text)


def _command(args: argparse.Namespace) -> str:
    return shlex.join(["python", "-m", "genlab", *args.words])


def _correlations(texts: list[str]) -> tuple[tuple[str, ...], ...]:
    """["glasses,man,0.8"] -> (("glasses", "man", "0.8"),): the spec turns the last into a number or says why not."""
    pairs = [tuple(part.strip() for part in text.split(",")) for text in texts]
    for text, pair in zip(texts, pairs, strict=True):
        if len(pair) != 3:
            raise ConfigError(f"--data-correlate {text}: write it as two attributes and a number, glasses,man,0.8")
    return tuple(pairs)


def _epochs(args: argparse.Namespace) -> tuple[str, ...]:
    """Epochs as they were written; the plan turns them into numbers or says which is none."""
    return tuple(e.strip() for e in args.snapshots.split(",") if e.strip())


def _follow(run: Run, args: argparse.Namespace) -> dict:
    """Carry a run out under a progress bar; what `train --json` prints."""
    if not args.json:
        print(f"{run.id}: {run.path}")
    from genlab.measures.looks import open_look

    with tqdm(disable=args.quiet or not sys.stderr.isatty(), unit="step", leave=False) as bar:
        status = execute(run, watch=lambda item: _show(bar, run, item), open_look=open_look)
    rows = [row for row in run.metrics()[0] if "images_per_s" in row]
    seconds = rows[-1]["seconds"] if rows else 0.0
    result = {"run": run.id, "path": str(run.path), "state": status.state, "step": status.step, "epoch": status.epoch, "seconds": round(seconds, 3),
              "images_per_s": round(status.images_per_s, 1), "metrics": final_metrics(run)}
    if not args.json:
        print(f"{status.state} at step {status.step}, {seconds:.1f} s, {result['images_per_s']:g} images/s")
        for name, value in result["metrics"].items():
            print(f"  {name:<14} {value:.5g}")
    return result


def _show(bar: tqdm, run: Run, item: Item) -> None:
    if isinstance(item, Event) and item.kind == "moved":
        tqdm.write(f"genlab: {item.text}", file=sys.stderr)
    if isinstance(item, Row) and not bar.disable:
        bar.total = bar.total or run.status.total_steps
        bar.n = item.step
        bar.set_postfix({k.split("/")[1]: f"{v:.4g}" for k, v in item.metrics.items() if k in SHOWN})
