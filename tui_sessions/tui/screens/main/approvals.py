"""Tool calls that wait for a person: the bar in the open chat, marks and notices for the others."""

from __future__ import annotations

import contextlib

from textual import on, work
from textual.worker import WorkerCancelled

from tui_sessions.model.events import ToolAsked
from tui_sessions.model.session import UNTITLED
from tui_sessions.tui.messages import EngineHappened
from tui_sessions.tui.screens.main.ground import Ground
from tui_sessions.tui.widgets.approval_bar import ApprovalBar
from tui_sessions.tui.widgets.key_line import key_name
from tui_sessions.tui.widgets.tool_names import draw_tool_name


class Approvals(Ground):
    """Brings the calls that wait to the person, and what the person says to the engine."""

    @work
    async def action_answer_tool(self) -> None:
        """Go to the call that waits: in the open chat, else in the one that waits longest."""
        waiting = self.calls.waiting_chats()
        if not waiting:
            self.say("No tool waits for an answer.")
            return
        key = self.shown_calls.open_key()
        if key not in waiting:
            with contextlib.suppress(WorkerCancelled):
                await self.load_chat(*waiting[0]).wait()
        self.panes.show_chat()
        self.shown_calls.show()
        self.approval_bar.take_focus()

    @on(ApprovalBar.Answered)
    def answer_call(self, event: ApprovalBar.Answered) -> None:
        """Tell the engine what the person said, and show the next call."""
        asked = event.asked
        self.calls.answered(asked, allowed=event.allow)
        self.shown_calls.show()
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

    @on(EngineHappened)
    def follow_asked(self, message: EngineHappened) -> None:
        """Tell of a call that waits where the person is not."""
        event = message.event
        if not isinstance(event, ToolAsked):
            return
        if (event.session_id, event.chat_id) != self.shown_calls.open_key():
            self._tell_asked(event)

    @work(group="notices")
    async def _tell_asked(self, event: ToolAsked) -> None:
        session = await self.manager.known_session(event.session_id)
        title = session.title if session else UNTITLED
        key = key_name(self.settings.keymap.get("app.answer_tool", "f9").split(",")[0])
        self.say(f"{title}: {draw_tool_name(event.tool).plain} waits for you · {key} answers")
