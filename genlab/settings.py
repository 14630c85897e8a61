"""Settings checked once, wherever they come from: a form, the command line, a file from somebody else."""

from pydantic import BaseModel, ValidationError

from genlab.errors import ConfigError


def build_config(Config: type[BaseModel], values: dict) -> BaseModel:
    """The checked config; a ConfigError names each field that is unknown or out of range, its value and what is allowed."""
    try:
        return Config(**values)
    except ValidationError as error:
        raise ConfigError("; ".join(_sentence(Config, e) for e in error.errors())) from None


def _sentence(Config: type[BaseModel], error: dict) -> str:
    field = ".".join(str(part) for part in error["loc"])
    if not field:   # a rule about several fields says itself which
        return f"{Config.__name__}: {error['msg'].removeprefix('Value error, ')}"
    if error["type"] == "extra_forbidden":
        return f"{Config.__name__} has no field {field!r}; it has {', '.join(Config.model_fields)}"
    return f"{Config.__name__}.{field} = {error['input']!r}: {error['msg'][0].lower()}{error['msg'][1:]}"
