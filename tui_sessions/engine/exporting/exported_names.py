"""What the files of one export are called: each session's has a name of its own."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from itertools import count

from tui_sessions.model.session import Session
from tui_sessions.transfer.export_base import Exporter
from tui_sessions.transfer.export_files import export_name
from tui_sessions.transfer.own_json import OwnJson
from tui_sessions.transfer.own_workspace import session_file

_OTHERS = ("index.html",)
"""Files that an exporter adds itself."""


class ExportedNames:
    """Gives each session of an export its file's name, whoever asks first.

    A page may lead to a session that is written later: the name that it tells is kept for that one.
    """

    def __init__(self, exporter: Exporter) -> None:
        self._exporter = exporter
        self._given: dict[str, str] = {}
        self._taken = {_place(name) for name in _OTHERS}

    def of(self, session: Session) -> str:
        """The name of a session's file, as it is shown in this export; always the same one."""
        if isinstance(self._exporter, OwnJson):  # the layout of a data folder is no choice
            return session_file(session.workspace_id, session.id)
        name = self._given.get(session.id)
        if name is None:
            name = next(one for one in self._names(session) if _place(one) not in self._taken)
            self._given[session.id] = name
            self._taken.add(_place(name))
        return name

    def _names(self, session: Session) -> Iterator[str]:
        """What a session's file may be called, the best first."""
        suffix = self._exporter.suffix
        yield export_name(session, suffix)
        yield f"{session.id}{suffix}"
        yield from (f"{session.id}-{number}{suffix}" for number in count(2))


def _place(name: str) -> str:
    """The same text for all names that are one file's somewhere, as on macOS and Windows."""
    folded = unicodedata.normalize("NFC", name).casefold()
    return unicodedata.normalize("NFC", folded)
