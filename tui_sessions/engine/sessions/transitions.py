"""How a session passes into another state when it is used or put aside."""

from __future__ import annotations

from tui_sessions.engine.engine import Engine
from tui_sessions.engine.sessions.scoped_sessions import ScopedSessions
from tui_sessions.engine.sessions.session_limits import SessionLimits
from tui_sessions.engine.sessions.session_states import state_fields, tell_state
from tui_sessions.model.changes import SetFields
from tui_sessions.model.clock import written_now
from tui_sessions.model.lifecycle import SessionState, next_state
from tui_sessions.model.session import Session


class Transitions:
    """Changes the states of sessions, as far as the table of states lets them."""

    def __init__(self, engine: Engine, sessions: ScopedSessions, limits: SessionLimits) -> None:
        self._engine = engine
        self._sessions = sessions
        self._saving = engine.saving
        self._limits = limits

    async def make(self, session_id: str, operation: str) -> Session:
        """Do to a session what the table of states names, such as `touch` or `pause`.

        Raises:
            SessionStateError: it cannot be done in the state that the session has.
            SessionLimitError: as many are active as may be.
        """
        async with self._limits.activation(), self._sessions.edit(session_id) as document:
            before = document.head
            state = next_state(session_id, before.state, operation)
            fields = {"last_active_at": written_now()} if operation in ("touch", "resume") else {}
            if state is not before.state:
                fields |= state_fields(state)
                if state is SessionState.ACTIVE:
                    await self._limits.check_active(before)
            if not fields:
                return document.session()
            session = await self._saving.commit(session_id, [SetFields(fields=fields)])
        tell_state(self._engine.bus, before, session)
        return session
