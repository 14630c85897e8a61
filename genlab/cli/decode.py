"""Commands that decode: decode, traverse, interpolate."""

import argparse
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from genlab.cli.options import add_command
from genlab.errors import ConfigError, DataError
from genlab.files import write_atomic
from genlab.films import FPS, SUFFIXES, check_target, there_and_back, write_film
from genlab.latent.paths import CLOSED, KINDS, traverse
from genlab.lens.axes import is_dim, named_axis
from genlab.lens.codes import CODES
from genlab.lens.images import IMAGES
from genlab.lens.models import MODELS, NEWEST, ServedModel
from genlab.lens.waypoints import MOST_FRAMES, Waypoint, code, decoded, draw, image, path
from genlab.measures.smoothness import smoothness
from genlab.models import find_model
from genlab.runs import Run, find_run
from genlab.runs.pictures import png, tile

COLUMNS = 8   # of a sheet of pictures
MOST_DRAWS = 1024


def add(commands: argparse._SubParsersAction) -> None:
    """decode, traverse, interpolate."""
    command = _command(commands, "decode", decode, "Write what a run makes of latents as one picture.", ".png")
    given = command.add_mutually_exclusive_group(required=True)
    given.add_argument("--z", type=Path, metavar="FILE", help="latents as .npy, of shape (D,) or (n, D)")
    given.add_argument("--seed", type=int, help="a draw from the prior; the same seed is the same draw on every page")
    command.add_argument("--n", type=int, default=1, help="with --seed: so many draws, of this seed and the next ones (default: 1)")

    command = _command(commands, "traverse", traverse_axis, "Move one latent along one axis.", ", ".join(SUFFIXES))
    given = command.add_mutually_exclusive_group(required=True)
    given.add_argument("--seed", type=int, help="start from a draw from the prior")
    given.add_argument("--image", type=int, metavar="NUMBER", help="start from the code of an image, held-out ones first")
    given.add_argument("--z", type=Path, metavar="FILE", help="start from a latent as .npy, of shape (D,)")
    command.add_argument("--axis", required=True, help="a dimension (0, 1, ...), a principal component (pc1, pc2, ...) or an attribute's name")
    reach = "in standard deviations of the run's codes (default: {}3, or as far as uniform noise reaches)"
    command.add_argument("--from", dest="low", type=float, help=reach.format("-"))
    command.add_argument("--to", dest="high", type=float, help=reach.format(""))
    command.add_argument("--steps", type=int, default=11, help="pictures from one end to the other (default: 11)")
    _add_film(command, fps=10.0)

    command = _command(commands, "interpolate", interpolate, "Write the way from image to image, or from draw to draw.", ", ".join(SUFFIXES))
    given = command.add_mutually_exclusive_group(required=True)
    given.add_argument("--images", metavar="3,17", help="images of the run to pass through, held-out ones first")
    given.add_argument("--seeds", metavar="1,2", help="draws from the prior to pass through")
    given.add_argument("--z", type=Path, metavar="FILE", help="latents to pass through as .npy, of shape (n, D)")
    command.add_argument("--kind", default="slerp", choices=list(KINDS), help="slerp by arcs, lerp straight, loop by arcs and back to the first, "
                         "circle spanned by two, walk at random from the first (default: slerp)")
    command.add_argument("--frames", type=int, default=120, help=f"2 to {MOST_FRAMES} (default: 120)")
    command.add_argument("--walk-seed", type=int, default=0, help="seed of a walk (default: 0)")
    _add_film(command, fps=FPS)


def _command(commands: argparse._SubParsersAction, name: str, run: object, about: str, kinds: str) -> argparse.ArgumentParser:
    command = add_command(commands, name, run, about)
    command.add_argument("run_id", metavar="RUN")
    command.add_argument("--step", type=int, help="an older snapshot (default: the newest weights)")
    command.add_argument("--out", type=Path, required=True, metavar="FILE", help=f"the file to write: {kinds}")
    return command


def _add_film(command: argparse.ArgumentParser, *, fps: float) -> None:
    command.add_argument("--fps", type=float, default=fps, help=f"frames a second of a film; a GIF shows 50 at most, a WebP 90 (default: {fps:g})")
    command.add_argument("--back", action="store_true", help="play it backwards after that, so that it repeats without a jump")


def decode(args: argparse.Namespace) -> dict:
    check_target(args.out, (".png",))
    run, model = _opened(args)
    if args.seed is None:
        z = np.atleast_2d(read_z(args.z))
    elif 1 <= args.n <= MOST_DRAWS:
        z = np.stack([code(model, draw(args.seed + i)) for i in range(args.n)])
    else:
        raise ConfigError(f"--n {args.n}: 1 to {MOST_DRAWS} draws can be written at once")
    frames = decoded(model, model.check(z))
    data = png(tile(frames.transpose(0, 3, 1, 2), min(COLUMNS, len(frames))))
    write_atomic(args.out, data)
    return _said(args, run, model, len(frames), len(data))


