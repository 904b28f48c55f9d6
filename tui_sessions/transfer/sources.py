"""Which histories of other tools are on this machine."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tui_sessions.transfer.base import Importer, Survey, Surveying
from tui_sessions.transfer.registry import importer, importer_names
from tui_sessions.transfer.units import files_below, newest_of, what_never_ends

log = logging.getLogger(__name__)
_AT_ONCE = 8


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """What one tool left on this machine."""

    name: str
    """The importer's name."""
    title: str
    places: tuple[Path, ...]
    sessions: int | None
    """None: nobody can tell without reading all of it."""
    newest: datetime | None = None
    """When something in it was last written."""


def find_sources(names: Iterable[str] = ()) -> list[Source]:
    """What there is to import on this machine, in the order of the importers.

    Nothing is read but what it takes to count; a source that cannot be looked at is left out.

    Args:
        names: importers to ask; by default all of them.
    """
    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="sessions-find") as pool:
        found = pool.map(find_source, tuple(names) or importer_names())
    return [source for source in found if source is not None]


def find_source(name: str, *, requested: bool = True) -> Source | None:
    """What one tool left here; None where that is nothing, or cannot be looked at.

    Args:
        name: its importer's name.
        requested: whether the person wants to know, so that a question of the system about private
            folders is no surprise.
    """
    try:
        asked = importer(name)
        if not requested and getattr(asked, "on_request_only", False):
            return None
        places = asked.find()
        surveys = [survey_of(asked, place) for place in places]
    except Exception as error:
        # One importer, which may be another package's, must not hide what the others found.
        log.warning("The importer %s could not look around: %s", name, error)
        return None
    if not places or all(survey.sessions == 0 for survey in surveys):
        return None
    counts = [survey.sessions for survey in surveys]
    return Source(
        name=name,
        title=asked.title,
        places=tuple(places),
        sessions=None if None in counts else sum(count or 0 for count in counts),
        newest=max((s.newest for s in surveys if s.newest is not None), default=None),
    )


def survey_of(asked: Importer, place: Path) -> Survey:
    """What a place holds, as far as its importer can tell without reading it."""
    try:
        if what_never_ends(place) is not None:
            return Survey(sessions=0)
        if isinstance(asked, Surveying):
            return asked.survey(place)
        return Survey(sessions=None, newest=newest_of(files_below(place)))
    except OSError:  # who reads it says why
        return Survey(sessions=None)
