"""Commands about data: data list, data fetch, and those about uploads."""

import argparse
import sys

from tqdm import tqdm

from genlab.cli import uploads
from genlab.cli.options import add_command
from genlab.data import DataSpec, describe, find_dataset, load_dataset
from genlab.errors import DataError


def add(commands: argparse._SubParsersAction) -> None:
    """data list, data fetch NAME, data upload FILE ... and what can be done with uploads."""
    group = commands.add_parser("data", help="Datasets, and pictures of your own.").add_subparsers(required=True, metavar="COMMAND")
    add_command(group, "list", list_data, "List all datasets and whether they are here.")
    add_command(group, "fetch", fetch, "Download a dataset.").add_argument("name")
    uploads.add(group)


def list_data(args: argparse.Namespace) -> dict:
    rows = describe()
    if not args.json:
        for row in rows:
            print(f"{row['name']:<15} {'here' if row['local'] else 'not here':<9} {row['size']:>4} px  {row['title']}: {row['about']}")
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
