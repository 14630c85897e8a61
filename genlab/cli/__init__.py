"""The command line. A new command is a function add(commands) in this folder and a name in GROUPS."""

import argparse
import json
import sys

from genlab import __version__
from genlab.cli import arithmetic, data, decode, evaluate, features, game, invert, judge, losses, map, reproduce, runs, ship, train
from genlab.errors import LabError
from genlab.paths import explained

GROUPS = (train, runs, decode, data, ship, judge, map, arithmetic, evaluate, features, reproduce, losses, invert, game)


def main(argv: list[str] | None = None) -> int:
    """The exit code: 0 done, 2 something a person can put right (said in a line), 130 interrupted from the keyboard."""
    args = parser().parse_args(argv)
    args.words = sys.argv[1:] if argv is None else argv
    try:
        with explained():
            result = args.run(args)
    except LabError as error:
        print(f"genlab: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("genlab: interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:   # the reader of a pipe (head, say) had enough
        return 0
    if args.json:
        print(json.dumps(result, default=str))
    return 0


def parser() -> argparse.ArgumentParser:
    """All commands with their options; each prints for people, or one JSON object with --json."""
    top = argparse.ArgumentParser(prog="python -m genlab", description="A lab for understanding generative models.")
    top.add_argument("--version", action="version", version=__version__)
    commands = top.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for group in GROUPS:
        group.add(commands)
    return top
