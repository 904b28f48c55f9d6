"""What the engine tells of replies, brought to the transcript and the marks around it."""

from __future__ import annotations

import msgspec
from textual import on, work

from tui_sessions.model.events import (
    ReplyDelta,
    ReplyEnd,
    ReplyEvent,
    ReplyFailed,
    ReplyStarted,
    ReplyStep,
    ReplyStopped,
    ReplyWaiting,
    ToolDone,
)
from tui_sessions.model.message import Message
from tui_sessions.tui.messages import EngineHappened
from tui_sessions.tui.screens.main.base import sentence_of
from tui_sessions.tui.screens.main.chat_contents import before_last_reply, reply_length
from tui_sessions.tui.screens.main.ground import Ground
from tui_sessions.tui.widgets.transcript import has_open_calls, is_too_long


class ReplyFeed(Ground):
    """Keeps the replies true that are on their way, in the open chat and elsewhere."""

    @on(EngineHappened)
    def follow_replies(self, message: EngineHappened) -> None:
        """Follow what the engine tells of replies."""
        match message.event:
            case ReplyDelta() as event:
                self.follow_delta(event)
            case ReplyEvent() as event:
                self.follow_reply(event)

    def follow_delta(self, event: ReplyDelta) -> None:
        """Draw more of a reply, where it is to be seen."""
        opened = self.current
        if not self._is_open(event):
            return
        if opened.live_id != event.message_id and not self._begin_live(event):
            return
        text = event.text[max(opened.live_length - event.offset, 0) :]  # the rest is shown already
        if text:
            opened.live_length = event.offset + len(event.text)
            self.transcript.extend_reply(event.message_id, text, event.kind)

    def follow_reply(self, event: ReplyEvent) -> None:
        """Follow a turn from its beginning to its end."""
        match event:
            case ReplyStarted():
                self._start(event)
            case ReplyWaiting() if self._is_open(event):
                self._hold(event)
            case ReplyStep() if self._is_open(event):
                self._end_step(event)
            case ToolDone() if self._is_open(event):
                self._end_call(event)
            case ReplyEnd():
                self._end(event)
        self.shown_calls.follow(event)
        self.refresh_status()
        self.refresh_tabs()

    def _is_open(self, event: ReplyEvent) -> bool:
        opened = self.current
        return opened.session_id == event.session_id and opened.chat_id == event.chat_id

    def _start(self, event: ReplyStarted) -> None:
        key = (event.session_id, event.chat_id)
        self.session_tree.set_running(*key, True)
        if event.prompt is None and key not in self.continuing:
            self.regenerating[key] = event.message_id
        if self._is_open(event):
            self._begin_reply(event)

    def _begin_reply(self, event: ReplyStarted) -> None:
        """Show the question; the reply too, but one that is made again replaces the old later."""
        if self.answered_elsewhere:
            # The other window has ended its reply, which may not be shown yet.
            self.elsewhere -= {(event.session_id, event.chat_id)}
            self.reload()
            return
        shown = {message.id: message for message in self.transcript.chat.messages[-4:]}
        if (event.session_id, event.chat_id) in self.continuing:
            if event.message_id not in shown:
                self.reload()
            elif self.current.live_id != event.message_id:
                self._show_reply(shown[event.message_id])
            return
        if event.prompt is None:
            return
        if event.prompt.id not in shown:
            self.transcript.append(event.prompt)
        if event.message_id not in shown:
            self._show_reply(_empty(event))

    def _show_reply(self, message: Message) -> None:
        """Show a reply as growing, from what there is of it."""
        self.current.live_length, self.current.live_id = reply_length(message), message.id
        growing = msgspec.structs.replace(message, status="partial", error=None)
        self.transcript.begin_reply(growing)
        self.refresh_status()

    def _begin_live(self, event: ReplyDelta | ReplyStep) -> bool:
        """Make place for a reply that nothing is shown of yet; False where it is over already."""
        chat = self.transcript.chat
        shown = chat.place_of(event.message_id) is not None
        if shown and event.message_id not in chat.growing:
            return False
        if self.regenerating.get((event.session_id, event.chat_id)) == event.message_id:
            self._replace_last_reply(event)
        elif not shown:
            self._show_reply(_empty(event))
        return True

    def _replace_last_reply(self, event: ReplyEvent) -> None:
        """Put a reply where the last one was."""
        messages = self.transcript.chat.messages
        for old in [*messages[before_last_reply(messages) :]]:
            self.transcript.remove_message(old.id)
        self._show_reply(_empty(event))

    def _hold(self, event: ReplyWaiting) -> None:
        """Say what a reply waits for; below the old one, where that is to be replaced."""
        if self.transcript.chat.place_of(event.message_id) is None:
            if self.regenerating.get((event.session_id, event.chat_id)) == event.message_id:
                self.transcript.begin_reply(_empty(event))
            else:
                self._show_reply(_empty(event))
        self.transcript.hold_reply(event.message_id, event.until, event.reason)

    def _end_step(self, event: ReplyStep) -> None:
        """Show a message as complete whose tool calls come next."""
        if self.current.live_id != event.message_id:
            self._begin_live(event)
        self.transcript.end_reply(event.message)
        self.current.live_length, self.current.live_id = 0, None

    def _end_call(self, event: ToolDone) -> None:
        """Show what a tool gave back, and after the last one the reply that comes next."""
        self.transcript.replace(event.message)
        if has_open_calls(self.transcript.chat.messages):
            return
        live = self.manager.live_reply(event.session_id, event.chat_id)
        if live is not None and self.transcript.chat.place_of(live.id) is None:
            self._show_reply(live)

    def _end(self, event: ReplyEnd) -> None:
        key = (event.session_id, event.chat_id)
        self.session_tree.set_running(*key, False)
        again = self.regenerating.pop(key, None) == event.message_id
        self.continuing.discard(key)
        if self._is_open(event):
            self._end_reply(event, again=again)
        else:
            self._tell_unseen(event)

    def _end_reply(self, event: ReplyEnd, *, again: bool) -> None:
        if not again or self.current.live_id == event.message_id:
            self.transcript.end_reply(event.message)
        else:
            self.reload()
        self.current.live_id = None
        if isinstance(event, ReplyFailed):
            self.say(f"{sentence_of(event.error)}{self._way_out(event.message)}", severe=True)
        self.refresh_inspector()

    def _way_out(self, message: Message) -> str:
        """The keys that help where a chat is longer than its model can read."""
        if not is_too_long(message):
            return ""
        keys = self.transcript.chat.setting.keys
        return (
            f" In the transcript {keys.summary} makes a checkpoint; "
            f"{keys.agent} chooses another model."
        )

    @work(group="notices")
    async def _tell_unseen(self, event: ReplyEnd) -> None:
        """Mark a reply that ended where the person is not."""
        session = await self.manager.known_session(event.session_id)
        if session is None or isinstance(event, ReplyStopped):
            return
        self.unread.add((event.session_id, event.chat_id), temporary=session.temporary)
        self.session_tree.set_unread(event.session_id, event.chat_id, True)
        self.unread_keeping.keep()
        failed = isinstance(event, ReplyFailed)
        if failed or self.settings.app.notify_done:
            what = "failed" if failed else "is done"
            self.say(f"The reply in {session.title} {what}.", severe=failed)


def _empty(event: ReplyEvent) -> Message:
    return Message(id=event.message_id, role="assistant", status="partial")
