"""Commands about runs: runs, show, rename, delete, restore, trash, export, import."""

import argparse
import shlex
from dataclasses import asdict
from pathlib import Path

from genlab import trash
from genlab.cli.options import add_command
from genlab.errors import RunError
from genlab.files import write_atomic
from genlab.runs import Run, delete, find_run, list_runs, rename, restore, trashed
from genlab.runs.card import final_metrics
from genlab.runs.clearing import clear_away
from genlab.runs.store import misnamed
from genlab.runs.transfer import export_onnx, export_zip, import_folder, import_zip
from genlab.trash import KEPT_DAYS

TO_TRASH = f"Put a run into the trash; after {KEPT_DAYS} days it is removed for good."


def add(commands: argparse._SubParsersAction) -> None:
    """runs, show, rename, delete, restore, trash, export, import."""
    add_command(commands, "runs", runs, "List all runs, shipped ones first.")
    for name, run, about in [("show", show, "Say all about a run."), ("delete", delete_run, TO_TRASH),
                             ("restore", restore_run, "Bring a run back from the trash.")]:
        add_command(commands, name, run, about).add_argument("run_id", metavar="RUN")
    command = add_command(commands, "trash", show_trash, f"List what was deleted, and remove for good what was deleted {KEPT_DAYS} days ago or more.")
    command.add_argument("--empty", action="store_true", help="remove all of it for good, now")
    command = add_command(commands, "rename", rename_run, "Give a run another title.")
    command.add_argument("run_id", metavar="RUN")
    command.add_argument("title")
    command = add_command(commands, "export", export, "Write a run as one zip, or its decoder as ONNX.")
    command.add_argument("run_id", metavar="RUN")
    command.add_argument("--out", type=Path, help="the file to write (default: RUN.zip or RUN.onnx)")
    command.add_argument("--onnx", action="store_true", help="the decoder alone, as ONNX")
    command.add_argument("--step", type=int, help="with --onnx: the snapshot (default: the newest)")
    command.add_argument("--with-state", action="store_true", help="also what is needed to train on (three times the size)")
    command = add_command(commands, "import", import_run, "Take in a run from a zip or its unpacked folder, with every check.")
    command.add_argument("file", type=Path, help="a zip, exported or zipped again, or a folder")


def runs(args: argparse.Namespace) -> dict:
    rows = [_row(run) for run in list_runs()]
    if not args.json:
        for row in rows:
            print(f"{row['run']:<40} {row['state']:<12} {row['step']:>8} steps  {row['title']}")
        print(f"{len(rows)} runs")
        if left := misnamed():
            print(f"not listed, for their names ({', '.join(map(repr, left))}): rename these folders to letters, digits, spaces and . _ - ( ) [ ]")
    return {"runs": rows, "misnamed": misnamed()}


def show(args: argparse.Namespace) -> dict:
    run = find_run(args.run_id)
    result = {**_row(run), "path": str(run.path), "size_bytes": run.size_bytes(), "status": asdict(run.status), "plan": run.plan.model_dump(),
              "parent": run.config.parent, "command": run.config.command, "snapshots": run.snapshots(), "metrics": final_metrics(run),
              "events": run.events()}
    if not args.json:
        for name, value in result.items():
            print(f"{name:<11} {value}")
    return result


def rename_run(args: argparse.Namespace) -> dict:
    run = find_run(args.run_id)
    rename(run, args.title)
    return _said(args, run, f"is now called {run.title!r}")


def delete_run(args: argparse.Namespace) -> dict:
    run = find_run(args.run_id)
    delete(run)
    clear_away()
    return _said(args, run, f"is in the trash; `python -m genlab restore {shlex.quote(run.id)}` brings it back for {KEPT_DAYS} days")


def restore_run(args: argparse.Namespace) -> dict:
    return _said(args, restore(args.run_id), "is back")


def show_trash(args: argparse.Namespace) -> dict:
    removed = clear_away(0.0) if args.empty else clear_away()
    rows = [{"run": run.id, "title": run.title, "deleted": trash.deleted_at(run.path), "days_left": trash.days_left(run.path)} for run in trashed()]
    if not args.json:
        for row in rows:
            print(f"{row['run']:<40} {row['days_left']:>3} days left  {row['title']}")
        print(f"{len(rows)} runs in the trash" + (f"; removed for good: {', '.join(removed)}" if removed else ""))
    return {"trash": rows, "removed": removed, "kept_days": KEPT_DAYS}


def export(args: argparse.Namespace) -> dict:
    run = find_run(args.run_id)
    data = export_onnx(run, args.step) if args.onnx else export_zip(run, with_state=args.with_state)
    out = args.out or Path(f"{run.id}.{'onnx' if args.onnx else 'zip'}")
    if not out.parent.is_dir():
        raise RunError(f"--out {out}: the folder {out.parent} does not exist")
    write_atomic(out, data)
    return {**_said(args, run, f"written to {out}, {len(data) / 1e6:.1f} MB"), "file": str(out), "bytes": len(data)}


def import_run(args: argparse.Namespace) -> dict:
    if not args.file.exists():
        raise RunError(f"{args.file}: there is no such file or folder")
    run = import_folder(args.file) if args.file.is_dir() else import_zip(args.file.read_bytes())
    return _said(args, run, f"imported from {args.file}")


def _row(run: Run) -> dict:
    status = run.status
    return {"run": run.id, "title": run.title, "state": status.state, "step": status.step, "epoch": status.epoch, "model": run.plan.model,
            "dataset": run.plan.data.name, "shipped": run.is_shipped, "created": run.config.created}


def _said(args: argparse.Namespace, run: Run, words: str) -> dict:
    if not args.json:
        print(f"{run.id} {words}")
    return {"run": run.id, "path": str(run.path)}
