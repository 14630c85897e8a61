"""The game in the plane without a browser: game, vanishing."""

import argparse
from urllib.parse import parse_qsl

from genlab.cli.options import add_command, add_fields, given, read_settings
from genlab.errors import ConfigError
from genlab.game import GAMES, GameConfig, preset, read_moves
from genlab.game.link import from_query, to_query
from genlab.game.optimal import apart
from genlab.game.presets import FIRST
from genlab.game.trial import Trial, play_out, trials
from genlab.game.vanishing import COMPARED, ahead
from genlab.settings import build_config

FIELDS = ["shape", "loss", "k", "lr_D", "lr_G", "r1", "batch", "seed"]
MOST_SEEDS = 100


def add(commands: argparse._SubParsersAction) -> None:
    """game, vanishing."""
    command = add_command(commands, "game", game, "Play GAN games in the plane and say how they went.")
    command.add_argument("--preset", choices=list(GAMES), help=f"what the page offers for one click (default: {FIRST}, unless a loss is given)")
    command.add_argument("--link", default="", metavar="QUERY", help="a game as it stands in the page's address, what was played of it included")
    add_fields(command, GameConfig, FIELDS)
    command.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="any other setting, as optimizer=sgd; repeatable")
    command.add_argument("--updates", type=int, default=2000, help="updates of G, each after k of D (default: 2000)")
    command.add_argument("--looks", type=int, default=10, help="how often it is measured on its way (default: 10)")
    command.add_argument("--seeds", type=int, default=1, help="so many games, of this seed and the next ones (default: 1)")

    command = add_command(commands, "vanishing", vanishing, "How much gradient reaches G when D is trained ahead, and with the best D.")
    add_fields(command, GameConfig, ["shape", "seed", "lr_D"])
    command.add_argument("--sigma", type=float, default=0.5, help="width of the two Gaussians that are drawn apart (default: 0.5)")


def game(args: argparse.Namespace) -> dict:
    config, again = _config(args)
    if not 1 <= args.seeds <= MOST_SEEDS:
        raise ConfigError(f"--seeds {args.seeds}: 1 to {MOST_SEEDS} is allowed")
    if again and args.seeds > 1:
        raise ConfigError("--link holds what was played of one seed; leave --seeds out")
    played = [play_out(config, args.updates, args.looks, again)] if again else trials(config, args.seeds, args.updates, args.looks)
    rows = []
    for trial in played:
        rows.append(_row(trial))
        if not args.json:
            _print(trial, is_first=len(rows) == 1, is_alone=args.seeds == 1)
    covered = [row["modes"] == row["modes_in_all"] for row in rows if row["modes"] is not None]
    if covered and not args.json:
        print(f"every mode covered at the end by {sum(covered)} of {len(rows)} seeds")
    return {"link": to_query(config), "updates": args.updates, "games": rows, "covered": sum(covered) if covered else None}


def vanishing(args: argparse.Namespace) -> dict:
    fields = {"shape": "ring", "seed": 0, "lr_D": 2e-3} | given(args, ["shape", "seed", "lr_D"])
    moments, exact = list(ahead(fields["shape"], fields["seed"], fields["lr_D"])), apart(args.sigma)
    if not args.json:
        print("norm of the gradient of G\n" + "  ".join(["updates of D", *(f"{name:>14}" for name in COMPARED)]))
        for moment in moments:
            print("  ".join([f"{moment.n:12d}", *(f"{moment.norms[name]:14.3g}" for name in COMPARED)]))
        print(f"\nthe best D between two Gaussians of width {args.sigma:g} at distance d: JS in nats, W1, and how the fake's mean is pushed")
        print("  ".join(f"{name:>14}" for name in ("d", "JS", "W1", *exact.pushes)))
        for i in range(0, len(exact.d), 20):
            print("  ".join(f"{v:14.3g}" for v in (exact.d[i], exact.js[i], exact.w1[i], *(p[i] for p in exact.pushes.values()))))
    return {**fields, "ahead": [{"n": m.n, **m.norms, "acc_real": m.accuracy[0], "acc_fake": m.accuracy[1]} for m in moments],
            "sigma": args.sigma, "apart": [{"d": exact.d[i], "js": exact.js[i], "kl": exact.kl[i], "w1": exact.w1[i],
                                            **{name: values[i] for name, values in exact.pushes.items()}} for i in range(len(exact.d))]}


def _config(args: argparse.Namespace) -> tuple[GameConfig, list]:
    """The game that is asked for, and what was played of it."""
    values = {**given(args, FIELDS), **read_settings(args.set, GameConfig)}
    if args.link:
        query = dict(parse_qsl(args.link.rpartition("?")[2]))
        config = from_query(query)
        config = build_config(GameConfig, {**config.model_dump(), **values})
        return config, read_moves(query.get("played", ""), config)
    if args.preset or "loss" not in values:
        return preset(args.preset or FIRST, **values), []
    return build_config(GameConfig, values), []


def _row(trial: Trial) -> dict:
    return {"seed": trial.config.seed, **trial.looks[-1].row, "steady": trial.steady, "health": trial.health.words, "reason": trial.health.reason,
            "fault": trial.fault or None, "rounds_per_s": trial.rounds_per_s, "looks": [found.row for found in trial.looks]}


def _print(trial: Trial, *, is_first: bool, is_alone: bool) -> None:
    if is_first:
        print("  seed  updates of G  modes      JS      KL      W1  D right on real, fake  " + ("" if is_alone else "modes on the way"))
    way = "" if is_alone else " ".join("-" if found.modes is None else str(found.modes) for found in trial.looks)
    for found in trial.looks if is_alone else trial.looks[-1:]:
        modes, far, (real, fake) = "-" if found.modes is None else f"{found.modes}/{found.modes_in_all}", found.distances, found.look.accuracy
        distances = f"{far.js:6.3f}  {far.kl:6.2f}  {far.w1:6.3f}"
        print(f"{trial.config.seed:6d}  {found.look.steps_G:12d}  {modes:>5}  {distances}  {real:13.0%}, {fake:.0%}    {way}")
    if is_alone or trial.fault:
        print(f"{trial.health.words}: {trial.health.reason}")
