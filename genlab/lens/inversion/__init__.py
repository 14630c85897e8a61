"""Images found in the space of a model that cannot encode: guessed by an encoder trained after the fact, then searched for."""

from genlab.lens.inversion.encoder import InverseEncoder, encoder_of, fit_encoder, is_fitted, train_encoder
from genlab.lens.inversion.search import Inversion, find, refine

__all__ = ["InverseEncoder", "Inversion", "encoder_of", "find", "fit_encoder", "is_fitted", "refine", "train_encoder"]
