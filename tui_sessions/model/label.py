"""The label a session gets from its first message."""

from __future__ import annotations

from unicodedata import category

MAX_LABEL = 50
_RULES = frozenset("`~-=_*#>|+")
"""What code fences and rules are drawn with; a line of nothing else says nothing."""
_JOINER = "\u200d"
_SKIN_TONES = frozenset("\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff")


def label_from(text: str) -> str:
    r"""The first line that says something; at most 50 characters, cut between words.

    ```python
    label_from("Hello world\nmore") == "Hello world"
    ```
    """
    lines = [line for line in text.splitlines() if line.strip()]
    line = next(filter(_shows, lines), lines[0] if lines else "")
    line = " ".join(line.split())
    if len(line) <= MAX_LABEL:
        return line
    cut = line[: MAX_LABEL + 1].rfind(" ")
    return line[: cut if cut > 0 else _between_characters(line)].rstrip()


def _shows(line: str) -> bool:
    """Whether there is more in it than blanks, rules and what has no shape of its own."""
    return any(char.isprintable() and not char.isspace() and char not in _RULES for char in line)


def _between_characters(line: str) -> int:
    """The last place up to the longest label where no accent, skin tone or family is torn off."""
    for place in range(MAX_LABEL, 0, -1):
        if line[place - 1] != _JOINER and not _belongs_to_the_one_before(line[place]):
            return place
    return MAX_LABEL


def _belongs_to_the_one_before(char: str) -> bool:
    return category(char) in ("Mn", "Me", "Mc") or char == _JOINER or char in _SKIN_TONES