def traverse_axis(args: argparse.Namespace) -> dict:
    check_target(args.out)
    if not 2 <= args.steps <= MOST_FRAMES or not all(end is None or math.isfinite(end) for end in (args.low, args.high)):
        raise ConfigError(f"--from {args.low} --to {args.high} --steps {args.steps}: two finite numbers and 2 to {MOST_FRAMES} steps are needed")
    run, model = _opened(args)
    start = code(model, _start(args, run))
    has_codes = model.can_encode or not find_model(run.plan.model).can_encode   # an older snapshot may be a decoder alone
    codes = CODES.get(run.id, _step(args)) if has_codes and not (is_dim(args.axis) and not model.can_encode) else None
    axis = named_axis(codes, model.latent_dim, args.axis, model.law)
    low, high = (given if given is not None else end for given, end in zip((args.low, args.high), model.law.room(start, axis), strict=True))
    frames = decoded(model, traverse(start, axis, np.linspace(low, high, args.steps)).astype(np.float32))
    few = _say_few(args, run) if args.image is not None or codes and not codes.is_drawn else ""
    return {**_filmed(args, run, model, frames), "axis": args.axis, "from": low, "to": high, "few": few}


def interpolate(args: argparse.Namespace) -> dict:
    check_target(args.out)
    run, model = _opened(args)
    z = path(model, _waypoints(args, run), args.kind, args.frames, seed=args.walk_seed)
    frames = decoded(model, z)
    found = smoothness(frames, run.plan.data.name, closed=args.kind in CLOSED)
    return {**_filmed(args, run, model, frames), "kind": args.kind, "few": _say_few(args, run) if args.images is not None else "",
            "steps": {"mean": found.mean, "largest": found.largest, "unevenness": found.unevenness, "unit": found.unit}}


def read_z(file: Path) -> np.ndarray:
    """Numbers of an .npy file; DataError where it is missing or holds something else. Runs no code that a file may hold."""
    try:
        with file.open("rb") as opened:
            z = np.load(opened, allow_pickle=False)
    except FileNotFoundError:
        raise DataError(f"--z {file}: there is no such file") from None
    except (OSError, ValueError, EOFError) as error:
        raise DataError(f"--z {file}: is not an .npy file of numbers ({str(error).splitlines()[0]})") from None
    if not isinstance(z, np.ndarray) or z.dtype.kind not in "fiu" or z.ndim not in (1, 2) or not z.size:
        held = f"{z.dtype} of shape {z.shape}" if isinstance(z, np.ndarray) else "several arrays"
        raise DataError(f"--z {file}: holds {held}; numbers of shape (D,) or (n, D) are needed")
    return z


def _opened(args: argparse.Namespace) -> tuple[Run, ServedModel]:
    return find_run(args.run_id), MODELS.get(args.run_id, _step(args), exact=True)


def _step(args: argparse.Namespace) -> int:
    if args.step is not None and args.step < 0:
        raise ConfigError(f"--step {args.step}: a step is 0 or more; leave it out for the newest weights")
    return NEWEST if args.step is None else args.step


def _start(args: argparse.Namespace, run: Run) -> Waypoint:
    if args.image is not None:
        return image(run.plan.data, args.image)
    if args.seed is not None:
        return draw(args.seed)
    z = read_z(args.z)
    if z.ndim == 2 and len(z) > 1:
        raise DataError(f"--z {args.z}: holds {len(z)} latents; one is needed to start from")
    return Waypoint("z", z=z.reshape(-1))


def _waypoints(args: argparse.Namespace, run: Run) -> Sequence[Waypoint]:
    if args.images is not None:
        return [image(run.plan.data, number) for number in _numbers(args.images, "--images")]
    if args.seeds is not None:
        return [draw(seed) for seed in _numbers(args.seeds, "--seeds")]
    return [Waypoint("z", z=z) for z in np.atleast_2d(read_z(args.z))]


def _say_few(args: argparse.Namespace, run: Run) -> str:
    """That training images are among those known by number, where so few are held out."""
    said = IMAGES.open(run.plan.data).few_words
    if said and not args.json:
        print(said)
    return said


def _numbers(text: str, option: str) -> list[int]:
    try:
        return [int(part) for part in text.split(",")]
    except ValueError:
        raise ConfigError(f"{option} {text!r}: write whole numbers with commas between, like 3,17") from None


def _filmed(args: argparse.Namespace, run: Run, model: ServedModel, frames: np.ndarray) -> dict:
    if args.out.suffix.lower() == ".png":
        size = write_film(args.out, [frames])
    else:
        size = write_film(args.out, [there_and_back(frames) if args.back else frames], fps=args.fps)
    return _said(args, run, model, len(frames), size)


def _said(args: argparse.Namespace, run: Run, model: ServedModel, frames: int, size: int) -> dict:
    if not args.json:
        print(f"{run.id}, step {model.step}: {frames} pictures written to {args.out}, {size / 1e3:.0f} kB")
    return {"run": run.id, "step": model.step, "file": str(args.out), "frames": frames, "bytes": size}
