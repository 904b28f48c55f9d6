"""Tools as the manager has them: which there are, and which calls may run."""

from __future__ import annotations

from tui_sessions.engine.arguments import checked_text
from tui_sessions.engine.manager.room import Room
from tui_sessions.engine.turn.approvals import Answer
from tui_sessions.errors import InvalidValue, SessionNotFound, ToolError
from tui_sessions.model.message import ToolCallPart
from tui_sessions.tools.registry import ToolRegistry


class ToolUse(Room):
    """Allowing and refusing tools."""

    @property
    def tools(self) -> ToolRegistry:
        """The tools that agents may name."""
        return self._engine.tools

    async def answer_tool_call(
        self,
        session_id: str,
        call_id: str,
        allow: bool,
        *,
        for_session: bool = False,
        reason: str = "",
        chat_id: str | None = None,
    ) -> bool:
        """Let a tool call that waits for it run, or refuse it.

        Args:
            session_id: the session's.
            call_id: the call's, as `ToolAsked` and `waiting_tool_calls` tell it.
            allow: whether it may run.
            for_session: allow its tool in this session from now on.
            reason: why it is refused; the model reads it.
            chat_id: the chat, where calls of two chats could have the same id.

        Returns:
            Whether the call was waiting.
        """
        await self._sessions.read(session_id)
        for one in list(self._engine.approvals.waiting):
            here = one.session_id == session_id and chat_id in (None, one.chat_id)
            if here and one.call.id == call_id and not one.answer.done():
                answer = Answer(bool(allow), reason)
                self._engine.approvals.answer(one, answer, for_session=for_session)
                return True
        return False

    def waiting_tool_calls(self) -> list[tuple[str, str, ToolCallPart]]:
        """The calls that wait for an answer, as session id, chat id and call; oldest first."""
        return [
            (one.session_id, one.chat_id, one.call)
            for one in self._engine.approvals.waiting
            if not one.answer.done() and self._sees_turn(one.session_id, one.chat_id)
        ]

    def allow_tool(self, session_id: str, name: str) -> None:
        """Let a tool run in a session without asking, until the manager is shut down.

        Args:
            session_id: the session's.
            name: a function's, `server/tool`, or a server's for all of its tools.
        """
        self._check_known(session_id)
        if not isinstance(name, str) or not name:
            raise InvalidValue("tool", name, "a tool's name")
        self._engine.approvals.allow(session_id, name)

    def disallow_tool(self, session_id: str, name: str) -> bool:
        """Ask again from now on.

        Returns:
            Whether it was allowed.
        """
        self._check_known(session_id)
        return self._engine.approvals.disallow(session_id, checked_text("tool", name))

    def allowed_tools(self, session_id: str) -> tuple[str, ...]:
        """What may run in a session without asking, in the order of the alphabet."""
        self._check_known(session_id)
        return tuple(sorted(self._engine.approvals.allowed(session_id)))

    def missing_tools(self, session_id: str, chat_id: str) -> tuple[ToolError, ...]:
        """Why a chat's agent was without some of its tools when it was asked last."""
        self._check_known(session_id)
        return self._engine.approvals.missing(session_id, checked_text("chat id", chat_id))

    def _check_known(self, session_id: str) -> None:
        """Refuse a session outside the workspace that this face is bound to."""
        checked_text("session id", session_id)
        bound = self._boundary.workspace_id
        if bound is None:
            return
        known = self._engine.catalog.get(session_id)
        if known is None or known.workspace_id != bound:
            raise SessionNotFound(session_id)

    def _sees_turn(self, session_id: str, chat_id: str) -> bool:
        turn = self._engine.turns.get((session_id, chat_id))
        return turn is not None and self._boundary.sees(turn.workspace_id)
