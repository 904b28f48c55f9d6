"""The states of a session and what each operation makes of them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from tui_sessions.errors import SessionStateError


class SessionState(StrEnum):
    """Where a session stands in its life."""

    CREATED = "created"
    ACTIVE = "active"
    PAUSED = "paused"
    SUSPENDED = "suspended"
    ARCHIVED = "archived"
    EXPIRED = "expired"


_C, _A, _P, _S, _R, _E = SessionState

# One row an operation: the state after it, by the state before it; a missing state is an error.
TRANSITIONS = MappingProxyType(
    {
        "touch": {_C: _A, _A: _A, _S: _A},
        "send": {_C: _A, _A: _A, _S: _A},
        "pause": {_C: _P, _A: _P, _P: _P, _S: _P},
        "resume": {_C: _A, _A: _A, _P: _A, _S: _A},
        "archive": {_C: _R, _A: _R, _P: _R, _S: _R, _R: _R},
        "unarchive": {_C: _C, _A: _A, _P: _P, _S: _S, _R: _A},
        "expire": dict.fromkeys(SessionState, _E),
    }
)

RESUMABLE = frozenset({_C, _A, _S})
"""The states in which affinity may find a session."""

WRITABLE = frozenset({_C, _A, _P, _S, _R})
"""The states in which the conversation itself may change."""


def next_state(
    session_id: str, state: SessionState, operation: str, *, verb: str | None = None
) -> SessionState:
    """The state after an operation.

    Args:
        session_id: for the error.
        state: the state before it.
        operation: a row of `TRANSITIONS`.
        verb: what was asked for, where that is another thing that passes as this operation.

    Raises:
        SessionStateError: the operation is not allowed in this state.
    """
    after = TRANSITIONS[operation].get(state)
    if after is None:
        raise SessionStateError(session_id, state.value, verb or operation)
    return after


def swept_state(
    state: SessionState,
    idle_since: datetime,
    expires_at: datetime | None,
    ttl_s: float,
    moment: datetime,
) -> SessionState:
    """The state after a sweep: expired past its expiry, suspended when idle longer than `ttl_s`."""
    if state in (_R, _E):
        return state
    if expires_at is not None and expires_at <= moment:
        return _E
    # A file may hold more seconds than a `timedelta` can.
    if state is _A and (moment - idle_since).total_seconds() > ttl_s:
        return _S
    return state
