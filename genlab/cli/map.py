"""Commands about maps of latent space: map RUN, maps."""

import argparse
import csv
import io
import math
import sys
import time
from pathlib import Path

import numpy as np

from genlab.cli.invert import read_image
from genlab.cli.options import add_command, add_fields, given
from genlab.errors import LabError
from genlab.files import write_atomic
from genlab.lens.inversion import find
from genlab.lens.models import MODELS
from genlab.maps.file import LatentMap, load_map, save_map
from genlab.maps.make import make_map
from genlab.maps.plan import MapPlan
from genlab.maps.store import find_map, fit_map, map_step, place_by_umap, place_near, read_map, shipped_path, weights_digest
from genlab.runs import Run, find_run, list_runs
from genlab.settings import build_config

FIELDS = ["method", "dims", "n", "neighbours", "min_dist", "metric", "seed", "prior"]
WORDS = {"test": "held out", "train": "trained on", "prior": "drawn from the prior"}
DRAWN = ("x", "y", "z")
SHIPPED = MapPlan()   # what the page asks for before anybody has chosen


def add(commands: argparse._SubParsersAction) -> None:
    """map, maps."""
    command = add_command(commands, "map", map_run, "Lay the codes of a run's images out in two or three dimensions.")
    command.add_argument("run_id", metavar="RUN")
    command.add_argument("--step", type=int, help="of a kept snapshot (default: the newest)")
    command.add_argument("--out", type=Path, help="CSV with a line for each point: part, number, x, y, error")
    add_fields(command, MapPlan, FIELDS)
    command.add_argument("--place", nargs="+", type=Path, default=[], metavar="IMAGE",
                         help="pictures of your own: say where they lie on the map, by UMAP's own transform where it is one of UMAP's")
    command = add_command(commands, "maps", ship_maps, "Put a map beside each shipped run that has none, so that its page opens at once.")
    command.add_argument("--only", nargs="+", metavar="ID", help="these runs alone, again even if they have one")
    command.add_argument("--list", action="store_true", help="say what there is and what is missing, and fit nothing")


def map_run(args: argparse.Namespace) -> dict:
    plan, run = build_config(MapPlan, given(args, FIELDS)), find_run(args.run_id)
    step, began = map_step(run, args.step), time.monotonic()
    own = own_images(run, step, args.place)   # before anything that takes long
    name = fit_map(run.id, step, plan.model_dump(), told=_told(args.json))
    found = read_map(run.id, name)
    if args.out:
        write_atomic(args.out, to_csv(found))
    placed = place_images(found, name, own)
    if not args.json:
        of = ", ".join(f"{count} {WORDS[part]}" for part, count in found.counts.items() if count)
        print(f"{plan.method} of {len(found)} points ({of}) of {run.id} at step {step}: trustworthiness {found.fidelity['trustworthiness']:.3f}, "
              f"neighbour agreement {found.fidelity['agreement']:.3f}" + (f", written to {args.out}" if args.out else ""))
        for path, at in placed.items():
            print(f"{path}: {', '.join(f'{v:.4g}' for v in at)}")
    return {"run": run.id, "step": step, "plan": plan.model_dump(), "counts": found.counts, "fidelity": found.fidelity, "name": name,
            "seconds": round(time.monotonic() - began, 3), "out": str(args.out) if args.out else None, "placed": placed}


def own_images(run: Run, step: int, paths: list[Path]) -> dict[str, np.ndarray]:
    """Pictures as the run's images are, uint8 (C, S, S), by their paths."""
    model = MODELS.get(run.id, step, exact=True) if paths else None
    return {str(path): read_image(path, model) for path in paths}


def place_images(found: LatentMap, name: str, images: dict[str, np.ndarray]) -> dict[str, list[float]]:
    """Where images lie on a map."""
    if not images:
        return {}
    model = MODELS.get(found.run_id, found.step, exact=True)
    z = np.stack([find(model, x).z for x in images.values()])
    xy = place_by_umap(found.run_id, name, z.tolist()) if found.plan.method == "umap" else place_near(found.run_id, name, z).tolist()
    return dict(zip(images, xy, strict=True))


def to_csv(found: LatentMap) -> str:
    """A line for each point: part, its number there, where it lies, and its error (empty for a draw from the prior)."""
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow(["part", "number", *DRAWN[: found.plan.dims], "error"])
    for (part, number), at, error in zip(found.places, found.xy, found.error, strict=True):
        lines.writerow([part, number, *(f"{v:.6g}" for v in at), "" if math.isnan(error) else f"{error:.6g}"])
    return text.getvalue()


def ship_maps(args: argparse.Namespace) -> dict:
    runs = {run.id: run for run in list_runs() if run.is_shipped}
    for run_id in args.only or ():
        if run_id not in runs:
            raise LabError(f"--only {run_id}: no such run is shipped; there are {', '.join(runs) or 'none'}")
    made = []
    for run in runs.values():
        is_there = _is_current(run)
        if not args.json:
            print(f"{run.id:<28} {'has its map' if is_there else 'has no map'}", flush=True)
        if not args.list and (run.id in args.only if args.only else not is_there):
            save_map(_made(run, args.json), shipped_path(run))
            made.append(run.id)
    return {"runs": list(runs), "made": made}


def _is_current(run: Run) -> bool:
    """Whether the map that came with a run is of the weights that came with it."""
    try:
        return load_map(shipped_path(run)).weights == weights_digest(run, map_step(run))
    except LabError:
        return False


def _made(run: Run, is_quiet: bool) -> LatentMap:
    step, plan = map_step(run), SHIPPED
    there = find_map(run, plan, step)
    return there[1] if there else make_map(run, step, plan, weights_digest(run, step), _told(is_quiet))


def _told(is_quiet: bool):   # noqa: ANN202
    def told(share: float, what: str) -> None:
        if not is_quiet and sys.stderr.isatty():
            print(f"\r{100 * share:3.0f} %  {what:<40}", end="" if share < 1 else "\n", file=sys.stderr, flush=True)

    return told
