"""The places one can go to."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from tui_sessions.model.matching import SPACE_ON_PAGE
from tui_sessions.model.search import Snippet
from tui_sessions.model.session import Chat, Session

_SPACE = re.compile(SPACE_ON_PAGE)


@dataclass(frozen=True)
class TextHit:
    """A message found by its text, or a session found by a filter."""

    session_id: str
    chat_id: str | None
    message_id: str | None
    """None for a session."""
    label: str
    """Of the session."""
    snippet: Snippet
    """The text around what was found."""
    workspace: str
    """The workspace's name."""
    role: str = ""
    time: datetime | None = None

    @property
    def find_text(self) -> str:
        """What finds the same words in the chat."""
        words = (_SPACE.sub(" ", word.replace('"', " ")) for word in self.snippet.words)
        return " ".join(word if word.isalnum() else f'"{word}"' for word in words)


@dataclass(frozen=True)
class FoundTexts:
    """What a search of the texts brought so far."""

    hits: Sequence[TextHit] = ()
    total: int = 0
    """How many there are in all."""
    percent: int = 100
    """How much of everything was searched: less while the index is being built."""
    to_go: int = 0
    """How many sessions are still to be looked at for the index."""
    similar: bool = False
    """There are words among them that are only nearly spelt as asked for."""
    notice: str = ""
    """What a person should know of the search."""


class Entry(msgspec.Struct, frozen=True, gc=False):
    """A session, or a chat of a session that has several.

    There may be very many, and none can be part of a circle: the garbage collector leaves them out.
    """

    title: str
    """What is searched first, in lower case; `rest` comes after it."""
    rest: str
    session: Session
    chat: Chat | None
    workspace: str

    @property
    def name(self) -> str:
        """The title as it is drawn."""
        return _title(self.session, self.chat)

    @property
    def chat_id(self) -> str | None:
        """The chat to go to; None: the session's active one."""
        return self.chat.id if self.chat is not None and len(self.session.chats) > 1 else None

    @property
    def message_count(self) -> int:
        """How many messages there are."""
        return self.chat.message_count if self.chat is not None else 0

    @property
    def preview(self) -> str:
        """How the last message begins."""
        return self.chat.preview if self.chat is not None else ""


def entries_of(session: Session, names: Mapping[str, str]) -> Iterator[Entry]:
    """The places in a session, its active chat first; `names` are those of the workspaces."""
    workspace = names.get(session.workspace_id) or session.workspace_id
    rest = "\n".join((*session.tags, workspace)).lower()
    chats: list[Chat | None] = [*session.chats] or [None]
    if len(chats) > 1:
        chats.sort(key=lambda chat: chat is None or chat.id != session.active_chat_id)
    for chat in chats:
        title = _title(session, chat).lower()
        yield Entry(title, rest, session, chat, workspace)


def _title(session: Session, chat: Chat | None) -> str:
    label = session.title
    return f"{label} › {chat.name}" if chat and len(session.chats) > 1 else label
