"""The command that measures runs: evaluate."""

import argparse
import sys
import time
from dataclasses import asdict

from genlab.cli.options import add_command
from genlab.runs import Run, find_run

SAMPLERS = ("prior", "mixture", "pca")   # as genlab.measures.material has them, which takes seconds to import


def add(commands: argparse._SubParsersAction) -> None:
    """evaluate."""
    command = add_command(commands, "evaluate", evaluate, "Measure one run, or several side by side: samples, reconstructions, likelihood, codes.")
    command.add_argument("run_ids", metavar="RUN", nargs="+")
    command.add_argument("--measures", default="all", metavar="A,B,...",
                         help="names or families, as kid,fid,iwae; all takes what can be taken (default: all)")
    command.add_argument("--n", type=int, default=2000, help="samples, and held-out images where there are as many (default: 2000)")
    command.add_argument("--seed", type=int, default=0, help="of all that is drawn (default: 0)")
    command.add_argument("--sampler", default="prior", choices=SAMPLERS, help="what is decoded into samples (default: prior)")
    command.add_argument("--step", type=int, help="a kept snapshot (default: the newest)")


def evaluate(args: argparse.Namespace) -> dict:
    from genlab.measures.measured import differing, table

    runs = list(dict.fromkeys(map(find_run, args.run_ids)))
    results, columns = [], {}
    for run in runs:
        began, step = time.monotonic(), args.step if args.step is not None else next(reversed(run.snapshots()), None)   # it may train on meanwhile
        measured, left_out = _measured(run, step, args)
        columns[run.id] = measured
        results.append({"run": run.id, "title": run.title, "state": run.status.state, "step": step, "sampler": args.sampler,
                        "seconds": round(time.monotonic() - began, 2), "measures": [asdict(m) for m in measured], "left_out": left_out})
    if not args.json:
        print("\n".join([*table(columns), ""]))
        for result in results:
            _say(result)
    return {"runs": results, "differing": differing(columns)}


def _measured(run: Run, step: int | None, args: argparse.Namespace) -> tuple[list, dict[str, str]]:
    from genlab.measures.suite import measure, measure_all

    def told(share: float, what: str) -> None:
        if sys.stderr.isatty():
            print(f"\r{run.id}: {100 * share:3.0f} % {what:<14}", end="" if share < 1 else "\n", file=sys.stderr, flush=True)

    how = {"sampler": args.sampler, "step": step, "told": told}
    if args.measures == "all":
        return measure_all(run, args.n, args.seed, **how)
    return measure(run, [name.strip() for name in args.measures.split(",") if name.strip()], args.n, args.seed, **how), {}


def _say(result: dict) -> None:
    print(f"{result['run']} ({result['title']}), {result['state']}, step {result['step']}, {result['seconds']:.1f} s")
    for m in result["measures"]:
        print(f"  {m['name']:<20} {m['sentence']} (n = {m['n']}, seed {m['seed']})")
        print(f"  {'':<20} {m['protocol']}")
    for name, reason in result["left_out"].items():
        print(f"  {name:<20} left out: {reason}")
