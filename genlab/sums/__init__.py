"""Sums of concepts: the words, the examples, the scores."""
