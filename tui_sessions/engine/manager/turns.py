"""Turns: a question goes to a chat's agent and its reply comes back, one at a time in a chat."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from functools import partial

from tui_sessions.engine.arguments import checked_text
from tui_sessions.engine.kept_files import taken_in
from tui_sessions.engine.manager.core import MEETINGS
from tui_sessions.engine.manager.given_messages import as_message, label_changes
from tui_sessions.engine.manager.turn_beginnings import Overtaken, TurnBeginnings
from tui_sessions.engine.turn.other_writers import grows_elsewhere
from tui_sessions.engine.turn.requests import after_last_prompt
from tui_sessions.engine.turn.running_turn import RunningTurn
from tui_sessions.errors import InvalidValue, SessionBusy
from tui_sessions.model.changes import PutMessage, RemoveMessage
from tui_sessions.model.codec import message_data, message_from, own_message
from tui_sessions.model.document import SessionDocument
from tui_sessions.model.events import ReplyEvent
from tui_sessions.model.message import Message, Part


class Turns(TurnBeginnings):
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

        Where none is running here, another window or program that answers is asked to stop, and
        waited for.

        Returns:
            Whether one was running.

        Raises:
            SessionBusy: another program does not stop.
        """
        await self._read(session_id)
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
        return [
            place for place, turn in self._engine.turns.items() if self._sees(turn.workspace_id)
        ]

    async def running_elsewhere(self) -> list[tuple[str, str]]:
        """The chats that other windows and programs answer in, as pairs of session and chat id.

        Such a chat refuses a question with `SessionBusy`. There are none where the store cannot
        tell; see `ClaimingStore`.
        """
        found = await self._engine.claims.look()
        if self._scope is None or not found:
            return sorted(found)
        return sorted([key for key in found if await self._in_scope(key[0])])

    def live_reply(self, session_id: str, chat_id: str) -> Message | None:
        """The reply that is on its way in a chat, as far as it has come."""
        key = (checked_text("session id", session_id), checked_text("chat id", chat_id))
        turn = self._engine.turns.get(key)
        return own_message(turn.reply()) if turn and self._sees(turn.workspace_id) else None

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

    async def _begin(self, session_id: str, prompt: Message, chat_id: str | None) -> RunningTurn:
        prompt = await taken_in(prompt)
        async with self._activation(), self._edit(session_id) as first:
            document = first
            for _ in range(MEETINGS):
                with suppress(Overtaken):
                    return await self._begin_in(document, prompt, chat_id)
                document = await self._read(session_id)
            return await self._begin_in(document, prompt, chat_id, anyway=True)

    async def _begin_in(
        self,
        document: SessionDocument,
        prompt: Message,
        chat_id: str | None,
        *,
        anyway: bool = False,
    ) -> RunningTurn:
        """Begin in the chat that is meant, or in a first one.

        Raises:
            Overtaken: another program came first, and may have made the first chat.
        """
        chosen, made = await self._place_for(document, chat_id)
        async with self._taken(document, chosen) as current:
            if made and current.data["chats"]:
                raise Overtaken
            if not made:
                self._chat_id(current, chosen)
            self._check_fits(current, chosen, 2)
            put = PutMessage(chat=chosen, value=message_data(prompt))
            changes = [*made, put, *label_changes(current, prompt)]
            await self._engine.documents.keep_files(document.id, [put])
            turn = self._new_turn(current, chosen, prompt=own_message(message_from(put.value)))
            alone = bool(made) and not anyway
            return await self._start(current, chosen, turn, changes, alone=alone)

    async def _check_not_elsewhere(self, session_id: str, chat_id: str | None) -> None:
        """Refuse to touch a reply that another program is writing: what it writes would be lost."""
        chosen = self._chat_id(await self._read(session_id), chat_id)
        claims = self._engine.claims
        if (session_id, chosen) in self._engine.turns or claims.works:
            return  # whoever takes the chat for a turn finds out
        await claims.check((session_id, chosen))
        if await grows_elsewhere(partial(self._read, session_id), chosen):
            raise SessionBusy(session_id, chosen, elsewhere=True)

    async def _begin_again(self, session_id: str, chat_id: str | None) -> RunningTurn:
        await self._check_not_elsewhere(session_id, chat_id)
        async with self._activation(), self._edit(session_id) as document:
            chosen = self._chat_id(document, chat_id)
            async with self._taken(document, chosen) as current:
                return await self._ask_again(current, chosen)

    async def _ask_again(self, document: SessionDocument, chosen: str) -> RunningTurn:
        messages = self._messages(document, chosen)
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
            self._check_fits(document, chosen, 1)
        turn = self._new_turn(document, chosen, replaces=old)
        return await self._start(document, chosen, turn, [], verb="regenerate")
