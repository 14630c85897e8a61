"""A run opened at one step: numpy in, numpy out. Everything a page shows of a model goes through here."""
