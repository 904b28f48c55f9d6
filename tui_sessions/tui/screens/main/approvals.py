"""Tool calls that wait for a person: the bar in the open chat, marks and notices for the others."""

from __future__ import annotations

import contextlib

from textual import on, work
from textual.worker import WorkerCancelled

from tui_sessions.model.events import ReplyEvent, ToolAsked
from tui_sessions.model.session import UNTITLED
from tui_sessions.tui.screens.main.areas import ChatArea
from tui_sessions.tui.screens.main.tool_verbs import ToolVerbs
from tui_sessions.tui.screens.main.turn_calls import ChatKey
from tui_sessions.tui.widgets.approval_bar import ApprovalBar
from tui_sessions.tui.widgets.key_line import key_name
from tui_sessions.tui.widgets.tool_names import draw_tool_name
from tui_sessions.tui.widgets.transcript import CallStates


class Approvals(ToolVerbs):
    """Brings the calls that wait to the person, and what the person says to the engine."""

    def follow_calls(self, event: ReplyEvent) -> None:
        """Take in what became of tool calls, and show it."""
        key = (event.session_id, event.chat_id)
        waited = bool(self.calls.waiting(key))
        self.calls.follow(event)
        waits = bool(self.calls.waiting(key))
        if waited != waits:
            self.session_tree.set_waiting(*key, waits)
            self.refresh_status()
        if key == self._open_key():
            self.show_calls()
        elif isinstance(event, ToolAsked):
            self._tell_asked(event)

    def show_calls(self) -> None:
        """Show how far the open chat's tool calls are, and which one waits."""
        key = self._open_key()
        # How far calls are in another window is not known, but that they are not lost.
        unknown: CallStates | None = {} if self.answered_elsewhere else None
        states = self.calls.states(key) if key else None
        self.transcript.follow_calls(unknown if states is None else states)
        waiting = self.calls.waiting(key) if key else ()
        if waiting:
            self.query_one(ChatArea).bring(self.approval_bar, lowest=True)
        self.approval_bar.show(waiting)

    def refresh_around(self) -> None:
        """Bring the tool calls up to what is open as well."""
        super().refresh_around()
        self.show_calls()

    def forget_calls(self, session_id: str) -> None:
        """Drop the calls of a session that is gone."""
        self.calls.forget_session(session_id)
        self.show_calls()
        self.refresh_status()

    @work
    async def action_answer_tool(self) -> None:
        """Go to the call that waits: in the open chat, else in the one that waits longest."""
        waiting = self.calls.waiting_chats()
        if not waiting:
            self.say("No tool waits for an answer.")
            return
        key = self._open_key()
        if key not in waiting:
            with contextlib.suppress(WorkerCancelled):
                await self._open_chat(*waiting[0]).wait()
        self.show_chat_pane()
        self.show_calls()
        self.approval_bar.take_focus()

    @on(ApprovalBar.Answered)
    def answer_call(self, event: ApprovalBar.Answered) -> None:
        """Tell the engine what the person said, and show the next call."""
        asked = event.asked
        self.calls.answered(asked, allowed=event.allow)
        self.show_calls()
        waits = bool(self.calls.waiting((asked.session_id, asked.chat_id)))
        self.session_tree.set_waiting(asked.session_id, asked.chat_id, waits)
        self.refresh_tabs()
        self.refresh_status()
        self._answer(event)

    @work(group="answer")
    async def _answer(self, event: ApprovalBar.Answered) -> None:
        asked = event.asked
        async with self.telling():
            waited = await self.manager.answer_tool_call(
                asked.session_id, asked.call.id, event.allow, for_session=event.for_session
            )
            if not waited:
                self.say("That call does not wait any more.")

    @on(ApprovalBar.Left)
    def return_to_chat(self) -> None:
        """Go on in the chat."""
        self.composer.focus()

    @work(group="notices")
    async def _tell_asked(self, event: ToolAsked) -> None:
        session = await self.manager.known_session(event.session_id)
        title = session.title if session else UNTITLED
        key = key_name(self.settings.keymap.get("app.answer_tool", "f9").split(",")[0])
        self.say(f"{title}: {draw_tool_name(event.tool).plain} waits for you · {key} answers")

    def _open_key(self) -> ChatKey | None:
        session_id, chat_id = self.current.session_id, self.current.chat_id
        return (session_id, chat_id) if session_id and chat_id else None
