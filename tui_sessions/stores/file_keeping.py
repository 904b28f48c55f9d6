"""What a store may offer so that pictures and files lie beside their session."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from tui_sessions.model.document import SessionDocument


@runtime_checkable
class FileKeeping(Protocol):
    """A store that keeps pictures and files beside a session's document instead of in it.

    Without this, or where `put_file` says no, their data stays in the messages. The names are those
    of `model.kept_files.file_name`, any other is refused; a file lasts as long as its session, and
    goes wherever that goes.
    """

    async def put_file(
        self, session_id: str, name: str, data: bytes, *, new: SessionDocument | None = None
    ) -> bool:
        """Keep a file durably, unless there is one of that name already.

        Args:
            session_id: whose it is.
            name: made from the data.
            data: what is in it.
            new: the session, where it is about to be saved for the first time.

        Returns:
            False: files of this session are not kept.

        Raises:
            SessionNotFound: there is no such session.
            SessionExists: with `new`, when the id is taken.
        """

    async def read_file(self, session_id: str, name: str) -> bytes:
        """What is in a file.

        Raises:
            SessionNotFound: there is no such session.
            FileNotKept: it has no such file.
        """

    async def list_files(self, session_id: str) -> list[str]:
        """The names of a session's files, in any order."""

    async def copy_files(self, source_id: str, new: SessionDocument, names: Sequence[str]) -> None:
        """Give a session that is about to be saved files of another one; missing ones are left out.

        Raises:
            SessionNotFound: there is no such source.
        """


@runtime_checkable
class SweepingStore(Protocol):
    """A store whose files may outlast the messages that named them."""

    async def sweep_files(self, workspace_id: str) -> list[str]:
        """Remove the files that nothing in their sessions names any more.

        Those of sessions that were changed within a day stay: a message may be brought back.

        Returns:
            The paths they had.
        """
