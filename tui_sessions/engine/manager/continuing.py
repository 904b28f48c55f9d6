"""Going on with a reply that was cut off."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any

import msgspec

from tui_sessions.engine.documents.chats import chosen_chat, messages_of
from tui_sessions.engine.manager.room import Room
from tui_sessions.engine.turn.cut_off import cut_off
from tui_sessions.engine.turn.running_turn import RunningTurn
from tui_sessions.engine.turn.turn_host import Unfinished
from tui_sessions.errors import InvalidValue
from tui_sessions.model.changes import SetMessage
from tui_sessions.model.document import SessionDocument
from tui_sessions.model.events import ReplyEvent
from tui_sessions.model.message import Message, ToolCallPart

_VERB = "continue_reply"


class Continuing(Room):
    """What brings a turn to the end that it did not come to."""

    async def continue_reply(
        self, session_id: str, chat_id: str | None = None
    ) -> AsyncIterator[ReplyEvent]:
        """Go on with the last reply where it was cut off: by a crash, a stop, or a failure.

        The same message grows and becomes complete; what it had is not lost where that fails. A
        reply that ran into the model's limit can be gone on with too. Where the turn broke off
        among tool calls, those without a result are asked for again and run; a question that got no
        reply at all gets one.

        Yields:
            The same as `send`; offsets count from the length that the message has.

        Raises:
            InvalidValue: the chat's last reply is whole, or it has no question.
            SessionBusy: the chat is answering.
        """
        turn = await self._begin_continued(session_id, chat_id)
        async for event in turn.events():
            yield event

    async def _begin_continued(self, session_id: str, chat_id: str | None) -> RunningTurn:
        await self._busy.check_not_elsewhere(session_id, chat_id)
        async with self._limits.activation(), self._sessions.edit(session_id) as document:
            chosen = chosen_chat(document, chat_id)
            async with self._busy.taken(document, chosen) as current:
                return await self._go_on(current, chosen)

    async def _go_on(self, document: SessionDocument, chosen: str) -> RunningTurn:
        broken = cut_off(messages_of(document, chosen))
        if broken is None:
            raise InvalidValue(
                "chat",
                chosen,
                "a chat whose last reply was cut off",
                sentence="There is nothing to go on with: no reply at the end was cut off.",
            )
        if broken.reply is None:
            self._limits.check_fits(document, chosen, 1)
            turn = self._hosting.new_turn(document, chosen)
            return await self._beginnings.start(document, chosen, turn, [], verb=_VERB)
        if broken.runs_tools:
            return await self._begin_with_tools(document, chosen, broken.reply, broken.calls)
        turn = self._hosting.new_turn(document, chosen, continues=broken.reply)
        return await self._beginnings.start(document, chosen, turn, [], verb=_VERB)

    async def _begin_with_tools(
        self,
        document: SessionDocument,
        chat_id: str,
        reply: Message,
        calls: Sequence[ToolCallPart],
    ) -> RunningTurn:
        """Go on with the calls of a message, which is whole as far as it goes."""
        self._limits.check_fits(document, chat_id, len(calls) + 1)
        metadata = {k: v for k, v in reply.metadata.items() if k != "error_kind"}
        metadata["finish_reason"] = "tool_call"
        fields: dict[str, Any] = {"status": "complete", "error": None, "metadata": metadata}
        whole = msgspec.structs.replace(reply, **fields)
        turn = self._hosting.new_turn(document, chat_id, unfinished=Unfinished(whole, calls))
        change = SetMessage(chat=chat_id, message=reply.id, fields=fields)
        return await self._beginnings.start(document, chat_id, turn, [change], verb=_VERB)
