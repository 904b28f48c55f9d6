"""What is done to messages: fork here, edit and resend, copy, delete."""

from __future__ import annotations

from typing import Any

from textual import on, work

from tui_sessions.errors import ReadOnlySession, SessionStateError
from tui_sessions.model.lifecycle import WRITABLE
from tui_sessions.model.message import Message
from tui_sessions.tui.screens.main.base import NO_CHAT, sentence_of
from tui_sessions.tui.screens.main.ground import Ground
from tui_sessions.tui.screens.main.turns import begin_turn
from tui_sessions.tui.widgets.composer import Composer

MessageJson = dict[str, Any]
"""A message as its file has it."""
_SAVE_LATER = "The chat is still answering: save again when the reply has come."


class MessageVerbs(Ground):
    """Verbs for the message under the cursor, and for the last one."""

    _code_place = 0
    _code_message: str | None = None

    @work
    async def action_fork_here(self) -> None:
        """Fork at the message under the cursor, and go to the fork."""
        if not await self.read_whole():
            return
        message = self._message_at_cursor()
        if message is not None and message.id == self.current.live_id:
            self.say("This reply is still being written: wait for it, or fork at a message above.")
        elif message is not None and self.current.session_id:
            await self.changes.fork(self.current.session_id, at=message.id)

    async def action_copy_message(self) -> None:
        """Copy the message under the cursor as it was written."""
        await self.read_whole()
        message = self._message_at_cursor()
        if message is not None:
            self._copy(message.text, "message")

    async def action_copy_last_reply(self) -> None:
        """Copy the last reply as it was written."""
        await self.read_whole()
        messages = self.transcript.chat.messages
        reply = next((m for m in reversed(messages) if m.role == "assistant" and m.text), None)
        if reply is None:
            self.say("There is no reply yet.")
        else:
            self._copy(reply.text, "last reply")

    async def action_copy_code(self) -> None:
        """Copy a code block of the message under the cursor; again for the next one."""
        await self.read_whole()
        blocks = self.transcript.code_blocks_at_cursor()
        message_id = self.transcript.cursor_message_id
        if not blocks:
            self.say("There is no code block in this message.")
            return
        if self._code_message != message_id:
            self._code_message, self._code_place = message_id, 0
        place = self._code_place % len(blocks)
        self._code_place = place + 1
        self._copy(blocks[place], f"code block {place + 1} of {len(blocks)}")

    def action_notices(self) -> None:
        """Show again what was told."""
        from tui_sessions.tui.screens.notices import NoticesScreen

        self.app.push_screen(NoticesScreen(self.notices.told))

    def action_copy_selection(self) -> None:
        """Copy what is selected with the mouse, else say how to quit."""
        selected = self.get_selected_text()
        if selected:
            self._copy(selected, "selection")
        else:
            self.say("ctrl+q quits.")

    def _copy(self, text: str, what: str) -> None:
        self.app.copy_to_clipboard(text)
        self.say(f"Copied the {what}")

    @work
    async def action_delete_message(self) -> None:
        """Delete the message under the cursor, at once; it can be taken back."""
        if not await self.read_whole():
            return
        message = self._message_at_cursor()
        session_id, chat_id = self.current.session_id, self.current.chat_id
        if message is None or session_id is None or chat_id is None:
            return
        async with self.telling():
            before = await self._chat_messages(session_id, chat_id)
            await self.manager.delete_message(session_id, message.id)
            self.transcript.remove_message(message.id)
            self.taking_back.remember(
                "Deleted a message",
                lambda: self._put_back(session_id, chat_id, before),
            )

    @work
    async def action_clear_history(self) -> None:
        """Take all messages out of the open chat; they can be brought back."""
        session_id, chat_id = self.current.session_id, self.current.chat_id
        if session_id is None or chat_id is None:
            self.say(NO_CHAT)
            return
        async with self.telling():
            before = await self._chat_messages(session_id, chat_id)
            if not before:
                self.say("There are no messages in this chat.")
                return
            await self.manager.clear_history(session_id, chat_id)
            self.reload()
            self.taking_back.remember(
                "Cleared the chat",
                lambda: self._put_back(session_id, chat_id, before),
            )

    async def action_regenerate(self) -> None:
        """Have the last question answered again; the old reply can be brought back."""
        session_id, chat_id = self.current.session_id, self.current.chat_id
        if session_id is None or chat_id is None:
            self.say("There is no question here yet.")
            return
        async with self.telling():
            before = await self._chat_messages(session_id, chat_id)
            await begin_turn(self.manager.regenerate(session_id, chat_id))
            live = self.manager.live_reply(session_id, chat_id)
            reply = live or (await self.manager.history(session_id, chat_id))[-1]
            if before[-1].get("role", "user") != "user":
                self.taking_back.remember(
                    "Regenerated the reply",
                    lambda: self._put_back(session_id, chat_id, before, without=reply.id),
                )

    async def action_continue_reply(self) -> None:
        """Go on with the last reply where it was cut off."""
        from tui_sessions.engine.turn.cut_off import cut_off

        if not await self.read_whole():
            return
        session_id, chat_id = self.current.session_id, self.current.chat_id
        if session_id is None or chat_id is None or not cut_off(self.transcript.chat.messages):
            self.say("The last reply here is not cut off.")
            return
        key = (session_id, chat_id)
        async with self.telling():
            self.continuing.add(key)
            try:
                await begin_turn(self.manager.continue_reply(session_id, chat_id))
            except BaseException:
                self.continuing.discard(key)
                raise

    async def _chat_messages(self, session_id: str, chat_id: str) -> list[MessageJson]:
        """A chat's messages as its file has them: an undo brings back all that is in them."""
        chat = await self.manager.chat_json(session_id, chat_id)
        return list(chat["messages"])

    async def _put_back(
        self,
        session_id: str,
        chat_id: str,
        before: list[MessageJson],
        *,
        without: str | None = None,
    ) -> None:
        """Bring taken-out messages back; what was said since follows them, but for one message."""
        known = {message["id"] for message in before} | {without}
        now = await self._chat_messages(session_id, chat_id)
        later = [message for message in now if message["id"] not in known]
        await self.manager.replace_history(session_id, chat_id, [*before, *later])
        if (self.current.session_id, self.current.chat_id) == (session_id, chat_id):
            self.reload()

    @work
    async def action_edit_message(self) -> None:
        """Edit the message under the cursor; a prompt is sent again."""
        if await self.read_whole():
            await self._edit(self._message_at_cursor())

    @on(Composer.EditLastRequested)
    @work
    async def edit_last(self) -> None:
        """Edit and send the last prompt again."""
        if not await self.read_whole():
            return
        latest = reversed(self.transcript.chat.messages)
        prompt = next((m for m in latest if m.role == "user" and not m.hidden), None)
        if prompt is None:
            self.say("There is no question here yet.")
        await self._edit(prompt)

    def _message_at_cursor(self) -> Message | None:
        """The message that a verb is about; the person is told when there is none."""
        message = self.transcript.message_at_cursor()
        if message is None:
            self.say("There is no message here yet.")
        return message

    def _is_refused(self, message: Message) -> bool:
        """Whether a message cannot be changed, nor sent again; the person is told why."""
        session = self.current.session
        if session is None or (session.state in WRITABLE and not session.read_only):
            return False
        later = self.transcript.chat.messages
        later = later[1 + next((i for i, m in enumerate(later) if m.id == message.id), 0) :]
        if message.role == "user" and any(one.text for one in later):
            return False  # it goes on in a fork
        state = SessionStateError(session.id, session.state.value, "edit_message")
        error = ReadOnlySession(session.id) if session.read_only else state
        self.say(sentence_of(error), severe=True)
        return True

    async def _edit(self, message: Message | None) -> None:
        from tui_sessions.tui.screens.editor import TextEditor

        session_id = self.current.session_id
        if message is None or session_id is None or self._is_refused(message):
            return
        title = "Edit and send again" if message.role == "user" else "Edit the message"
        key = (session_id, self.current.chat_id)

        def problem(_text: str) -> str | None:
            # A prompt can go on in a fork meanwhile; a reply is changed in its place.
            waits = message.role != "user" and key in (*self.manager.running(), *self.elsewhere)
            return _SAVE_LATER if waits else None

        editor = TextEditor(title, message.text, validate=problem)
        text = await self.app.push_screen_wait(editor)
        if text is None or not text.strip():
            return
        done = False
        async with self.telling():
            if message.role == "user":
                done = await self._resend(session_id, key[1] or "", message, text)
            else:
                await self.manager.edit_message(session_id, message.id, text)
                done = True
                self.reload()
                self.taking_back.remember(
                    "Edited a message",
                    lambda: self.manager.edit_message(session_id, message.id, message.content),
                )
        if not done:
            self._keep_edited(text)

    def _keep_edited(self, text: str) -> None:
        """Put into the composer what was written for a message that has gone meanwhile."""
        self.composer.draft = "\n\n".join(filter(None, [self.composer.draft, text]))
        self.drafting.keep()
        self.say("The message could not be changed; what you wrote is in the composer.")

    async def _resend(self, session_id: str, chat_id: str, message: Message, text: str) -> bool:
        """Send an edited prompt from where it stood; False where it is not there any more.

        What followed it stays where it is: the new line goes on in a fork. Only a prompt that
        nothing answers, nor is about to, is changed in its place.
        """
        history = await self.manager.history(session_id, chat_id)
        place = next((i for i, m in enumerate(history) if m.id == message.id), None)
        if place is None:
            return False
        replying = (session_id, chat_id) in (*self.manager.running(), *self.elsewhere)
        if replying or any(later.text for later in history[place + 1 :]):
            at = history[place - 1].id if place else None
            child = await self.manager.fork(session_id, chat_id=chat_id, at=at, detached=at is None)
            await begin_turn(self.manager.send(child.id, text))
            self.open_chat(child.id)
            self.say("The edited prompt goes on in a fork; esc, then ^ leads back.", title="Forked")
            return True
        await self.manager.edit_message(session_id, message.id, text)
        await begin_turn(self.manager.regenerate(session_id, chat_id))
        self.reload()
        return True
