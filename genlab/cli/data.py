"""Commands about data: data list, data fetch, data check."""

import argparse
import sys
from dataclasses import asdict

import numpy as np
from tqdm import tqdm

from genlab.cli.options import add_command
from genlab.data import DataSpec, describe, find_dataset, load_dataset
from genlab.data.own import report_on
from genlab.errors import DataError


def add(commands: argparse._SubParsersAction) -> None:
    """data list, data fetch NAME, data check PATH."""
    group = commands.add_parser("data", help="List datasets, or download one.").add_subparsers(required=True, metavar="COMMAND")
    add_command(group, "list", list_data, "List all datasets and whether they are here.")
    add_command(group, "fetch", fetch, "Download a dataset.").add_argument("name")
    check = add_command(group, "check", check_own, "Say what is used of your own pictures, what is left out and why.")
    check.add_argument("path", help="the folder, or the upload's id")


def list_data(args: argparse.Namespace) -> dict:
    rows = describe()
    if not args.json:
        for row in rows:
            print(f"{row['name']:<15} {'here' if row['local'] else 'not here':<9} {row['size']:>4} px  {row['title']}: {row['about']}")
            for fault in row["faults"]:
                print(f"{'':<15} {fault}")
    return {"datasets": rows}


def fetch(args: argparse.Namespace) -> dict:
    dataset = find_dataset(args.name)
    if dataset.fetch is None and not dataset.is_local():
        load_dataset(DataSpec(name=dataset.name))   # says where its files belong
    if dataset.fetch is None:
        raise DataError(f"{dataset.name}: there is nothing to download; it is here")
    with tqdm(total=100, unit="%", disable=args.json or not sys.stderr.isatty(), leave=False) as bar:
        dataset.fetch(lambda share, what: (setattr(bar, "n", round(100 * share)), bar.set_description(what)))
    if not args.json:
        print(f"{dataset.name} is here")
    return {"dataset": dataset.name, "local": dataset.is_local()}


def check_own(args: argparse.Namespace) -> dict:
    report, sheet = report_on(args.path)
    known = (~np.isnan(sheet.attributes)).sum(axis=0).tolist()
    attributes = [asdict(attribute) | {"known": n} for attribute, n in zip(sheet.attribute_info, known, strict=True)]
    if not args.json:
        print(f"{report.accepted} images")
        for attribute in attributes:
            print(f"  {attribute['name']}: {attribute['kind']}, known of {attribute['known']}"
                  + (f": {', '.join(attribute['choices'])}" if attribute["choices"] else ""))
        for note in report.notes:
            print(note)
        for name, reason in report.rejected:
            print(f"left out: {name} {reason}")
    return {"images": report.accepted, "attributes": attributes, "notes": list(report.notes),
            "rejected": [list(pair) for pair in report.rejected]}
