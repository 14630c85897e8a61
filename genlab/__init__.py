"""GenLab: a lab for understanding generative models. See ARCHITECTURE.md for the map."""

__version__ = "0.1.0"
