"""Measures of a run's latent space: how it is used, how far it is from the prior, what its single latents stand for."""

from genlab.latent.intervals import Estimate
from genlab.measures.dci import DEPTH, TREES, dci
from genlab.measures.disentangle import BINS, mig, sap
from genlab.measures.frechet import distance_to_prior
from genlab.measures.likelihood import active_units, prior_gap
from genlab.measures.material import FACTOR_IMAGES, Material
from genlab.measures.measured import Better, Measured
from genlab.measures.of_images import measured

SATURATED = 0.8   # of log N: from there on the gap is a bound


def units(m: Material) -> list[Measured]:
    """Active units."""
    found = active_units(m.codes[0], m.seed)
    return [measured(m, "active_units", found, "variance of means above 0.01", f"{found.value:.0f} of {found.parts['of']:.0f} latents are in use.",
                     "latents", "")]


def gap(m: Material) -> list[Measured]:
    """The aggregated posterior's gap to the prior, in nats."""
    m.require_spread()
    mu, logvar = m.codes
    found = prior_gap(mu, logvar, m.seed)
    limit = f" at most, since {len(mu)} images cannot tell more" if found.parts["information"] > SATURATED * found.parts["log_n"] else ""
    sentence = (f"The codes as a whole are {found.value:.1f} nats from N(0, I){limit}; latent by latent they are {found.parts['single']:.2f} "
                f"nats from it. A code alone is {found.parts['kl']:.1f} nats from it.")
    return [measured(m, "prior_gap", found, "one draw of each q(z|x), against the mixture of all", sentence, "nats", "lower")]


def distance(m: Material) -> list[Measured]:
    """The Fréchet distance of codes to N(0, I), for any model that encodes."""
    found = distance_to_prior(m.drawn(*m.codes), m.seed)
    return [measured(m, "code_gap", found, "one draw of each code, the code itself where it has no spread",
                     f"The Gaussian of the codes is {found.value:.3g} from N(0, I), in squared units of latents; 0 would be no distance.",
                     "squared latent units", "lower")]


def gaps_of_information(m: Material) -> list[Measured]:
    """MIG."""
    codes, facts = m.factored
    found = mig(codes, facts.attributes, facts.info, m.seed)
    best = max(found.parts, key=found.parts.get)
    return [scored(m, "mig", found, f"{BINS} bins", f"MIG {found.value:.3f}: 1 if each factor had a latent of its own. "
                   f"Best is {best} ({found.parts[best]:.2f}).")]


def gaps_of_prediction(m: Material) -> list[Measured]:
    """SAP."""
    codes, facts = m.factored
    found = sap(codes, facts.attributes, facts.info, m.seed)
    return [scored(m, "sap", found, f"lines, thresholds at {BINS} bins, 5 disjoint parts",
                   f"SAP {found.value:.3f}: how far the latent that predicts a factor best is ahead of the next.")]


def importances(m: Material) -> list[Measured]:
    """DCI."""
    codes, facts = m.factored
    words = {"disentanglement": "a latent is used for one factor alone", "completeness": "a factor is read from one latent alone",
             "informativeness": "the factors can be read from the code at all"}
    found = dci(codes, facts.attributes, facts.info, m.seed)
    how = f"{TREES} trees of depth {DEPTH}, 5 disjoint parts"
    return [scored(m, f"dci_{name}", found[name], how, f"{name.capitalize()} {found[name].value:.3f}: 1 if {said}.") for name, said in words.items()]


def scored(m: Material, name: str, found: Estimate, how: str, sentence: str) -> Measured:
    """A score against factors, on drawn images of their own."""
    better: Better = "higher"
    s = m.spec
    protocol = f"{name} 1: {how}; mean codes; {FACTOR_IMAGES} drawn {s.name} {s.size}px x{s.channels} seed={s.seed}, factors independent"
    return Measured.of(name, found, n=FACTOR_IMAGES, seed=m.seed, protocol=protocol, sentence=sentence, better=better)
