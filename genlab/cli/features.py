"""Commands about the small classifiers whose features image measures compare: features train."""

import argparse
import shlex
from pathlib import Path

from genlab.cli.options import add_command
from genlab.errors import ConfigError
from genlab.files import write_atomic
from genlab.judge.classifier import classifier_dir, save_classifier

STEPS = 1000


def add(commands: argparse._SubParsersAction) -> None:
    """features train."""
    group = commands.add_parser("features", help="Train the classifier whose features a dataset's measures use.")
    command = add_command(group.add_subparsers(required=True, metavar="COMMAND"), "train", train, "Train a dataset's classifier and write its card.")
    command.add_argument("--dataset", default="digits", help="digits, mnist, fashion-mnist or kmnist (default: digits)")
    command.add_argument("--steps", type=int, default=STEPS, help=f"updates of the weights (default: {STEPS})")
    command.add_argument("--seed", type=int, default=0, help="of weights and batches (default: 0)")
    command.add_argument("--out", type=Path, help="where it is written (default: checkpoints/features-DATASET)")


def train(args: argparse.Namespace) -> dict:
    import torch

    from genlab.judge.classifier_training import model_card, train_classifier

    if args.steps < 1:
        raise ConfigError(f"--steps {args.steps}: at least 1 is needed")
    torch.set_num_threads(1)   # the same bits on every machine of a kind
    classifier, figures = train_classifier(args.dataset, args.steps, args.seed, shlex.join(["python", "-m", "genlab", *args.words]))
    out = args.out or classifier_dir(args.dataset)
    save_classifier(classifier, out)
    write_atomic(out / "MODEL_CARD.md", model_card(classifier, figures))
    if not args.json:
        print(f"{figures['right']} of {figures['n']} held-out images right; written to {out}")
    return {**figures, "path": str(out)}
