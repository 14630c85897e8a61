"""What a person can put right. Everything else is a bug and surfaces as one."""


class LabError(Exception):
    """Something a person can put right: says where, the wrong value, and what is allowed.

    Pages show the text, the command line prints it and exits with code 2; neither shows a traceback.
    """


class DataError(LabError):
    """Images, attributes or a dataset that cannot be used as they are."""


class ConfigError(LabError):
    """A setting with an unknown name or a value out of range."""


class RunError(LabError):
    """A run folder that is missing, damaged, busy or not what was asked for."""


class Diverged(LabError):
    """Training met a loss or a weight that is not finite, and went back to its last good state."""
