"""Turns: a question goes to a chat's agent and its reply comes back, one at a time in a chat."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from functools import partial

from tui_sessions.engine.core import moment
from tui_sessions.engine.messages import Messages, as_message, label_changes
from tui_sessions.engine.running_turn import RunningTurn
from tui_sessions.engine.sessions import state_fields
from tui_sessions.errors import InvalidValue, SessionNotFound
from tui_sessions.model.changes import Change, PutMessage, RemoveMessage, SetFields
from tui_sessions.model.codec import message_data, own_message
from tui_sessions.model.document import SessionDocument
from tui_sessions.model.events import ReplyEvent, StateChanged
from tui_sessions.model.lifecycle import next_state
from tui_sessions.model.message import Message, Part
from tui_sessions.model.selection import messages_to_send
from tui_sessions.model.session import Session
from tui_sessions.providers.base import ReplyRequest


class Turns(Messages):
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
            `ReplyFailed`.

        Raises:
            SessionBusy: the chat is answering.
            SessionStateError: the session is paused, archived or expired.
            SessionLimitError: the chat has no room for a question and its reply.
        """
        turn = await self._begin(session_id, as_message(content, "user"), chat_id)
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

        Returns:
            Whether one was running.
        """
        await self._read(session_id)
        running = [
            turn
            for (owner, chat), turn in list(self._engine.turns.items())
            if owner == session_id and chat_id in (None, chat)
        ]
        for turn in running:
            await turn.stop()
        return bool(running)

    def running(self) -> list[tuple[str, str]]:
        """The chats that are answering, as pairs of session and chat id."""
        return [
            place for place, turn in self._engine.turns.items() if self._sees(turn.workspace_id)
        ]

    def live_reply(self, session_id: str, chat_id: str) -> Message | None:
        """The reply that is on its way in a chat, as far as it has come."""
        turn = self._engine.turns.get((session_id, chat_id))
        return own_message(turn.reply()) if turn and self._sees(turn.workspace_id) else None

    async def _begin(self, session_id: str, prompt: Message, chat_id: str | None) -> RunningTurn:
        first = await self._first_chat(session_id, chat_id)
        async with self._activation(), self._edit(session_id) as document:
            chosen, made = self._place_for(document, chat_id, first)
            self._check_idle(session_id, chosen)
            self._check_fits(document, chosen, 2)
            changes = [*made, PutMessage(chat=chosen, value=message_data(prompt))]
            changes += label_changes(document, prompt)
            turn = self._new_turn(document, chosen, prompt, [])
            return await self._start(document, chosen, turn, changes)

    async def _begin_again(self, session_id: str, chat_id: str | None) -> RunningTurn:
        async with self._activation(), self._edit(session_id) as document:
            chosen = self._chat_id(document, chat_id)
            self._check_idle(session_id, chosen)
            messages = self._messages(document, chosen)
            end = _after_last_prompt(messages)
            if not end:
                raise InvalidValue("chat", chosen, "a chat with a question to answer again")
            # One by one: what is added meanwhile is not part of the old reply.
            old = [RemoveMessage(chat=chosen, message=message.id) for message in messages[end:]]
            if not old:
                self._check_fits(document, chosen, 1)
            turn = self._new_turn(document, chosen, None, old)
            return await self._start(document, chosen, turn, [], upto=end)

    async def _start(
        self,
        document: SessionDocument,
        chat_id: str,
        turn: RunningTurn,
        changes: list[Change],
        upto: int | None = None,
    ) -> RunningTurn:
        """Save what begins the turn, then ask the provider; the caller holds the session."""
        before = document.session()
        state = next_state(before.id, before.state, "send")
        if (chat := before.chat(chat_id)) is not None:
            self._engine.providers.get(chat.agent.provider)
        await self._check_active_limit(before)
        fields = {"last_active_at": moment()}
        if state is not before.state:
            fields |= state_fields(state)
        self._engine.turns[before.id, chat_id] = turn
        try:
            session = await self._commit(before.id, [*changes, SetFields(fields=fields)])
            current = await self._engine.documents.read(before.id)
            request = self._request(session, current, chat_id, upto)
            provider = self._engine.providers.get(request.agent.provider)
        except BaseException:
            self._release(before.id, chat_id, turn)
            turn.abandon()
            raise
        self._tell_state(before, session)
        turn.start(provider, request)
        return turn

    def _request(
        self, session: Session, document: SessionDocument, chat_id: str, upto: int | None
    ) -> ReplyRequest:
        """What the agent is asked: its own chat, and nothing else."""
        chat = session.chat(chat_id)
        if chat is None:
            raise SessionNotFound(session.id)
        messages = messages_to_send(document.messages(chat_id)[:upto], chat.max_messages)
        return ReplyRequest(agent=chat.agent, messages=[own_message(m) for m in messages])

    def _new_turn(
        self,
        document: SessionDocument,
        chat_id: str,
        prompt: Message | None,
        replaces: Sequence[Change],
    ) -> RunningTurn:
        session_id = document.id
        turn = RunningTurn(
            session_id,
            document.workspace_id,
            chat_id,
            prompt=prompt,
            replaces=replaces,
            save=partial(self._save_reply, session_id, chat_id),
            tell=self._engine.bus.emit,
            release=lambda: self._release(session_id, chat_id, turn),
            report=partial(self._report, session_id, operation="save a reply", chat_id=chat_id),
        )
        return turn

    def _release(self, session_id: str, chat_id: str, turn: RunningTurn) -> None:
        """Let the next turn begin in a chat, unless it has begun already."""
        if self._engine.turns.get((session_id, chat_id)) is turn:
            del self._engine.turns[session_id, chat_id]

    async def _save_reply(self, session_id: str, chat_id: str, changes: Sequence[Change]) -> None:
        async with self._engine.documents.edit(session_id) as document:
            self._chat_id(document, chat_id)
            activity = SetFields(fields={"last_active_at": moment()})
            saved = await self._engine.documents.commit(session_id, [*changes, activity])
            self._saved(saved)

    def _tell_state(self, before: Session, after: Session) -> None:
        if before.state is not after.state:
            self._engine.bus.emit(
                StateChanged(
                    session_id=after.id,
                    workspace_id=after.workspace_id,
                    session=after,
                    before=before.state.value,
                    after=after.state.value,
                )
            )


def _after_last_prompt(messages: Sequence[Message]) -> int:
    """Where the reply to the last prompt begins; 0 where there is no prompt."""
    for place in range(len(messages), 0, -1):
        if messages[place - 1].role == "user" and not messages[place - 1].hidden:
            return place
    return 0
