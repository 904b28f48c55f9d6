"""Child sessions from a chat: a checkpoint of it, and questions to other agents."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

import msgspec
from textual import on, work
from textual.worker import WorkerCancelled

from tui_sessions.errors import SessionsError
from tui_sessions.model.events import ChildCreated, ReplyEnd, ReplyStarted
from tui_sessions.model.message import Message
from tui_sessions.model.session import Session
from tui_sessions.tui.messages import EngineHappened
from tui_sessions.tui.screens.main.ground import Ground

if TYPE_CHECKING:
    from tui_sessions.tui.screens.ask_agent import AskedAgents

_ASK = "What do you say to this?"


class _Place(msgspec.Struct, frozen=True):
    """Where in a chat the question was asked."""

    session_id: str
    chat_id: str
    message: Message | None
    selection: str


class ChildVerbs(Ground):
    """Summarising a chat, and asking other agents about it."""

    @work(group="checkpoint")
    async def action_checkpoint(self) -> None:
        """Summarise the chat, so that the agent reads the summary instead of what came before."""
        session_id, chat_id = self.current.session_id, self.current.chat_id
        if session_id is None or chat_id is None:
            self.say("There is nothing to summarise here yet.")
            return
        place = (session_id, chat_id)
        self._mark_summarising(place, running=True)
        try:
            async with self.telling():
                await self._tell_summary(place, await self.manager.checkpoint(*place))
        finally:
            self.turns.stopped_summaries.discard(place)
            self._mark_summarising(place, running=False)

    def _mark_summarising(self, place: tuple[str, str], *, running: bool) -> None:
        self.summarising = self.summarising | {place} if running else self.summarising - {place}
        self.session_tree.set_running(*place, running or place in self.manager.running())
        self.refresh_status()

    async def _tell_summary(self, place: tuple[str, str], child: Session | None) -> None:
        if child is not None:
            self.say("The agent goes on from the summary; no message is lost.", title="Summarised")
            if (self.current.session_id, self.current.chat_id) == place:
                await self._show_summary()
        elif place in self.turns.stopped_summaries:
            self.say("The summary was stopped; nothing has changed.")
        else:
            self.say("There is nothing new to summarise.")

    async def _show_summary(self) -> None:
        """Show the summary from its beginning, unless the person reads further up."""
        at_end = self.transcript.at_end
        with contextlib.suppress(WorkerCancelled):
            await self.reload().wait()
        messages = self.transcript.chat.messages
        if at_end and messages:
            self.transcript.scroll_to_message(messages[-1].id)

    @on(EngineHappened)
    def follow_children(self, message: EngineHappened) -> None:
        """Keep the children's states true, and say so when a chat was summarised by itself."""
        event = message.event
        if isinstance(event, ReplyStarted | ReplyEnd) and event.session_id in self.child_states:
            self.refresh_inspector()
        if not isinstance(event, ChildCreated) or event.session.parent is None:
            return
        link = event.session.parent
        if link.session_id == self.current.session_id:
            self.refresh_inspector()
        asked_for = (link.session_id, link.chat_id or "") in self.summarising
        if link.kind == "checkpoint" and not asked_for:
            self.say("Summarised what was said before, to make room in the context.")

    @work
    async def action_ask_agent(self) -> None:
        """Ask other agents about the message under the cursor, a selection, or the whole chat."""
        from tui_sessions.tui.screens.ask_agent import AskAgentScreen

        await self.read_whole()
        place = self._place_of_question()
        if place is None:
            self.say("There is nothing to ask about yet.")
            return
        asked = await self.app.push_screen_wait(
            AskAgentScreen(self.templates_here().list(), _along(place))
        )
        if asked is not None:
            await self._ask(place, asked)

    def _place_of_question(self) -> _Place | None:
        session_id, chat_id = self.current.session_id, self.current.chat_id
        latest = reversed(self.transcript.chat.messages)
        last = next((m for m in latest if m.id != self.current.live_id), None)
        message = self.transcript.message_at_cursor()
        if message is not None and message.id == self.current.live_id:
            # What is still growing is no place yet: the question before it is.
            message = last
        selection = (self.get_selected_text() or "").strip()
        if session_id is None or chat_id is None or last is None:
            return None
        return _Place(session_id, chat_id, message, selection)

    async def _ask(self, place: _Place, asked: AskedAgents) -> None:
        """Start a child for each agent, all at once; each tells when it is done."""
        starting = [self._start_child(place, asked, name) for name in asked.templates]
        results = await asyncio.gather(*starting, return_exceptions=True)
        for name, result in zip(asked.templates, results, strict=True):
            if isinstance(result, SessionsError):
                self.say(f"{name} was not asked: {result}", severe=True)
            elif isinstance(result, BaseException):
                raise result
        started = [n for n, r in zip(asked.templates, results, strict=True) if r is None]
        if started:
            answer = "answers" if len(started) == 1 else "answer"
            self.say(f"{', '.join(started)} {answer} in the tree, below this session.")
        self.refresh_inspector()

    async def _start_child(self, place: _Place, asked: AskedAgents, template: str) -> None:
        whole = asked.along == "chat"
        child = await self.manager.spawn_child(
            place.session_id,
            _question(place, asked),
            template=template,
            context="chat" if whole else "none",
            chat_id=place.chat_id,
            at=place.message.id if place.message else None,
            label=f"{template}: {_subject(place, asked)}",
        )
        self.session_tree.update_session(child)


def _along(place: _Place) -> dict[str, str]:
    """What can go along, what is most likely meant first."""
    found = {}
    if place.selection:
        found["selection"] = f"the selection: {_short(place.selection)}"
    if place.message is not None and place.message.text:
        found["message"] = f"the message: {_short(place.message.text)}"
    found["chat"] = "the chat so far, up to the message under the cursor"
    return found


def _question(place: _Place, asked: AskedAgents) -> str:
    """What the agent reads last."""
    if asked.along == "chat":
        return asked.instruction or _ASK
    text = place.selection if asked.along == "selection" else ""
    text = text or (place.message.text if place.message else "")
    return "\n\n".join(part for part in (asked.instruction, text) if part)


def _subject(place: _Place, asked: AskedAgents) -> str:
    text = asked.instruction or place.selection or (place.message.text if place.message else "")
    return _short(text)


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 40 else f"{line[:39].rstrip()}…"
