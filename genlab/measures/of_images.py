"""Measures of what a run makes of held-out images: reconstructions, likelihood, paths between two of them."""

import numpy as np
import torch

from genlab.errors import LabError
from genlab.judge.features import as_vectors
from genlab.latent.intervals import Estimate, of_mean
from genlab.latent.laws import LAWS
from genlab.latent.paths import STEPS
from genlab.measures.likelihood import KS, bound, elbo_terms, iwae_bounds, log_weights
from genlab.measures.material import Material
from genlab.measures.measured import Better, Measured
from genlab.measures.rebuild import psnr, squared_error, ssim
from genlab.measures.smoothness import smoothness

BOUND_IMAGES = 16           # of the importance-weighted bounds: 500 draws of each are decoded
PATHS, FRAMES = 32, 16      # of the smoothness
SQUARED = "squared grey level of 1"


def measured(m: Material, name: str, found: Estimate, how: str, sentence: str, unit: str, better: Better, n: int | None = None) -> Measured:
    """A measure of held-out images."""
    return Measured.of(name, found, n=n or len(m.held_out), seed=m.seed, protocol=f"{name} 1: {how}; {m.reference()}", sentence=sentence, unit=unit,
                       better=better)


@torch.inference_mode()
def rebuilt(m: Material) -> list[Measured]:
    """MSE, PSNR and SSIM of reconstructions of mean codes."""
    rows = []
    for x in m.batches(m.held_out.x):
        x_hat = m.checked(m.model.decode(m.encoder.encode(x).mean))
        rows.append(torch.stack([squared_error(x, x_hat), psnr(x, x_hat), ssim(x, x_hat)]))
    mse, db, alike = (of_mean(values) for values in torch.cat(rows, dim=1).double().numpy())
    how = "decoded means of codes, mean over images"
    return [
        measured(m, "mse", mse, how, f"A pixel of a reconstruction is off by {255 * mse.value**0.5:.1f} grey levels of 255 (root mean square).",
                 SQUARED, "lower"),
        measured(m, "psnr", db, how, f"Reconstructions have {db.value:.1f} dB, the mean of the images' own.", "dB", "higher"),
        measured(m, "ssim", alike, how, f"Reconstructions have the structure of their images to {alike.value:.3f}, 1 being all of it.", "", "higher")]


def principal(m: Material) -> list[Measured]:
    """MSE of principal components, the baseline of the run's own."""
    flat = as_vectors(m.held_out.x)
    found = of_mean(np.square(m.pca.decode(m.pca.encode(flat)).clip(0, 1) - flat).mean(1).astype(np.float64))
    sentence = (f"{len(m.pca.axes)} principal components of the training images rebuild held-out ones to {255 * found.value**0.5:.1f} grey levels "
                "of 255: the best that a linear model learns from them.")
    return [measured(m, "mse_pca", found, "decoded codes of principal components, mean over images", sentence, SQUARED, "lower")]


@torch.inference_mode()
def evidence(m: Material) -> list[Measured]:
    """The ELBO and its parts, and the MSE of a draw's reconstruction."""
    generator, likelihood = torch.Generator().manual_seed(m.seed), m.likelihood
    rows = [elbo_terms(m.model, x, generator) for x in m.batches(m.held_out.x)]
    recon, kl, elbo, mse = (of_mean(np.concatenate([row[name] for row in rows])) for name in ("recon", "kl", "elbo", "mse_draw"))
    how, unit = f"one draw of q(z|x); {likelihood}", "nats per image"
    return [
        measured(m, "recon", recon, how, f"-log p(x|z) is {recon.value:.1f} nats for a code drawn from q(z|x).", unit, "lower"),
        measured(m, "kl", kl, "closed form", f"A code tells {kl.value:.1f} nats ({kl.value / np.log(2):.0f} bits) about its image.", unit, ""),
        measured(m, "elbo", elbo, how, f"log p(x) is at least {elbo.value:.1f} nats per image, on average.", unit, "higher"),
        measured(m, "mse_draw", mse, "one draw of q(z|x), mean over images",
                 f"From a drawn code a pixel is off by {255 * mse.value**0.5:.1f} grey levels of 255.", SQUARED, "lower")]


@torch.inference_mode()
def bounds(m: Material) -> list[Measured]:
    """Importance-weighted bounds on the first few held-out images."""
    x = next(m.batches(m.held_out.x))[:BOUND_IMAGES]
    likelihood = m.likelihood
    by_k = iwae_bounds(log_weights(m.model, x, KS[-1], torch.Generator().manual_seed(m.seed)))
    rows = []
    for k in KS:
        found = bound(by_k, k)
        gain = f", {found.parts['gain']:.2f} nats above one draw's ({found.parts['gain_low']:.2f} to {found.parts['gain_high']:.2f})" if k > 1 else ""
        rows.append(measured(m, f"iwae_{k}", found, f"first {len(x)} images, {KS[-1]} draws each in groups of {k}; {likelihood}",
                             f"With {k} draw{'s' if k > 1 else ''} of q(z|x) for each of {len(x)} images log p(x) is at least "
                             f"{found.value:.1f} nats{gain}.",
                             "nats per image", "higher", len(x)))
    return rows


def evenness(m: Material) -> list[Measured]:
    """How evenly pictures change between two held-out images, or two draws where the model cannot encode."""
    if m.model.can_encode:
        if len(m.held_out) < 2:
            raise LabError(f"{m.run.id}: {len(m.held_out)} image is held out; this measure needs 2, a path leads from one to another")
        ends, kind, between = m.posterior(m.held_out.x[: 2 * PATHS])[0], "lerp", "codes of two held-out images"
    else:
        ends, kind, between = m.model.sample(2 * PATHS, torch.Generator().manual_seed(m.seed)).numpy(), "slerp", "two draws of the prior"
    paths = [STEPS[kind](a, b, FRAMES, LAWS[m.model.space().noise]) for a, b in zip(ends[::2], ends[1::2], strict=False)]
    frames = m.pictures(m.decode(torch.from_numpy(np.concatenate(paths)).float())).transpose(0, 2, 3, 1)
    found = [smoothness(f, m.spec.name) for f in np.split(frames, len(paths))]
    uneven = of_mean(np.array([s.unevenness for s in found]), mean_step=float(np.mean([s.mean for s in found])))
    how = f"{len(paths)} paths of {FRAMES} frames, {kind} between {between}, in {found[0].unit}"
    return [measured(m, "unevenness", uneven, how,
                     f"On the way between {between} the largest step is {uneven.value:.2f} times the mean one; 1 would be perfectly even.",
                     "", "lower", len(paths))]
