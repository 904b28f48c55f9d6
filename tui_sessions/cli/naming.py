"""How a person names a session, chat or message: by id, the beginning of an id, or by label."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

import click

from tui_sessions.errors import MessageNotFound, SessionNotFound
from tui_sessions.model.visible import visible_line

if TYPE_CHECKING:
    from tui_sessions.engine.session_manager import SessionManager
    from tui_sessions.model.session import Chat, Session

MIN_PREFIX = 4
_SHOWN = 10
_SHOWN_TEXT = 60


class Named(NamedTuple):
    """Something that can be named."""

    id: str
    label: str


class AmbiguousName(click.ClickException):
    """A name that several things have; the text lists them."""

    def __init__(self, kind: str, name: str, found: Sequence[Named]) -> None:
        lines = [f"  {each.id}  {visible_line(each.label)[:60]}" for each in found[:_SHOWN]]
        if len(found) > _SHOWN:
            lines.append(f"  … and {len(found) - _SHOWN} more")
        text = f"{name!r:.140} could be any of {len(found)} {kind}s; use the id:\n"
        super().__init__(text + "\n".join(lines))


class NoSuchChat(click.ClickException):
    """A chat that the session does not have; the text lists those it has."""


def choose(kind: str, name: str, things: Iterable[Named]) -> str | None:
    """The id of the thing that is meant; None where nothing has that name.

    Raises:
        AmbiguousName: several things could be meant.
    """
    found: dict[str, Named] = {}
    for thing in things:
        if thing.id == name:
            return thing.id
        prefix = len(name) >= MIN_PREFIX and thing.id.startswith(name)
        if prefix or (thing.label and thing.label == name):
            found[thing.id] = thing
    if len(found) > 1:
        raise AmbiguousName(kind, name, list(found.values()))
    return next(iter(found), None)


async def find_session(manager: SessionManager, name: str) -> str:
    """The id of the session that a person means; that of a damaged one when it is written out.

    Raises:
        SessionNotFound: there is none; where it is in the trash, the text says so.
        AmbiguousName: several could be meant.
    """
    sessions = await manager.list_sessions()
    chosen = choose("session", name, (Named(each.id, each.label) for each in sessions))
    if chosen is not None:
        return chosen
    if any(problem.session_id == name for problem in await manager.problems()):
        return name
    trashed = choose_trashed(name, await _trash(manager))
    if trashed is not None:
        error = SessionNotFound(name)
        error.args = (f"Session {name!r:.140} is in the trash; {how_to_restore(trashed)}.",)
        raise error
    raise SessionNotFound(name)


async def find_sessions(manager: SessionManager, names: Iterable[str]) -> list[str]:
    """The ids of several sessions, each once; nothing is found when one is not."""
    return list(dict.fromkeys([await find_session(manager, name) for name in names]))


async def find_trashed(manager: SessionManager, name: str) -> str:
    """The id of the deleted session that a person means.

    Raises:
        SessionNotFound: there is none in the trash.
        AmbiguousName: several could be meant.
    """
    chosen = choose_trashed(name, await _trash(manager))
    if chosen is None:
        error = SessionNotFound(name)
        error.args = (f"No session {name!r:.140} in the trash; `sessions-tui trash` lists it.",)
        raise error
    return chosen


def choose_trashed(name: str, trash: Iterable[Named]) -> str | None:
    """The id of what is meant in the trash."""
    return choose("deleted session", name, trash)


def how_to_restore(session_id: str) -> str:
    """How a deleted session comes back."""
    return f"`sessions-tui restore {session_id}` brings it back"


def find_chat(session: Session, name: str | None) -> Chat | None:
    """The chat of that id, beginning of an id or name; the active one without a name.

    Raises:
        NoSuchChat: the session has none like it.
    """
    if name is None:
        return session.active_chat
    chosen = choose("chat", name, (Named(chat.id, chat.name) for chat in session.chats))
    if chosen is None:
        valid = ", ".join(f"{chat.id} ({visible_line(chat.name)})" for chat in session.chats)
        raise NoSuchChat(f"No chat {name!r:.140} in the session; valid: {valid or 'none yet'}.")
    return session.chat(chosen)


async def find_message(manager: SessionManager, session_id: str, name: str) -> str:
    """The id of the message of that id or beginning of an id, in any chat of the session.

    Raises:
        MessageNotFound: there is none.
        AmbiguousName: several could be meant.
    """
    found: list[Named] = []
    for chat in (await manager.get_session(session_id)).chats:
        history = await manager.history(session_id, chat.id)
        found += [Named(each.id, f"{each.role}: {each.text[:_SHOWN_TEXT]}") for each in history]
    chosen = choose("message", name, found)
    if chosen is None:
        raise MessageNotFound(session_id, name)
    return chosen


async def _trash(manager: SessionManager) -> list[Named]:
    return [Named(each.session_id, each.label) for each in await manager.trash()]
