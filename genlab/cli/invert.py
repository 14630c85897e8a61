"""The command invert: where an image lies in a run's latent space."""

import argparse
import logging
import sys
import time
from pathlib import Path

import numpy as np
from tqdm import tqdm

from genlab.cli.options import add_command
from genlab.data.single import read_picture
from genlab.errors import DataError, LabError
from genlab.files import write_atomic
from genlab.films import check_target
from genlab.latent.arrays import npy
from genlab.lens.inversion import find, is_fitted
from genlab.lens.models import MODELS, ServedModel
from genlab.runs import find_run
from genlab.runs.pictures import png

log = logging.getLogger(__name__)
SEARCHED, ENCODED = "searched for from an encoder's guess", "encoded by the model's own encoder"


def add(commands: argparse._SubParsersAction) -> None:
    """invert."""
    command = add_command(commands, "invert", invert, "Find an image in a run's latent space, and say how far what the run makes of it is off. "
                          "A GAN's encoder is fitted first, in less than a minute, once for its weights.")
    command.add_argument("run_id", metavar="RUN")
    command.add_argument("image", type=Path, metavar="IMAGE", help="a picture; it is made square as the run's images were, and as small")
    command.add_argument("--out", type=Path, metavar="FILE", help="write what the run makes of the latent, a .png")
    command.add_argument("--z-out", type=Path, metavar="FILE", help="write the latent as .npy, which decode, traverse and interpolate take as --z")
    command.add_argument("--seed", type=int, default=0, help="of the encoder that guesses (default: 0)")


def invert(args: argparse.Namespace) -> dict:
    if args.out:
        check_target(args.out, (".png",))
    if args.z_out:
        check_target(args.z_out, (".npy",))
    if args.seed < 0:
        raise LabError(f"--seed {args.seed}: a seed is 0 or more")
    model = MODELS.get(args.run_id, exact=True)
    x, began = read_image(args.image, model), time.monotonic()
    was_fitted = model.can_encode or is_fitted(model, args.seed)
    with tqdm(total=100, unit="%", disable=args.json or was_fitted or not sys.stderr.isatty(), leave=False) as bar:
        found = find(model, x, args.seed, lambda share, what: (setattr(bar, "n", round(100 * share)), bar.set_description(what)))
    seconds = time.monotonic() - began
    if args.out:
        write_atomic(args.out, png(np.squeeze(found.x_hat.transpose(1, 2, 0))))
    if args.z_out:
        write_atomic(args.z_out, npy(found.z))
    how = ENCODED if model.can_encode else SEARCHED
    if not args.json:
        print(f"{args.image} in {args.run_id}, {how}: mean squared error {found.mse:.5f} ({found.psnr:.1f} dB), {found.path[0]:.5f} at the guess"
              + (f"; written to {args.out}" if args.out else ""))
    return {"run": args.run_id, "step": model.step, "how": how, "z": found.z.tolist(), "mse": found.mse,
            "psnr": found.psnr if found.mse else None, "path": found.path.tolist(), "seconds": round(seconds, 3), "encoder_was_fitted": was_fitted,
            "out": str(args.out) if args.out else None}


def read_image(path: Path, model: ServedModel) -> np.ndarray:
    """A picture file as a run's images are.  -> uint8 (C, S, S); DataError, with its name, where it is missing or no picture"""
    if not path.is_file():
        raise DataError(f"{path}: there is no such file")
    try:
        x, told = read_picture(path, find_run(model.run_id).plan.data)
    except DataError as error:
        raise DataError(f"{path} {error}") from None
    if told:
        log.warning("%s: %s", path, told)
    return x
