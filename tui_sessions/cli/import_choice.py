"""What there is to import on this machine, and which of it a person wants."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from tui_sessions.cli.output import local_time, note, say_table

if TYPE_CHECKING:
    from tui_sessions.transfer.sources import Source

_HEAD = ("", "TOOL", "SOURCE", "SESSIONS", "NEWEST", "PLACE")
_ALL = ("a", "all", "y", "yes")
_NONE = ("n", "no", "none", "q", "quit")
_NUMBERS = re.compile(r"(\d{1,3})(?:-(\d{1,3}))?")


def say_sources(sources: Sequence[Source]) -> None:
    """Write what was found as a table."""
    rows = [
        (
            str(number),
            source.title,
            source.name,
            "?" if source.sessions is None else f"{source.sessions:,}",
            local_time(source.newest),
            _places(source),
        )
        for number, source in enumerate(sources, 1)
    ]
    say_table(_HEAD, rows, grows=len(_HEAD) - 1)


def source_value(source: Source) -> dict[str, Any]:
    """A source for a program."""
    return {
        "source": source.name,
        "title": source.title,
        "places": [str(place) for place in source.places],
        "sessions": source.sessions,
        "newest": source.newest,
    }


def chosen_sources(sources: Sequence[Source]) -> list[Source]:
    """Those that the person picks; asked again until the answer can be understood."""
    sys.stdout.flush()
    while True:
        text = "Import which? all, none, or numbers or names, as 1 3-4"
        answer = click.prompt(text, default="all", err=True)
        found = sources_named(sources, answer)
        if found is not None:
            return found
        note(f"{answer!r:.60} is none of them.")


def sources_named(sources: Sequence[Source], answer: str) -> list[Source] | None:
    """The sources that an answer means; None when it cannot be understood."""
    words = answer.replace(",", " ").casefold().split()
    if len(words) == 1 and words[0] in _ALL:
        return list(sources)
    if len(words) == 1 and words[0] in _NONE:
        return []
    places: set[int] = set()
    for word in words:
        numbers = _NUMBERS.fullmatch(word)
        if numbers:
            meant = set(range(int(numbers[1]) - 1, int(numbers[2] or numbers[1])))
        else:
            meant = {n for n, each in enumerate(sources) if word in (each.name, each.title)}
        if not meant or not meant <= set(range(len(sources))):
            return None
        places |= meant
    return [sources[place] for place in sorted(places)] if places else None


def _places(source: Source) -> str:
    from pathlib import Path

    home = str(Path.home())
    first = str(source.places[0])
    shown = f"~{first[len(home) :]}" if first.startswith(f"{home}/") else first
    more = len(source.places) - 1
    return f"{shown} and {more} more" if more else shown
