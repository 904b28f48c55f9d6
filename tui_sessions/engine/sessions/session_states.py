"""Sessions that pass into another state or chat: what is written and told, and what they refuse."""

from __future__ import annotations

from typing import Any

from tui_sessions.engine.bus import EventBus
from tui_sessions.errors import SessionStateError
from tui_sessions.model.clock import written_now
from tui_sessions.model.document import SessionDocument
from tui_sessions.model.events import ChatSwitched, StateChanged
from tui_sessions.model.lifecycle import WRITABLE
from tui_sessions.model.session import Session


def state_fields(state: str) -> dict[str, Any]:
    """The fields of a session that passes into another state."""
    return {"state": state, "state_changed_at": written_now()}


def tell_state(bus: EventBus, before: Session, after: Session) -> None:
    """Tell of a session that has passed into another state."""
    if before.state is not after.state:
        bus.emit(
            StateChanged(
                session_id=after.id,
                workspace_id=after.workspace_id,
                session=after,
                before=before.state.value,
                after=after.state.value,
            )
        )


def tell_switched(bus: EventBus, session: Session) -> None:
    """Tell that another chat of a session is the active one now."""
    bus.emit(
        ChatSwitched(
            session_id=session.id,
            workspace_id=session.workspace_id,
            session=session,
            chat_id=session.active_chat_id,
        )
    )


def check_writable(session: Session | SessionDocument, operation: str) -> None:
    """Refuse to change the conversation of a session that is final.

    Raises:
        SessionStateError: it has expired.
    """
    if isinstance(session, SessionDocument):
        session = session.head
    if session.state not in WRITABLE:
        raise SessionStateError(session.id, session.state.value, operation)
