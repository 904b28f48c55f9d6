"""What `--json` prints: plain values under keys that stay."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tui_sessions.model.clock import format_time

if TYPE_CHECKING:
    from datetime import datetime

    from tui_sessions.model.search import SearchHit, SearchResults
    from tui_sessions.model.session import Chat, Session, Workspace
    from tui_sessions.stores.base import Problem, Trashed


def session_value(session: Session) -> dict[str, Any]:
    """A session without its messages."""
    import msgspec

    return {
        "id": session.id,
        "label": session.label,
        "workspace": session.workspace_id,
        "user": session.user_id,
        "state": session.state.value,
        "created_at": format_time(session.created_at),
        "updated_at": format_time(session.updated_at),
        "last_active_at": format_time(session.last_active_at),
        "expires_at": _time(session.expires_at),
        "messages": session.message_count,
        "tags": list(session.tags),
        "surfaces": list(session.surfaces),
        "metadata": session.metadata,
        "parent": msgspec.to_builtins(session.parent),
        "origin": msgspec.to_builtins(session.origin),
        "active_chat": session.active_chat_id,
        "chats": [chat_value(chat) for chat in session.chats],
        "read_only": session.read_only,
    }


def chat_value(chat: Chat) -> dict[str, Any]:
    """A chat without its messages."""
    import msgspec

    return {
        "id": chat.id,
        "name": chat.name,
        "created_at": _time(chat.created_at),
        "messages": chat.message_count,
        "inherited": chat.inherited,
        "agent": msgspec.to_builtins(chat.agent),
    }


def workspace_value(workspace: Workspace, sessions: int) -> dict[str, Any]:
    """A workspace, and how many sessions are in it."""
    return {
        "id": workspace.id,
        "name": workspace.name,
        "directory": workspace.directory,
        "created_at": _time(workspace.created_at),
        "defaults": workspace.defaults,
        "sessions": sessions,
    }


def trashed_value(trashed: Trashed) -> dict[str, Any]:
    """A deleted session."""
    return {
        "id": trashed.session_id,
        "label": trashed.label,
        "workspace": trashed.workspace_id,
        "deleted_at": format_time(trashed.deleted_at),
    }


def search_value(found: SearchResults) -> dict[str, Any]:
    """What a search found."""
    return {
        "hits": [hit_value(hit) for hit in found.hits],
        "total": found.total,
        "complete": found.complete,
        "similar": found.similar,
    }


def hit_value(hit: SearchHit) -> dict[str, Any]:
    """A message, or a session, that was found."""
    return {
        "session": hit.session_id,
        "workspace": hit.workspace_id,
        "chat": hit.chat_id,
        "message": hit.message_id,
        "label": hit.label,
        "role": hit.role or None,
        "time": format_time(hit.time),
        "snippet": hit.snippet.text,
        "marks": [list(mark) for mark in hit.snippet.marks],
        "score": hit.score,
    }


def problem_value(problem: Problem) -> dict[str, Any]:
    """A file that could not be read."""
    return {
        "path": problem.path,
        "reason": problem.reason,
        "session": problem.session_id,
        "workspace": problem.workspace_id,
    }


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else format_time(moment)
