"""checkpoints: train and ship what checkpoints/recipes.toml asks for."""

import argparse
import shlex
import tomllib

from genlab.cli.options import add_command
from genlab.errors import RunError
from genlab.paths import checkpoints_dir
from genlab.runs.ship import Recipe, read_recipes, run_of, ship


def add(commands: argparse._SubParsersAction) -> None:
    """checkpoints."""
    command = add_command(commands, "checkpoints", checkpoints,
                          "Train and ship the runs and studies of checkpoints/recipes.toml that are not there yet.")
    command.add_argument("--only", nargs="+", metavar="ID", help="these recipes alone, again even if they are there")
    command.add_argument("--list", action="store_true", help="say what there is and what is missing, and train nothing")


def checkpoints(args: argparse.Namespace) -> dict:
    recipes, studies = read_recipes(), read_studies()
    if unknown := set(args.only or ()) - {r.id for r in recipes} - set(studies):
        raise RunError(f"--only {unknown.pop()}: there is no such recipe; there are {', '.join([*(r.id for r in recipes), *studies])}")
    made = []
    for recipe in recipes:
        is_there = (checkpoints_dir() / recipe.id / "config.json").exists()
        if not args.json:
            print(f"{recipe.id:<28} {'shipped' if is_there else 'missing':<8} {recipe.command}", flush=True)
        if not args.list and (recipe.id in args.only if args.only else not is_there):
            made.append(_make(recipe))
    for name, words in studies.items():
        is_there = (checkpoints_dir() / "studies" / name / "study.json").exists()
        if not args.json:
            print(f"{name:<28} {'shipped' if is_there else 'missing':<8} {shlex.join(['python', '-m', 'genlab', *words])}", flush=True)
        if not args.list and (name in args.only if args.only else not is_there):
            made.append(_make_study(name, words))
    return {"recipes": [*(r.id for r in recipes), *studies], "made": made}


def read_studies() -> dict[str, list[str]]:
    """The studies of checkpoints/recipes.toml: name and words after `python -m genlab`."""
    asked = tomllib.loads((checkpoints_dir() / "recipes.toml").read_text()).get("study", [])
    return {study["name"]: shlex.split(study["command"]) for study in asked}


def _make_study(name: str, words: list[str]) -> str:
    """Carry a study out, or go on where an earlier try ended, and ship it."""
    from genlab.cli import main

    if code := main([*words, "--quiet", "--ship", name]):
        raise RunError(f"{name}: the study ended with exit code {code}; run the same command again to go on")
    return name


def _make(recipe: Recipe) -> str:
    """Train the recipe by its own command, or go on where an earlier try ended, and ship it."""
    from genlab.cli import main

    run = run_of(recipe)
    if run is None or run.status.state != "finished":
        code = main(["resume", run.id] if run else list(recipe.words))
        run = run_of(recipe)
        if code or run is None:
            raise RunError(f"{recipe.id}: its training ended with exit code {code}; run the same command again to go on")
    return ship(run, recipe).id
