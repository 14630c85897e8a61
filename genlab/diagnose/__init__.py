"""How a training goes, in words: what is healthy, what is not, and what helps."""
