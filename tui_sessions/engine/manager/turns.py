"""Turns: a question goes to a chat's agent and its reply comes back, one at a time in a chat."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from tui_sessions.engine.arguments import checked_text
from tui_sessions.engine.documents.chats import chosen_chat, messages_of
from tui_sessions.engine.given_messages import as_message
from tui_sessions.engine.manager.room import Room
from tui_sessions.engine.turn.requests import after_last_prompt
from tui_sessions.engine.turn.running_turn import RunningTurn
from tui_sessions.errors import InvalidValue
from tui_sessions.model.changes import RemoveMessage
from tui_sessions.model.document import SessionDocument
from tui_sessions.model.events import ReplyEvent
from tui_sessions.model.message import Message, Part


class Turns(Room):
    """Asking an agent, stopping it, and asking again."""

    async def send(
        self, session_id: str, content: str | Sequence[Part], *, chat_id: str | None = None
    ) -> AsyncIterator[ReplyEvent]:
        """Send a message and follow the reply.

        The question is on disk before the provider is asked, and the reply before its end is told.
        Whoever leaves the loop early does not stop the reply: `stop` does.

        Args:
            session_id: the session's.
            content: the question, as text or parts.
            chat_id: the active chat by default; a session without one gets one from its
                workspace's template.

        Yields:
            `ReplyStarted`, any number of `ReplyDelta`, and one of `ReplyDone`, `ReplyStopped` and
            `ReplyFailed`. In between, `ReplyWaiting` where the provider asks to wait; with tools,
            `ReplyStep` for each message that calls some, and `ToolAsked`, `ToolStarted` and
            `ToolDone` of its calls.

        Raises:
            SessionBusy: the chat is answering.
            SessionStateError: the session is paused, archived or expired.
            SessionLimitError: the chat has no room for a question and its reply.
        """
        turn = await self._beginnings.begin(session_id, as_message(content, "user"), chat_id)
        async for event in turn.events():
            yield event

    async def regenerate(
        self, session_id: str, chat_id: str | None = None
    ) -> AsyncIterator[ReplyEvent]:
        """Have the last question answered again; the new reply takes the old one's place.

        The old reply stays until something of the new one has come.

        Yields:
            The same as `send`.

        Raises:
            InvalidValue: the chat has no question.
            SessionBusy: the chat is answering.
        """
        turn = await self._begin_again(session_id, chat_id)
        async for event in turn.events():
            yield event

    async def stop(self, session_id: str, chat_id: str | None = None) -> bool:
        """Stop a running reply and keep what came; without a chat, all of the session.

        Where none is running here, another window or program that answers is asked to stop, and
        waited for.

        Returns:
            Whether one was running.

        Raises:
            SessionBusy: another program does not stop.
        """
        await self._sessions.read(session_id)
        running = [
            turn
            for (owner, chat), turn in list(self._engine.turns.items())
            if owner == session_id and chat_id in (None, chat)
        ]
        for turn in running:
            await turn.stop()
        return bool(running) or await self._stop_elsewhere(session_id, chat_id)

    def running(self) -> list[tuple[str, str]]:
        """The chats that are answering, as pairs of session and chat id."""
        turns, sees = self._engine.turns, self._boundary.sees
        return [place for place, turn in turns.items() if sees(turn.workspace_id)]

    async def running_elsewhere(self) -> list[tuple[str, str]]:
        """The chats that other windows and programs answer in, as pairs of session and chat id.

        Such a chat refuses a question with `SessionBusy`. There are none where the store cannot
        tell; see `ClaimingStore`.
        """
        found = await self._engine.claims.look()
        if self._boundary.workspace_id is None or not found:
            return sorted(found)
        return sorted([key for key in found if await self._sessions.has(key[0])])

    def live_reply(self, session_id: str, chat_id: str) -> Message | None:
        """The reply that is on its way in a chat, as far as it has come."""
        session_id = checked_text("session id", session_id)
        return self._busy.reply(session_id, checked_text("chat id", chat_id))

    async def _stop_elsewhere(self, session_id: str, chat_id: str | None) -> bool:
        """Have other programs stop what they answer."""
        claims = self._engine.claims
        found = [
            (owner, chat)
            for owner, chat in await claims.look()
            if owner == session_id and chat_id in (None, chat)
        ]
        for key in found:
            await claims.stop(key)
        return bool(found)

    async def _begin_again(self, session_id: str, chat_id: str | None) -> RunningTurn:
        await self._busy.check_not_elsewhere(session_id, chat_id)
        async with self._limits.activation(), self._sessions.edit(session_id) as document:
            chosen = chosen_chat(document, chat_id)
            async with self._busy.taken(document, chosen) as current:
                return await self._ask_again(current, chosen)

    async def _ask_again(self, document: SessionDocument, chosen: str) -> RunningTurn:
        messages = messages_of(document, chosen)
        end = after_last_prompt(messages)
        if not end:
            raise InvalidValue(
                "chat",
                chosen,
                "a chat with a question to answer again",
                sentence="The chat has no question to answer again; send one.",
            )
        # One by one: what is added meanwhile is not part of the old reply.
        old = [RemoveMessage(chat=chosen, message=message.id) for message in messages[end:]]
        if not old:
            self._limits.check_fits(document, chosen, 1)
        turn = self._hosting.new_turn(document, chosen, replaces=old)
        return await self._beginnings.start(document, chosen, turn, [], verb="regenerate")
