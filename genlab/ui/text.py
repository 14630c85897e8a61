"""Somebody's words on a page."""


def plain(text: str) -> str:
    """The text with nothing in it that Markdown would read."""
    return "".join(f"\\{c}" if c in "\\`*_{}[]()#+-.!|~$:<>" else c for c in text)
