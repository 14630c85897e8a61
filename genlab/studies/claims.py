"""What is claimed of autoencoders, VAEs and the size of the data, and what the figures of a study say of it."""

from dataclasses import dataclass

import numpy as np

from genlab.studies.folder import Study
from genlab.studies.plan import ENDLESS
from genlab.studies.tables import figure, groups

HELD, CARE, NOT = "held", "held only with care", "did not hold"
FIVE_TIMES = 5.0   # as far from real images: what it takes to say that one kind of samples beats another


@dataclass(frozen=True)
class Claim:
    """Something that is said of these models, whether the figures bear it out, and the figures."""

    text: str
    verdict: str
    figures: str


def claims(study: Study) -> list[Claim]:
    """What is claimed of the question, each with its verdict by the figures of this study."""
    return objectives(study) if study.plan.kind == "ae-vs-vae" else sizes(study)


def objectives(study: Study) -> list[Claim]:
    """Of an autoencoder and a VAE of the same network."""
    found = []
    for n in study.plan.sizes:
        both = groups(study)
        if ("vae", n) not in both or ("autoencoder", n) not in both:
            continue
        vae, ae = both["vae", n], both["autoencoder", n]
        where = f" ({n} images)" if len(study.plan.sizes) > 1 else ""
        found += [c for c in (_generates(vae, ae, where), _rebuilds(vae, ae, where), _mixture(vae, ae, where), _linear(vae, where),
                              _even(vae, ae, where), _improves(study, vae, where)) if c]
    return found


def sizes(study: Study) -> list[Claim]:
    """Of one model on more and more images."""
    by_size = {n: members for (_, n), members in groups(study).items()}
    order = sorted(by_size, key=lambda n: n or np.inf)
    if len(order) < 2:
        return []
    rows = [("More data gives more diverse samples: they vary more", "diversity", 1), ("More data covers more of the held-out images", "coverage", 1),
            ("More data gives samples nearer to real images (KID)", "kid", -1), ("More data rebuilds unseen images better", "mse", -1),
            ("Fewer data are memorised: samples lie nearer to training images than held-out ones do", "memorisation", -1),
            ("More data makes paths between two images more even", "unevenness", -1)]
    return [c for c in (_trend(by_size, order, *row) for row in rows) if c]


def _generates(vae: list, ae: list, where: str) -> Claim | None:
    a, b = figure(vae, "kid"), figure(ae, "kid")
    if not (a and b):
        return None
    ratio = b.estimate.value / a.estimate.value if a.estimate.value > 0 else np.inf
    apart = a.estimate.high < b.estimate.low
    verdict = (HELD if apart and ratio >= FIVE_TIMES else CARE) if ratio > 1 else NOT
    return Claim(f"Samples of N(0, I) from a VAE are nearer to real images than from an autoencoder{where}", verdict,
                 f"KID {a.text} for the VAE, {b.text} for the autoencoder: {ratio:.3g} times as far, "
                 f"intervals {'apart' if apart else 'overlapping'}.")


def _rebuilds(vae: list, ae: list, where: str) -> Claim | None:
    a, b = figure(vae, "mse"), figure(ae, "mse")
    if not (a and b):
        return None
    worse = [seed for seed in a.by_seed if b.by_seed.get(seed, np.inf) > a.by_seed[seed]]
    verdict = HELD if not worse else CARE if b.estimate.value <= a.estimate.value else NOT
    return Claim(f"The autoencoder rebuilds unseen images at least as well{where}", verdict,
                 f"Squared error {b.text} for the autoencoder, {a.text} for the VAE at its mean code; "
                 f"the autoencoder is better for {len(a.by_seed) - len(worse)} of {len(a.by_seed)} seeds.")


def _mixture(vae: list, ae: list, where: str) -> Claim | None:
    a, b, c = figure(vae, "kid"), figure(ae, "kid", "mixture"), figure(vae, "kid", "mixture")
    if not (a and b):
        return None
    verdict = HELD if a.estimate.high < b.estimate.low else NOT if b.estimate.high < a.estimate.low else CARE
    return Claim(f"A VAE generates better even than an autoencoder sampled from a mixture fitted to its codes{where}", verdict,
                 f"KID {a.text} for the VAE's prior, {b.text} for the autoencoder's mixture"
                 + (f", {c.text} for a mixture of the VAE's own codes." if c else "."))


def _linear(vae: list, where: str) -> Claim | None:
    a, b = figure(vae, "kid"), figure(vae, "kid", "pca")
    if not (a and b):
        return None
    verdict = HELD if a.estimate.high < b.estimate.low else NOT if b.estimate.high < a.estimate.low else CARE
    return Claim(f"A VAE generates better than a Gaussian of as many principal components{where}", verdict,
                 f"KID {a.text} for the VAE, {b.text} for them.")


def _even(vae: list, ae: list, where: str) -> Claim | None:
    a, b = figure(vae, "unevenness"), figure(ae, "unevenness")
    if not (a and b):
        return None
    verdict = HELD if a.estimate.high < b.estimate.low else NOT if a.estimate.value >= b.estimate.value else CARE
    return Claim(f"Paths between two images are more even in a VAE{where}", verdict,
                 f"The largest step of a path is {a.text} times its mean one in the VAE, {b.text} times in the autoencoder.")


def _improves(study: Study, vae: list, where: str) -> Claim | None:
    epochs = [int(e) for e in vae[0][1]["epochs"]]
    steps = [figure(vae, "kid", epoch=e) for e in epochs]
    if len(steps) < 2 or not all(steps):
        return None
    values = [f.estimate.value for f in steps]
    verdict = HELD if values == sorted(values, reverse=True) else CARE if values[-1] < values[0] else NOT
    told = ", ".join(f"{f.text} at epoch {e}" for e, f in zip(epochs, steps, strict=True))
    return Claim(f"A VAE's samples get better as it trains{where}", verdict, f"KID {told}.")


def _trend(by_size: dict, order: list[int], text: str, name: str, sign: int) -> Claim | None:
    found = {n: f for n in order if (f := figure(by_size[n], name))}
    if len(found) < 2:
        return None
    values = np.array([f.estimate.value for f in found.values()]) * sign
    first, last = list(found.values())[0].estimate, list(found.values())[-1].estimate
    apart = first.high < last.low if sign > 0 else last.high < first.low
    verdict = HELD if (np.diff(values) >= 0).all() and apart else CARE if values[-1] > values[0] else NOT
    return Claim(text, verdict, "; ".join(f"{f.text} with {'endless' if n == ENDLESS else n}" for n, f in found.items()) + ".")
