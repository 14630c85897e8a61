"""The autoencoder and the VAE in short, each cell with the figure that shows it."""

import streamlit as st

from genlab.studies.plan import Member
from genlab.studies.tables import figure

Groups = dict[tuple[str, int], list[tuple[Member, dict]]]


def show_theory(found: Groups, n: int) -> None:
    """What differs between the two, in formulas and in measured numbers."""
    def told(model: str, name: str, form: str, sampler: str = "") -> str:
        members = found.get((model, n))
        value = figure(members, name, sampler) if members else None
        return form.format(value.estimate.value) if value else ""

    rows = [
        ("An image becomes", "a point, $z = f(x)$",
         "a cloud, $q(z \\mid x) = N(\\mu(x), \\mathrm{diag}\\,\\sigma^2(x))$" + told("vae", "kl", "; it holds {:.1f} nats about $x$")),
        ("What is minimised", "$-\\log p(x \\mid z)$",
         "$-\\mathbb{E}_q \\log p(x \\mid z) + \\mathrm{KL}(q(z \\mid x)\\,\\Vert\\,N(0, I))$, the negative ELBO"
         + told("vae", "elbo", "; held-out ELBO {:.1f} nats")),
        ("Where codes lie", "anywhere" + told("autoencoder", "code_gap", ": {:.3g} from $N(0, I)$ (Fréchet)"),
         "near $N(0, I)$" + told("vae", "code_gap", ": {:.3g} from it (Fréchet)")),
        ("Latents in use", told("autoencoder", "active_units", "{:.0f}"),
         told("vae", "active_units", "{:.0f}: what is not worth its nats is left to the prior")),
        ("A sample", "a guess: $z \\sim N(0, I)$ falls between codes" + told("autoencoder", "kid", "; KID {:.3g}"),
         "what the decoder was trained for" + told("vae", "kid", "; KID {:.3g}")),
        ("With a density fitted to its codes", told("autoencoder", "kid", "KID {:.3g}", "mixture"), told("vae", "kid", "KID {:.3g}", "mixture")),
        ("A reconstruction", "as sharp as the code allows" + told("autoencoder", "mse", "; squared error {:.4f}"),
         "the mean of all that $z$ could have been: softer" + told("vae", "mse", "; squared error {:.4f}")
         + told("vae", "mse_draw", ", {:.4f} at a draw")),
        ("Between two images", "nothing asks for sense there" + told("autoencoder", "unevenness", "; largest step {:.2f} times the mean"),
         "clouds overlap, so something must lie there" + told("vae", "unevenness", "; largest step {:.2f} times the mean")),
    ]
    st.subheader("The difference in short", anchor=False)
    with st.container(key="wide-theory"):
        st.markdown("| | Autoencoder | VAE |\n|---|---|---|\n" + "\n".join(f"| **{name}** | {ae} | {vae} |" for name, ae, vae in rows))
