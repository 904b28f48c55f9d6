"""Which workspace holds which session."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from tui_sessions.model.identifiers import check_id, is_id
from tui_sessions.stores.base import Stamp
from tui_sessions.stores.layout import DOCUMENT_SUFFIX, SESSIONS_FOLDER, Layout
from tui_sessions.stores.place_table import PlaceTable


class Places:
    """Finds sessions by their id; remembers where they were and looks again when they are gone."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._known = PlaceTable()

    def find(self, session_id: str) -> str | None:
        """The workspace that holds a session; of several, the one where it was changed last.

        Raises:
            OSError: it is in none that can be looked into, and there are others.
        """
        check_id(session_id, "session id")
        known = self._known.get(session_id)
        if known and os.path.lexists(self._layout.document(known, session_id)):
            return known
        self._known.forget(session_id)
        found = _newest(self._possible(session_id)).surely()
        if found:
            self.put(session_id, found)
        return found

    def is_taken(self, session_id: str) -> bool:
        """Whether there is a session with that id, in the trash or not, as far as can be seen."""
        check_id(session_id, "session id")
        known = self._known.get(session_id)
        if known and os.path.lexists(self._layout.document(known, session_id)):
            return True
        looks = (self._possible, self._possible_in_trash)
        return any(os.path.lexists(path) for look in looks for _, path in look(session_id))

    def recall(self, session_id: str) -> str | None:
        """Where a session was last, found anew only if that is not known."""
        return self._known.get(session_id) or self.find(session_id)

    def find_trashed(self, session_id: str, *, surely: bool = True) -> str | None:
        """The workspace that a deleted session belonged to; of several, the last one deleted.

        Raises:
            OSError: where one has to be sure: it is nowhere in the trash that can be looked into,
                and there is more.
        """
        check_id(session_id, "session id")
        seen = _newest(self._possible_in_trash(session_id))
        return seen.surely() if surely else seen.workspace_id

    def put(self, session_id: str, workspace_id: str) -> None:
        """A session is in this workspace now."""
        self._known.put([(session_id, workspace_id)])

    def forget(self, session_id: str) -> None:
        """A session is not where it was."""
        self._known.forget(session_id)

    def update(self, stamps: Iterable[Stamp]) -> None:
        """Take over what a look at the folders has shown."""
        self._known.put((stamp.session_id, stamp.workspace_id) for stamp in stamps)

    def _possible(self, session_id: str) -> Iterator[tuple[str, str]]:
        """Where a session's document would be in each workspace, with the workspace's id."""
        name = f"{session_id}{DOCUMENT_SUFFIX}"
        return _in_each(self._layout.workspaces, SESSIONS_FOLDER, name)

    def _possible_in_trash(self, session_id: str) -> Iterator[tuple[str, str]]:
        """The same for a deleted session."""
        return _in_each(self._layout.trash, f"{session_id}{DOCUMENT_SUFFIX}")


def folder_ids(folder: Path) -> list[str]:
    """The ids that the folders inside a folder are named for; none when it is missing."""
    try:
        with os.scandir(folder) as entries:
            return [
                entry.name
                for entry in entries
                if is_id(entry.name) and entry.is_dir(follow_symlinks=False)
            ]
    except FileNotFoundError:
        return []


def _in_each(folder: Path, *inside: str) -> Iterator[tuple[str, str]]:
    """The ids of the folders inside a folder, each with the path of a file in it.

    There may be thousands of them, and every new session asks: a `Path` takes longer than a look.
    """
    start, end = f"{folder}{os.sep}", "".join(f"{os.sep}{part}" for part in inside)
    return ((each, start + each + end) for each in folder_ids(folder))


class _Seen(NamedTuple):
    """What a look into all folders has shown of a session."""

    workspace_id: str | None
    unseen: OSError | None
    """Why one of the folders could not be looked into."""

    def surely(self) -> str | None:
        """The workspace, or None if it is in none."""
        if self.workspace_id is None and self.unseen is not None:
            raise self.unseen
        return self.workspace_id


def _newest(candidates: Iterable[tuple[str, str]]) -> _Seen:
    newest: tuple[int, str] | None = None
    unseen = None
    for workspace_id, path in candidates:
        try:
            changed = os.stat(path, follow_symlinks=False).st_mtime_ns
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            unseen = error
            continue
        if newest is None or changed > newest[0]:
            newest = (changed, workspace_id)
    return _Seen(newest[1] if newest else None, unseen)
