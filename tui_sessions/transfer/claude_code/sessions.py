"""From the messages of a conversation to a session of ours."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from tui_sessions.model.message import Message
from tui_sessions.transfer.base import ImportedSession
from tui_sessions.transfer.claude_code.messages import FORMAT, last_model
from tui_sessions.transfer.claude_code.records import Record
from tui_sessions.transfer.drafts import SessionDraft, imported_session

_PROVIDER = "anthropic"


class SessionMaker:
    """Makes sessions for one person."""

    def __init__(self, source_title: str, user_id: str) -> None:
        self._source_title = source_title
        self._user_id = user_id

    def make(
        self,
        external_id: str,
        path: Path,
        directory: str | None,
        messages: Sequence[Message],
        **fields: Any,
    ) -> ImportedSession:
        """The session; `fields` are further ones of a `SessionDraft`."""
        draft = SessionDraft(
            format_name=FORMAT,
            source_title=self._source_title,
            external_id=external_id,
            path=path,
            messages=messages,
            user_id=self._user_id,
            directory=directory,
            model=last_model(messages),
            source_provider=_PROVIDER,
            **fields,
        )
        return imported_session(draft)


def directory_of(path: Path, records: Iterable[Record]) -> str | None:
    """The directory a session ran in; of several, the one that its folder is named after."""
    seen = dict.fromkeys(record.cwd for record in records if record.cwd)
    for directory in seen:
        if _folder_name(directory) == path.parent.name:
            return directory
    return next(iter(seen), None)


def _folder_name(directory: str) -> str:
    """How the tool names the folder of a directory's sessions."""
    return "".join(char if char.isascii() and char.isalnum() else "-" for char in directory)
