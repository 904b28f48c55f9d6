"""Where everything is in the folder that holds the sessions."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from tui_sessions.model.identifiers import check_id, is_id

DOCUMENT_SUFFIX = ".json"
JOURNAL_SUFFIX = ".journal.jsonl"
FILES_SUFFIX = ".files"
SESSIONS_FOLDER = "sessions"
_REMEMBERED = 512


class Layout:
    """The paths of a data folder; ids are checked before a path is made of them."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.workspaces = directory / "workspaces"
        self.trash = directory / "trash"
        # Every append asks for the same few paths, and making them costs as much as a small write;
        # every look for changes asks for the folders of all workspaces.
        self.sessions = lru_cache(_REMEMBERED)(self._sessions)
        self.document = lru_cache(_REMEMBERED)(self._document)
        self.journal = lru_cache(_REMEMBERED)(self._journal)

    def workspace_file(self, workspace_id: str) -> Path:
        """What is known of a workspace besides its sessions."""
        return self.workspaces / check_id(workspace_id, "workspace id") / "workspace.json"

    def _sessions(self, workspace_id: str) -> Path:
        """The folder of a workspace's sessions."""
        return self.workspaces / check_id(workspace_id, "workspace id") / SESSIONS_FOLDER

    def templates(self, workspace_id: str) -> Path:
        """The folder of a workspace's own agent templates."""
        return self.workspaces / check_id(workspace_id, "workspace id") / "templates"

    def _document(self, workspace_id: str, session_id: str) -> Path:
        """A session's document."""
        name = check_id(session_id, "session id") + DOCUMENT_SUFFIX
        return self.sessions(workspace_id) / name

    def _journal(self, workspace_id: str, session_id: str) -> Path:
        """What has happened to a session since its document was written."""
        name = check_id(session_id, "session id") + JOURNAL_SUFFIX
        return self.sessions(workspace_id) / name

    def files(self, workspace_id: str, session_id: str) -> Path:
        """The folder of a session's pictures and files."""
        return self.sessions(workspace_id) / (check_id(session_id, "session id") + FILES_SUFFIX)

    def trashed_files(self, workspace_id: str, session_id: str) -> Path:
        """The folder of a deleted session's pictures and files."""
        folder = self.trash / check_id(workspace_id, "workspace id")
        return folder / (check_id(session_id, "session id") + FILES_SUFFIX)

    def trashed_document(self, workspace_id: str, session_id: str) -> Path:
        """The document of a deleted session."""
        folder = self.trash / check_id(workspace_id, "workspace id")
        return folder / (check_id(session_id, "session id") + DOCUMENT_SUFFIX)

    def trashed_journal(self, workspace_id: str, session_id: str) -> Path:
        """The journal of a deleted session whose document could not take it in."""
        folder = self.trash / check_id(workspace_id, "workspace id")
        return folder / (check_id(session_id, "session id") + JOURNAL_SUFFIX)


def session_of(name: str, suffix: str) -> str | None:
    """The session that a file belongs to by its name; None when it is none of ours."""
    if not name.endswith(suffix):
        return None
    session_id = name.removesuffix(suffix)
    return session_id if is_id(session_id) else None
