"""Commands about uploads: data upload, data uploads, data rename, data delete, data restore."""

import argparse
from pathlib import Path

from genlab.cli.options import add_command
from genlab.data import shelf
from genlab.data.shelf import ANYBODY, KEPT_DAYS, Shelved
from genlab.data.upload import read_upload, store_upload
from genlab.errors import DataError
from genlab.runs.uses import needed_for, runs_on


def add(group: argparse._SubParsersAction) -> None:
    """upload, uploads, rename, delete, restore: below `data`."""
    command = add_command(group, "upload", upload, "Keep pictures to train on, as a page does: train --dataset own --data-path ID.")
    command.add_argument("files", nargs="+", type=Path, metavar="FILE", help="pictures, zips of them, and their table of attributes")
    command.add_argument("--title", default="", help="what the upload is called (default: the first file's name)")
    command = add_command(group, "uploads", uploads, "List uploads, and which runs use them.")
    command.add_argument("--deleted", action="store_true", help="those deleted that can still be brought back")
    command = add_command(group, "rename", rename, "Call an upload something else.")
    command.add_argument("id", metavar="ID")
    command.add_argument("title")
    command = add_command(group, "delete", delete, f"Delete an upload; for {KEPT_DAYS} days it can be brought back.")
    command.add_argument("id", metavar="ID")
    command.add_argument("--force", action="store_true", help="even where runs use it")
    add_command(group, "restore", restore, "Bring a deleted upload back.").add_argument("id", metavar="ID")


def upload(args: argparse.Namespace) -> dict:
    upload_id = store_upload([(path.name, _read(path)) for path in args.files], args.title or args.files[0].name)
    shelf.keep(upload_id, ANYBODY)
    report = read_upload(upload_id).report
    if not args.json:
        print(f"{upload_id}: {report.sentence()}\ntrain on it with --dataset own --data-path {upload_id}")
    return {"upload": upload_id, "images": report.accepted, "left_out": [list(pair) for pair in report.rejected]}


def _read(path: Path) -> bytes:
    if path.is_dir():
        raise DataError(f"{path}: is a folder; name the files in it, or train on it with --dataset {path}")
    try:
        return path.read_bytes()
    except OSError as error:
        raise DataError(f"{path}: can't be read ({error.strerror})") from None


def uploads(args: argparse.Namespace) -> dict:
    rows = [_row(item) for item in (shelf.discarded() if args.deleted else shelf.shelf())]
    if not args.json:
        for row in rows:
            print(f"{row['upload']}  {row['images']:>6} images  {len(row['runs'])} runs  {row['title']}")
        print(f"{len(rows)} uploads")
    return {"uploads": rows}


def rename(args: argparse.Namespace) -> dict:
    title = shelf.rename(args.id, args.title)
    return _said(args, f"is now called {title!r}")


def delete(args: argparse.Namespace) -> dict:
    if (needed := needed_for(read_upload(args.id).id)) and not args.force:
        raise DataError(f"upload {args.id}: {needed} Delete it all the same with --force")
    shelf.discard(args.id)
    return _said(args, f"is deleted; for {KEPT_DAYS} days `python -m genlab data restore {args.id}` brings it back")


def restore(args: argparse.Namespace) -> dict:
    shelf.bring_back(args.id)
    return _said(args, "is back")


def _row(item: Shelved) -> dict:
    return {"upload": item.id, "title": item.title, "images": item.count, "size": item.upload.size, "sent": item.label.sent,
            "deleted": item.label.deleted or None, "runs": [run.id for run in runs_on(item.id)]}


def _said(args: argparse.Namespace, words: str) -> dict:
    if not args.json:
        print(f"{args.id} {words}")
    return {"upload": args.id}
