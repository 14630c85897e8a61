"""Commands about arithmetic of concepts: arithmetic, directions."""

import argparse
import sys

from tqdm import tqdm

from genlab.cli.options import add_command
from genlab.errors import ConfigError
from genlab.latent.directions import METHODS
from genlab.models import find_model
from genlab.runs import find_run
from genlab.sums import examples, samples
from genlab.sums.entanglement import entanglement
from genlab.sums.scored import PIXELS, TRUTH, Asked, keep_readings, keep_report, report, rivals
from genlab.sums.scoring import FEWEST, Share

EXPR = "man+glasses-man+woman"
SHARES = {"all_wanted": "wanted", "all_kept": "others kept", "success": "both", "identity_kept": "person kept"}


def add(commands: argparse._SubParsersAction) -> None:
    """arithmetic, directions."""
    command = add_command(commands, "arithmetic", arithmetic,
                          "Score a sum of concepts over many random faces, of a GAN over its samples, beside an autoencoder and pixels.")
    command.add_argument("run_id", metavar="RUN")
    command.add_argument("--expr", default=EXPR, help=f"the sum, in words of the attributes (default: {EXPR})")
    command.add_argument("--n", type=int, default=500, help="random sums (default: 500)")
    command.add_argument("--seed", type=int, default=0, help="of the faces (default: 0)")
    command.add_argument("--each", type=int, default=3, help="faces that make a concept (default: 3)")
    command.add_argument("--protocol", choices=list(examples.PROTOCOLS | samples.PROTOCOLS),
                         help=f"what the faces of a sum share. Of a run that encodes: {_told(examples.PROTOCOLS)} (default: {examples.USUAL}). "
                              f"Of one that does not: {_told(samples.PROTOCOLS)} (default: {samples.USUAL})")
    command.add_argument("--against", nargs="*", metavar="RUN", help="runs beside it (default: the shipped autoencoder of the same images)")
    command.add_argument("--keep", action="store_true",
                         help="write the figures (of a GAN also what was read from its samples) into the run's folder, where the page finds them")
    command = add_command(commands, "directions", directions, "How much each attribute's direction moves each attribute, by the judge.")
    command.add_argument("run_id", metavar="RUN")
    command.add_argument("--method", choices=list(METHODS), default="ridge", help="how directions are found (default: ridge)")
    command.add_argument("--lock", nargs="*", default=[], metavar="ATTRIBUTE", help="attributes whose directions all others are made orthogonal to")


def _told(protocols: dict[str, str]) -> str:
    return "; ".join(f"{name}: {about}" for name, about in protocols.items())


def arithmetic(args: argparse.Namespace) -> dict:
    if args.n < FEWEST:
        raise ConfigError(f"--n {args.n}: at least {FEWEST} sums are needed for a share that means something")
    run = find_run(args.run_id)
    protocol = args.protocol or (examples if find_model(run.plan.model).can_encode else samples).USUAL
    against = rivals(run) if args.against is None else tuple(args.against)
    asked = Asked(args.run_id, args.expr, args.n, args.seed, protocol, args.each, against)
    with tqdm(total=100, unit="%", disable=args.json or not sys.stderr.isatty(), leave=False) as bar:
        found = report(asked, lambda share, what: (setattr(bar, "n", round(100 * share)), bar.set_description(what)))
    if args.keep:
        keep_report(asked, found)
        keep_readings(args.run_id)
    if not args.json:
        print("\n".join(as_text(found)))
    return {**found, **found["ways"][args.run_id]}


def as_text(found: dict) -> list[str]:
    """The figures as a table for people: a column for each way of adding."""
    ways = found["ways"]
    shown = {TRUTH: "the true answer", PIXELS: "pixels"}
    head = f"{'':<18}" + "".join(f"{shown.get(name, name):>24}" for name in ways)
    rows = [(f"{level}", [way["wanted"][name] for way in ways.values()]) for name, level in found["target"].items()]
    rows += [(words, [way[name] for way in ways.values()]) for name, words in SHARES.items()]
    rows += [(f"{name} kept".replace("_", " "), [way["kept"][name] for way in ways.values()]) for name in ways[PIXELS]["kept"]]
    lines = [f"{words:<18}" + "".join(f"{Share(share['hits'], share['n'])!s:>24}" for share in shares) for words, shares in rows]
    for name, words in (("mse", "squared error"), ("features", "feature distance"), ("identity", "person's distance")):
        if ways[PIXELS][name] is not None:   # a generator's samples have no true answer
            lines.append(f"{words:<18}" + "".join(f"{way[name]:>24.4f}" for way in ways.values()))
    return [f"({found['parts']['a']}) - ({found['parts']['b']}) + ({found['parts']['c']}) = ({', '.join(found['target'].values())})",
            found["protocol_words"], "Shares are of sums, with their 95 % intervals.", "", head, *lines]


def directions(args: argparse.Namespace) -> dict:
    found = entanglement(args.run_id, method=args.method, locked=tuple(args.lock))
    result = found.as_dict()
    if not args.json:
        print(f"{args.run_id}, {args.method}: {found.about}")
        for name, row in result["directions"].items():
            moved = sorted(((other, value) for other, value in row["moves"].items() if other != name), key=lambda pair: -abs(pair[1]))
            print(f"{name:<16} itself {row['moves'].get(name, float('nan')):+.2f}   " + "  ".join(f"{o} {v:+.2f}" for o, v in moved[:4]))
    return result
