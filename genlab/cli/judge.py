"""Commands about the judge: judge train, judge evaluate."""

import argparse
import json
import math
import shlex
from pathlib import Path

from genlab.cli.options import add_command, add_fields, given
from genlab.errors import ConfigError
from genlab.files import write_atomic
from genlab.judge.card import measure, model_card, table
from genlab.judge.judge import judge_dir, load_judge, save_judge
from genlab.judge.plan import EVALUATION, JudgePlan
from genlab.paths import runs_dir
from genlab.settings import build_config

PLAN = ["steps", "batch_size", "pool", "fresh", "lr", "weight_decay", "ema", "features", "seed", "precision"]


def add(commands: argparse._SubParsersAction) -> None:
    """judge train, judge evaluate."""
    group = commands.add_parser("judge", help="Train or measure the judge of drawn faces.").add_subparsers(required=True, metavar="COMMAND")
    command = add_command(group, "train", train, "Train the judge, or go on from where an earlier call ended.")
    add_fields(command, JudgePlan, PLAN)
    command.add_argument("--seconds", type=float, default=math.inf, help="stop after so long; the same command goes on from there")
    command.add_argument("--threads", type=int, default=1, help="of torch; with one, the same plan gives the same bits (default: 1)")
    command.add_argument("--anew", action="store_true", help="begin from the first step, whatever an earlier call left")
    command.add_argument("--out", type=Path, help="where the judge is written (default: checkpoints/judge)")
    command = add_command(group, "evaluate", evaluate, "Measure the judge on held-out faces and write its model card.")
    command.add_argument("--n", type=int, default=5000, help="held-out faces (default: 5000)")
    command.add_argument("--seed", type=int, default=0, help="added to the seed of the held-out faces (default: 0)")
    command.add_argument("--out", type=Path, help="folder of the judge (default: checkpoints/judge)")


def train(args: argparse.Namespace) -> dict:
    import torch

    from genlab.judge.training import resume

    plan = build_config(JudgePlan, given(args, PLAN))
    torch.set_num_threads(args.threads)
    folder, out = runs_dir() / ".judge", args.out or judge_dir()
    if args.anew:
        (folder / "state.safetensors").unlink(missing_ok=True)
    trainer, row = resume(plan, folder), {}
    for row in trainer.run(folder, args.seconds):
        if not args.json:
            print(f"step {row['step']:>6} of {plan.steps}  {row['seconds']:7.0f} s  loss {row['loss']:.4f}", flush=True)
    if trainer.done:
        save_judge(trainer.judge(shlex.join(["python", "-m", "genlab", *args.words])), out)
    if not args.json:
        print(f"written to {out}" if trainer.done else f"step {trainer.step} of {plan.steps}; the same command goes on")
    return {**row, "step": trainer.step, "done": trainer.done, "path": str(out if trainer.done else folder)}


def evaluate(args: argparse.Namespace) -> dict:
    if args.n < 100:
        raise ConfigError(f"--n {args.n}: at least 100 faces are needed for figures that mean something")
    out = args.out or judge_dir()
    judge = load_judge(folder=out)
    figures = measure(judge, args.n, judge.config.training["seed"] + EVALUATION + args.seed)
    figures["command"] = shlex.join(["python", "-m", "genlab", *args.words])
    write_atomic(out / "metrics.json", json.dumps(rounded(figures), indent=1))
    write_atomic(out / "MODEL_CARD.md", model_card(judge, figures))
    if not args.json:
        print("\n".join([*table(figures["conditions"]), "", "below its limit: " + (", ".join(figures["below"]) or "nothing"), f"written to {out}"]))
    return {**rounded(figures), "path": str(out)}


def rounded(value: object) -> object:
    """The same JSON with five digits to a number."""
    if isinstance(value, dict):
        return {k: rounded(v) for k, v in value.items()}
    if isinstance(value, list):
        return [rounded(v) for v in value]
    return float(f"{value:.5g}") if isinstance(value, float) else value
