"""Latent space as numbers: arrays in, arrays out. Knows no torch, no run and no page."""
