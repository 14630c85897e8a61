"""Somebody's words on a page."""

from collections import Counter


def plain(text: str) -> str:
    """The text with nothing in it that Markdown would read."""
    return "".join(f"\\{c}" if c in "\\`*_{}[]()#+-.!|~$:<>" else c for c in text)


def distinct(titles: dict[str, str]) -> dict[str, str]:
    """The titles by their ids, those that occur twice with their id: Streamlit tells options apart by what it shows alone."""
    counts = Counter(titles.values())
    return {name: title if counts[title] == 1 else f"{title} ({name})" for name, title in titles.items()}
