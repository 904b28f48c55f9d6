"""What of the sessions goes into the full-text index."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence

from tui_sessions.engine.documents.open_documents import OpenDocuments
from tui_sessions.engine.full_text.session_reading import ReadSession, SessionReading
from tui_sessions.index.base import ChatText, InheritedText, SessionText
from tui_sessions.index.catalog import Catalog
from tui_sessions.model.message import Message
from tui_sessions.model.session import Session
from tui_sessions.stores.base import Store


class TextSource:
    """Reads sessions for the index: from memory where they are open, else from the store."""

    def __init__(
        self,
        store: Store,
        catalog: Catalog,
        documents: OpenDocuments,
        turns: Collection[tuple[str, str]],
    ) -> None:
        """Take what the engine works with.

        Args:
            store: where sessions are.
            catalog: says which parents there are.
            documents: those that are open.
            turns: the sessions and chats in which a reply is on its way.
        """
        self._store = store
        self._catalog = catalog
        self._documents = documents
        self._reading = SessionReading(store, documents)
        self._turns = turns
        self._workspaces: dict[str, str] = {}
        self._stamped: dict[str, str | None] = {}

    async def look_at_workspaces(self) -> None:
        """Learn the workspaces' names."""
        self._workspaces = {each.id: each.name for each in await self._store.workspaces()}

    def stamp(self, version: str, workspace_id: str) -> str:
        """What a session is written as when it has this version."""
        name = self._workspaces.get(workspace_id, "")
        if self._stamped.setdefault(workspace_id, name) != name:
            self._stamped[workspace_id] = None
        return "\x1f".join((version, workspace_id, name))

    def stamped(self) -> dict[str, str | None]:
        """By their ids, the names of the workspaces that stamps were made with since `begin`.

        None for one that had several.
        """
        return dict(self._stamped)

    def begin(self) -> None:
        """Forget what stamps were made with."""
        self._stamped.clear()

    def takes(self, names: Mapping[str, str | None]) -> bool:
        """Whether stamps of others were made with the names that they were made with here."""
        stamped = self._stamped
        return all(stamped.get(place, name) == name for place, name in names.items())

    def take(self, names: Mapping[str, str | None]) -> None:
        """Take over what stamps of others were made with."""
        self._stamped = {**names, **self._stamped}

    def named_otherwise(self, names: Mapping[str, str | None]) -> set[str]:
        """The workspaces that have other names by now."""
        return {place for place in names if names[place] != self._workspaces.get(place, "")}

    async def first_few(self, session_ids: Sequence[str], messages: int) -> Sequence[str]:
        """As many of some sessions as have about so many messages together; at least one.

        What is read side by side is in memory side by side.
        """

        def count() -> int:
            counted = 0
            for place, session_id in enumerate(session_ids):
                session = self._catalog.get(session_id)
                counted += session.message_count if session else 0
                if counted > messages:
                    return max(place, 1)
            return len(session_ids)

        return session_ids[: await asyncio.to_thread(count)]

    async def renamed(self, session_id: str) -> SessionText | None:
        """What a session is called now, where its messages are known to have stayed the same.

        None where it is to be read.
        """
        if session_id not in self._documents.texts:
            return None
        session, version = await asyncio.to_thread(self._catalog.versioned, session_id) or (
            None,
            "",
        )
        if session is None or (session.parent and any(chat.inherited for chat in session.chats)):
            return None
        earlier = self._documents.texts.before(session_id, version)
        place = session.workspace_id
        return SessionText(
            session_id=session_id,
            workspace_id=place,
            stamp=self.stamp(version, place),
            title=self._title(session),
            time=session.last_active_at,
            messages_as=[self.stamp(each, place) for each in earlier],
        )

    async def read(
        self, session_ids: Sequence[str], written: Mapping[str, Sequence[ChatText]]
    ) -> list[SessionText | None]:
        """The texts of sessions; None for each that cannot be read or is to be forgotten.

        Args:
            session_ids: which.
            written: what was written last, of some sessions.
        """
        read = await asyncio.gather(*(self._reading.read(one) for one in session_ids))
        if any(found and found.session.workspace_id not in self._workspaces for found in read):
            await self.look_at_workspaces()
        forks = [found.session for found in read if found and found.session.parent]
        parents = await self._parents_of(forks) if forks else []
        # What is live may change as soon as others get their turn.
        live = [found.texts() if found and found.live else None for found in read]

        def texts() -> list[SessionText | None]:
            held = {parent.session.id: chats or parent.texts() for parent, chats in parents}
            return [
                self._text(found, chats, written.get(found.session.id), held) if found else None
                for found, chats in zip(read, live, strict=True)
            ]

        return await asyncio.to_thread(texts)

    async def _parents_of(
        self, forks: Sequence[Session]
    ) -> list[tuple[ReadSession, Sequence[ChatText] | None]]:
        """The parents in which what some sessions inherited is found, and what of them is open."""

        def ids() -> set[str]:
            return {
                session.parent.session_id
                for session in forks
                if session.parent and any(chat.inherited for chat in session.chats)
                if self._has_parent(session)
            }

        read = await asyncio.gather(*map(self._reading.read, await asyncio.to_thread(ids)))
        return [(found, found.texts() if found.live else None) for found in read if found]

    def _text(
        self,
        found: ReadSession,
        live: Sequence[ChatText] | None,
        written: Sequence[ChatText] | None,
        parents: Mapping[str, Sequence[ChatText]],
    ) -> SessionText | None:
        session = found.session
        if session.temporary:
            return None
        held = _by_id(parents.get(session.parent.session_id, ()) if session.parent else ())
        chats, inherited = [], []
        for chat in live or found.texts():
            kept, told = _inherited(session, chat, held)
            inherited.append(told)
            own = self._own(session, chat)
            messages = [*kept, *own] if kept else own
            chats.append(ChatText(chat_id=chat.chat_id, messages=messages))
        stamp = self.stamp(found.version, session.workspace_id)
        orphans = [message_id for chat in inherited for message_id in chat.own]
        shares = session.parent and any(chat.shared for chat in inherited)
        return SessionText(
            session_id=session.id,
            workspace_id=session.workspace_id,
            stamp="\x1f".join((stamp, *orphans)),
            title=self._title(session),
            time=session.last_active_at,
            chats=chats,
            inherited=inherited if shares else (),
            parent_id=session.parent.session_id if session.parent and shares else "",
            orphan_of=session.parent.session_id if session.parent and orphans else "",
            live=live is not None,
            written=None if live is None else written,
        )

    def _own(self, session: Session, chat: ChatText) -> Sequence[Message]:
        """What was not inherited, but for a reply that still grows."""
        messages = chat.messages[_inherited_count(session, chat) :]
        if (session.id, chat.chat_id) in self._turns:
            return [message for message in messages if message.status != "partial"]
        return messages

    def _has_parent(self, session: Session) -> bool:
        """Whether what was inherited is found in the parent by everybody who finds the session."""
        if session.parent is None:
            return False
        parent = self._catalog.get(session.parent.session_id)
        return (
            parent is not None
            and not parent.temporary
            and (parent.workspace_id, parent.user_id) == (session.workspace_id, session.user_id)
        )

    def _title(self, session: Session) -> str:
        return " · ".join(filter(None, self._names(session)))

    def _names(self, session: Session) -> Iterable[str]:
        yield session.label
        yield " ".join(session.tags)
        if len(session.chats) > 1:
            yield " ".join(chat.name for chat in session.chats)
        name = self._workspaces.get(session.workspace_id, "")
        yield name
        if name != session.workspace_id:
            yield session.workspace_id


def messages_in(texts: Sequence[SessionText]) -> int:
    """How many messages there are in some sessions."""
    return sum(text.message_count for text in texts)


def _inherited(
    session: Session, chat: ChatText, held: Mapping[str, Message]
) -> tuple[list[Message], InheritedText]:
    """What was inherited and is not the same where it comes from; and where all of it is found."""
    kept, shared = [], []
    for message in chat.messages[: _inherited_count(session, chat)]:
        if _is_same(message, held):
            shared.append(message.id)
        else:
            kept.append(message)
    own = [message.id for message in kept]
    return kept, InheritedText(chat_id=chat.chat_id, shared=shared, own=own)


def _inherited_count(session: Session, chat: ChatText) -> int:
    known = session.chat(chat.chat_id)
    return known.inherited if known and session.parent else 0


def _by_id(chats: Iterable[ChatText]) -> dict[str, Message]:
    return {message.id: message for chat in chats for message in chat.messages}


def _is_same(message: Message, others: Mapping[str, Message]) -> bool:
    """Whether a message is among others, and the same is found of it."""
    other = others.get(message.id)
    return other is message or (
        other is not None and (other.role, other.content) == (message.role, message.content)
    )
