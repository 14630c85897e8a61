"""Measures of what a run samples, against images that it was not trained on."""

from dataclasses import replace

from genlab.errors import LabError
from genlab.judge.features import in_colour
from genlab.judge.judge import load_judge
from genlab.latent.intervals import Estimate
from genlab.measures.combinations import combinations, marginals
from genlab.measures.frechet import fid
from genlab.measures.kernels import kid
from genlab.measures.manifold import K_DENSITY, K_PRECISION, diversity, overlap
from genlab.measures.material import SAMPLERS, Material
from genlab.measures.measured import Better, Measured
from genlab.measures.memory import copies, memorisation
from genlab.measures.spectrum import HIGH, sharpness


def measured(m: Material, name: str, found: Estimate, how: str, sentence: str, better: Better, n: int | None = None) -> Measured:
    """A measure of the samples; a single picture repeated is said to be one."""
    said = f"{sentence} Sampled from {SAMPLERS[m.sampler]}." + (" All samples are one and the same picture." if m.is_one_picture else "")
    protocol = f"{name} 1: {how}; {m.n} samples; {m.reference()}"
    return Measured.of(name, found, n=n or m.n, seed=m.seed, protocol=protocol, sentence=said, better=better)


def kernel(m: Material) -> list[Measured]:
    """KID."""
    found = kid(m.fake_features, m.real_features)
    alike = "no difference to held-out images can be told" if found.low <= 0 else "0 would be no difference to held-out images"
    return [measured(m, "kid", found, m.space.id, f"KID {found.value:.3g} in {m.space.about}: {alike}.", "lower")]


def frechet(m: Material) -> list[Measured]:
    """FID."""
    found = fid(m.fake_features, m.real_features, m.seed)
    return [measured(m, "fid", found, m.space.id, f"FID {found.value:.3g} in {m.space.about}: how far the clouds' centres and shapes are apart; "
                     "it grows as images get fewer.", "lower")]


def manifold(m: Material) -> list[Measured]:
    """Precision, recall, density, coverage, of as many samples as held-out images."""
    n = min(len(m.fake_features), len(m.real_features))
    found = overlap(m.fake_features[:n], m.real_features[:n])
    rows = [
        ("precision", found.precision, f"k={K_PRECISION}", f"{percent(found.precision)} of the samples look like some held-out image."),
        ("recall", found.recall, f"k={K_PRECISION}", f"{percent(found.recall)} of the held-out images look like some sample."),
        ("density", found.density, f"k={K_DENSITY}",
         f"A sample has {found.density.value:.2g} times the held-out neighbours that a held-out image has."),
        ("coverage", found.coverage, f"k={K_DENSITY}", f"{percent(found.coverage)} of the held-out images have a sample close by."),
    ]
    return [measured(m, name, e, f"{m.space.id}; {how}; {n} of both", sentence, "higher", n) for name, e, how, sentence in rows]


def spread(m: Material) -> list[Measured]:
    """Diversity."""
    found = diversity(m.fake_features, m.real_features, m.seed)
    return [measured(m, "diversity", found, m.space.id, f"The samples' features vary {percent(found)} as much as held-out images' do; 0 if all were "
                     "the same.", "higher")]


def fineness(m: Material) -> list[Measured]:
    """Sharpness."""
    found = sharpness(m.samples, m.held_out.x, m.seed)
    sentence = f"Samples have {percent(found)} of the fine detail of held-out images: less is blur, more is noise."
    return [measured(m, "sharpness", found, f"power at {HIGH:g} cycles a pixel and above", sentence, "")]


def attributes(m: Material) -> list[Measured]:
    """Combinations and marginals, as the judge reads them."""
    if m.spec.name != "faces":
        raise LabError(f"{m.run.id}: the judge reads drawn faces and not {m.spec.name}; this measure needs a run on faces")
    judge = load_judge()
    fake, real = (judge.read(in_colour(x)).attributes for x in (m.samples, m.held_out.x))
    seen, off, truth = combinations(fake, judge.info), marginals(fake, real, judge.info, m.seed), combinations(real, judge.info)
    seen = Estimate(seen.value, seen.low, seen.high, {**seen.parts, "seen_in_held_out": truth.parts["seen"], "held_out": len(real)})
    worst = max(off.parts, key=off.parts.get)
    return [
        measured(m, "combinations", seen, m.space.id, f"{seen.parts['seen']:.0f} of {seen.parts['of']:.0f} combinations of glasses, hat and the like "
                 f"occur; among {len(real)} held-out images {truth.parts['seen']:.0f} do.", "higher"),
        measured(m, "marginals", off, m.space.id, f"Shares of attributes are off by {percent(off)} on average, most of all of {worst} "
                 f"({100 * off.parts[worst]:.0f} %).", "lower")]


def memory(m: Material) -> list[Measured]:
    """Memorisation."""
    train = m.train_features
    found = memorisation(m.fake_features, m.real_features, train)
    return [measured(m, "memorisation", found, m.space.id, f"A sample is nearer to the {len(train)} training images than a held-out image is in "
                     f"{percent(found)} of pairs; 50 % if samples are as new, near 100 % if they are copies.", "")]


def copied(m: Material) -> list[Measured]:
    """Copies."""
    train = m.train_features
    found, fair = copies(m.fake_features, train), copies(m.real_features, train)
    found = replace(found, parts={"of_held_out": fair.value})
    return [measured(m, "copies", found, m.space.id, f"{percent(found)} of the samples are nearer to one of the {len(train)} training images "
                     f"than any other of those is; of held-out images, which copy nothing, {percent(fair)} are.", "lower")]


def percent(found: Estimate) -> str:
    return f"{100 * found.value:.3g} %"
