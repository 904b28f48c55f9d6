"""What can be counted of chats, sessions, users and the whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import msgspec

from tui_sessions.model.clock import now
from tui_sessions.model.lifecycle import SessionState
from tui_sessions.model.message import Message
from tui_sessions.model.session import Chat, Session
from tui_sessions.model.tally import Tally, last_turn, tally
from tui_sessions.model.usage import Usage, total_usage


class ChatStats(msgspec.Struct, frozen=True, kw_only=True):
    """One chat in numbers."""

    chat_id: str
    messages: int
    turns: int
    """Prompts, inherited ones included."""
    usage: Usage
    """Of its own turns; what came with a fork is told apart below."""
    inherited_usage: Usage
    average_response_s: float | None
    """Seconds; None until a reply was measured."""
    last_activity: datetime | None
    tally: Tally = Tally()
    """Its own replies, and of how many of them the use is not known."""
    last_turn: Tally = Tally()
    """What has been used since the last question."""
    elsewhere: Tally = Tally()
    """The part of `tally` and `usage` of replies that are gone: what is spent stays spent."""


class SessionStats(msgspec.Struct, frozen=True, kw_only=True):
    """One session in numbers."""

    session_id: str
    chats: int
    messages: int
    created_at: datetime
    last_activity: datetime
    active: bool
    paused: bool
    uptime_s: float
    """Seconds since it was created; 0 where a file says that it will be."""
    usage: Usage
    inherited_usage: Usage
    by_chat: tuple[ChatStats, ...]
    tally: Tally = Tally()
    """The replies of all chats."""
    elsewhere: Tally = Tally()
    """The part of it of replies and chats that are gone."""


class SystemStats(msgspec.Struct, frozen=True, kw_only=True):
    """All sessions, or those of one user, in numbers."""

    sessions: int
    users: int
    chats: int
    messages: int
    active_sessions: int
    average_chats_per_session: float
    oldest: datetime | None
    newest: datetime | None
    activity_by_day: dict[str, int]
    """How many sessions were last used on a day, by ISO date (UTC)."""


class UserReport(SystemStats, frozen=True, kw_only=True):
    """One user's sessions in numbers."""

    user_id: str
    by_state: dict[str, int]
    usage: Usage
    tally: Tally = Tally()
    """The replies of all sessions, and of how many of them the use is not known."""


def chat_stats(chat: Chat, messages: Sequence[Message], elsewhere: Tally) -> ChatStats:
    """Count a chat's messages, and what those used that are gone."""
    own = messages[chat.inherited :]
    times = [m.elapsed_s for m in own if m.elapsed_s is not None]
    dates = [message.created_at for message in messages if message.created_at is not None]
    return ChatStats(
        chat_id=chat.id,
        messages=len(messages),
        turns=sum(m.role == "user" and not m.hidden for m in messages),
        usage=total_usage(m.usage for m in own) + elsewhere.usage,
        inherited_usage=total_usage(m.usage for m in messages[: chat.inherited]),
        average_response_s=sum(times) / len(times) if times else None,
        last_activity=max(dates, default=None),
        tally=tally(own) + elsewhere,
        last_turn=last_turn(own),
        elsewhere=elsewhere,
    )


def session_stats(session: Session, by_chat: Sequence[ChatStats], gone: Tally) -> SessionStats:
    """Add a session's chats up, and what those used that are gone."""
    own, inherited = gone.usage, Usage()
    for stats in by_chat:
        own += stats.usage
        inherited += stats.inherited_usage
    return SessionStats(
        session_id=session.id,
        chats=len(session.chats),
        messages=sum(stats.messages for stats in by_chat),
        created_at=session.created_at,
        last_activity=session.last_active_at,
        active=session.state is SessionState.ACTIVE,
        paused=session.state is SessionState.PAUSED,
        uptime_s=max((now() - session.created_at).total_seconds(), 0.0),
        usage=own,
        inherited_usage=inherited,
        by_chat=tuple(by_chat),
        tally=sum((stats.tally for stats in by_chat), gone),
        elsewhere=sum((stats.elsewhere for stats in by_chat), gone),
    )


def system_stats(sessions: Sequence[Session]) -> SystemStats:
    """Count all that is given."""
    return SystemStats(**_totals(sessions))


def user_report(user_id: str, sessions: Sequence[Session], tallies: Iterable[Tally]) -> UserReport:
    """Count one user's sessions."""
    total = sum(tallies, Tally())
    return UserReport(
        user_id=user_id,
        by_state=dict(Counter(session.state.value for session in sessions)),
        usage=total.usage,
        tally=total,
        **_totals(sessions),
    )


def _totals(sessions: Sequence[Session]) -> dict[str, Any]:
    chats = sum(len(session.chats) for session in sessions)
    days = Counter(session.last_active_at.date().isoformat() for session in sessions)
    return {
        "sessions": len(sessions),
        "users": len({session.user_id for session in sessions}),
        "chats": chats,
        "messages": sum(session.message_count for session in sessions),
        "active_sessions": sum(session.state is SessionState.ACTIVE for session in sessions),
        "average_chats_per_session": chats / len(sessions) if sessions else 0.0,
        "oldest": min((session.created_at for session in sessions), default=None),
        "newest": max((session.created_at for session in sessions), default=None),
        "activity_by_day": dict(sorted(days.items())),
    }
