"""The command that compares losses: compare-losses."""

import argparse
import sys

from genlab.cli.options import add_command
from genlab.errors import ConfigError
from genlab.runs import Run, begin, create_run, execute, find_run, list_runs
from genlab.training import resolve_plan

MOST_SEEDS = 20


def add(commands: argparse._SubParsersAction) -> None:
    """compare-losses."""
    command = add_command(commands, "compare-losses", compare_losses, "Compare GAN losses on the same data with the same budget, over seeds.")
    command.add_argument("run_ids", metavar="RUN", nargs="*",
                         help="runs that differ in loss and seed alone (default: the largest such group among all runs)")
    command.add_argument("--n", type=int, default=2000, help="samples (default: 2000)")
    command.add_argument("--seeds", type=int, default=0, metavar="S", help="train what is missing of the seeds 0 to S - 1 of each loss first")
    command.add_argument("--keep", choices=("here", "shipped"), help="write the comparison where the page finds it: beside the runs, or with the lab")


def compare_losses(args: argparse.Namespace) -> dict:
    from genlab.studies.losses import compare, find_groups, group_of
    from genlab.studies.losses_kept import covers, keep, kept_path, largest_group, read_kept

    if not 0 <= args.seeds <= MOST_SEEDS or not 100 <= args.n <= 5000:
        raise ConfigError(f"--seeds {args.seeds}, --n {args.n}: 0 to {MOST_SEEDS} seeds and 100 to 5000 samples are allowed")
    group = group_of([find_run(i) for i in dict.fromkeys(args.run_ids)]) if args.run_ids else largest_group(shipped=args.keep == "shipped")
    kept = read_kept(kept_path(group.digest, shipped=args.keep == "shipped")) if args.keep else None
    if kept and covers(kept, group) and all(len(row["seeds"]) >= args.seeds for row in kept["table"]):
        found, path = kept, "kept before"
    else:
        if args.seeds:
            _train_missing(group.runs, args.seeds, args.json)
            group = next(g for g in find_groups(list_runs()) if g.digest == group.digest)
        found = compare(group, args.n, told=_told(args.json))
        path = str(keep(found, shipped=args.keep == "shipped")) if args.keep else ""
    if not args.json:
        print("\n".join(as_text(found)) + (f"\n{path}" if path else ""))
    return {k: v for k, v in found.items() if k != "pictures"} | {"path": path}


def _train_missing(runs: tuple[Run, ...], seeds: int, is_quiet: bool) -> None:
    """Train, or go on with, each loss under each seed that is not there; a run found by its plan is not trained again.

    What somebody else began in the app and did not finish is left to them.
    """
    from genlab.measures.looks import open_look

    first = {run.plan.settings["loss"]: run.plan for run in reversed(runs)}
    there = {resolve_plan(run.plan).model_dump_json(): run for run in list_runs() if run.plan.model == runs[0].plan.model and not run.config.parent
             and (run.status.state == "finished" or run.belongs_to(""))}
    for loss, plan in first.items():
        for seed in range(seeds):
            if any(run.plan.settings["loss"] == loss and run.plan.seed == seed for run in runs):
                continue
            wanted = resolve_plan(plan.model_copy(update={"seed": seed}))
            run = there.get(wanted.model_dump_json()) or create_run(wanted, title=f"{plan.model.upper()} on {plan.data.name}, {loss}, seed {seed}")
            if run.status.state != "finished":
                begin(run)
                if not is_quiet:
                    print(f"training {run.id} ({loss}, seed {seed})", file=sys.stderr, flush=True)
                execute(run, open_look=open_look)


def as_text(found: dict) -> list[str]:
    """The table for people."""
    lines = [found["title"], f"{'':<16}{'seeds':>6}{'best epoch':>14}" + "".join(f"{name:>26}" for name in ("KID", "coverage", "precision", "recall"))
             + f"{'KID at the end':>16}"]
    for row in found["table"]:
        epochs = ", ".join(f"{epoch:.0f}" for epoch in row["epochs"])
        cells = "".join(f"{_cell(row.get(name)):>26}" for name in ("kid", "coverage", "precision", "recall"))
        lines.append(f"{row['loss']:<16}{len(row['seeds']):>6}{epochs:>14}{cells}{row['last_kid']:>16.3f}")
    return lines


def _cell(estimate: dict | None) -> str:
    return f"{estimate['value']:.3f} [{estimate['low']:.3f}, {estimate['high']:.3f}]" if estimate else ""


def _told(is_quiet: bool):   # noqa: ANN202
    def told(share: float, what: str) -> None:
        if not is_quiet and sys.stderr.isatty():
            print(f"\r{100 * share:3.0f} %  {what:<40}", end="" if share < 1 else "\n", file=sys.stderr, flush=True)

    return told
