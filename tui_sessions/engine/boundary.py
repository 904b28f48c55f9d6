"""What a face of the manager may see: all sessions, or those of one workspace."""

from __future__ import annotations

from tui_sessions.errors import SessionNotFound
from tui_sessions.model.document import SessionDocument


class Boundary:
    """All workspaces, or the only one that anything may be seen of."""

    def __init__(self, workspace_id: str | None = None) -> None:
        self.workspace_id = workspace_id
        """The only workspace; None: all of them."""

    def sees(self, workspace_id: str | None) -> bool:
        """Whether what is in a workspace may be seen; None: what is in none."""
        return self.workspace_id in (None, workspace_id)

    def check(self, document: SessionDocument) -> SessionDocument:
        """Return the document of a session that may be seen.

        Raises:
            SessionNotFound: it is in another workspace.
        """
        if not self.sees(document.workspace_id):
            raise SessionNotFound(document.id)
        return document
